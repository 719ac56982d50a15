package org.jclap.tests.kit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A test that is given every backend of this machine in turn, opened, and closed after it. The build runs it once more on
 * the emulated CUDA device, with everything else that is tagged {@code backend}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@MethodSource("org.jclap.tests.kit.AvailableBackends#open")
@Tag("backend")
public @interface EveryBackend {}
