package org.jclap.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a backend, and says why. Preference is by rank ({@code cuda}, {@code vector}, {@code reference}); each one that
 * was passed over is logged with its reason and remedy. A backend that was asked for by name and cannot run is an error,
 * never a silent fallback; left to choose, jclap takes the next one, and says so.
 */
public final class Backends {
    /** Lets jclap choose. */
    public static final String AUTO = "auto";

    private static final System.Logger LOG = System.getLogger(Backends.class.getName());

    private Backends() {}

    /** One backend as this machine sees it: why it cannot run, or null when it can. */
    public record Candidate(
            BackendProvider provider, @Nullable String obstacle) {}

    /** Every backend on the class path, best first. */
    public static List<Candidate> candidates() {
        List<Candidate> found = new ArrayList<>();
        for (BackendProvider provider : ServiceLoader.load(BackendProvider.class)) {
            found.add(new Candidate(provider, provider.obstacle()));
        }
        found.sort(Comparator.comparingInt((Candidate c) -> c.provider().rank()).reversed());
        return found;
    }

    /**
     * Opens the backend of this name, or the best one for {@link #AUTO}.
     *
     * @throws UserException when the name is unknown or that backend cannot run here
     */
    public static Backend open(String name, int threads) {
        List<Candidate> candidates = candidates();
        return name.equals(AUTO) ? openBest(candidates, threads) : openNamed(candidates, name, threads);
    }

    private static Backend openBest(List<Candidate> candidates, int threads) {
        for (Candidate candidate : candidates) {
            String backend = candidate.provider().name();
            if (candidate.obstacle() != null) {
                LOG.log(System.Logger.Level.INFO, "backend {0} is not used: {1}", backend, candidate.obstacle());
                continue;
            }
            try {
                return candidate.provider().open(threads);
            } catch (UserException e) {
                LOG.log(System.Logger.Level.WARNING, "backend {0} is not used: {1}", backend, e.getMessage());
            }
        }
        throw new UserException("no backend can run on this machine; see the reasons above");
    }

    private static Backend openNamed(List<Candidate> candidates, String name, int threads) {
        for (Candidate candidate : candidates) {
            if (candidate.provider().name().equals(name)) {
                if (candidate.obstacle() != null) {
                    throw new UserException("backend %s cannot run: %s".formatted(name, candidate.obstacle()));
                }
                return candidate.provider().open(threads);
            }
        }
        String known = candidates.stream().map(c -> c.provider().name()).collect(Collectors.joining(", "));
        throw new UserException("unknown backend '%s': choose one of auto, %s".formatted(name, known));
    }
}
