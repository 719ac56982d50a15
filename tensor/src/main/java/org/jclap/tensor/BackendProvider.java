package org.jclap.tensor;

import java.util.List;
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

    /** What of this machine it builds on, found or missing: for {@code doctor}. */
    default List<Component> components() {
        return List.of();
    }

    /**
     * A driver, a device or a library.
     *
     * @param name what it is
     * @param state what was found, or what is wrong
     * @param remedy the command or step that sets it right; null when nothing is wrong
     */
    record Component(String name, String state, @Nullable String remedy) {}

    /** Opens the backend with a number of CPU threads (where that matters). */
    Backend open(int threads);
}
