package org.jclap.tests.kit;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Backends.Candidate;
import org.jclap.tests.emulator.EmulatedDriver;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Named;

/** The backends that can run on this machine; with {@code -Djclap.test.emulated=true}, CUDA on the emulated device alone. */
public final class AvailableBackends {
    /** More than one, and no divisor of usual sizes. */
    private static final int THREADS = 3;

    private static final boolean EMULATED = Boolean.getBoolean("jclap.test.emulated");

    private AvailableBackends() {}

    /** Those that can run here, best first, the reference last. */
    public static List<BackendProvider> providers() {
        if (EMULATED) {
            Assumptions.assumeTrue(
                    EmulatedDriver.isAvailable(), "the emulated device is built with g++, which is absent");
            EmulatedDriver.start();
        }
        return Backends.candidates().stream()
                .filter(candidate -> candidate.obstacle() == null)
                .map(Candidate::provider)
                .filter(provider -> !EMULATED || provider.name().equals("cuda"))
                .toList();
    }

    /** Opens each of them under its name, see {@link EveryBackend}. */
    public static Stream<Named<Backend>> open() {
        return providers().stream().map(provider -> Named.of(provider.name(), provider.open(THREADS)));
    }
}
