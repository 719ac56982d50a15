package org.jclap.tensor;

import org.jspecify.annotations.Nullable;

/** A backend that may run on this machine; found with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /** The name by which a user asks for it. */
    String name();

    /** Preference: among those that can run, the highest wins. */
    int rank();

    /** Why it cannot run here and what to do about it; null when it can. */
    @Nullable
    String obstacle();

    /** Opens the backend with a number of CPU threads (where that matters). */
    Backend open(int threads);
}
