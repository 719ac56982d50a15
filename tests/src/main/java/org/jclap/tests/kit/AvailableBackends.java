package org.jclap.tests.kit;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Backends.Candidate;
import org.junit.jupiter.api.Named;

/** The backends that can run on this machine. */
public final class AvailableBackends {
    /** More than one, and no divisor of usual sizes. */
    private static final int THREADS = 3;

    private AvailableBackends() {}

    /** Those that can run here, best first, the reference last. */
    public static List<BackendProvider> providers() {
        return Backends.candidates().stream()
                .filter(candidate -> candidate.obstacle() == null)
                .map(Candidate::provider)
                .toList();
    }

    /** Opens each of them under its name; parameterised tests take this as their source and close what they were given. */
    public static Stream<Named<Backend>> open() {
        return providers().stream().map(provider -> Named.of(provider.name(), provider.open(THREADS)));
    }
}
