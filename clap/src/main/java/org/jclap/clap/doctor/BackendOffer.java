package org.jclap.clap.doctor;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Backends;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A backend as this machine sees it.
 *
 * @param name by which a user asks for it
 * @param description what it would compute with; null when it cannot run
 * @param obstacle why it cannot run and what to do about it; null when it can
 * @param chosen whether jclap takes it when left to choose
 */
public record BackendOffer(
        String name, @Nullable String description, @Nullable String obstacle, boolean chosen) {

    /** Every backend, best first, opened and closed again; the first that can run is the one that jclap chooses. */
    public static List<BackendOffer> all() {
        List<BackendOffer> offers = new ArrayList<>();
        var free = true;
        for (var candidate : Backends.candidates()) {
            var offer = candidate.obstacle() == null
                    ? opened(candidate, free)
                    : new BackendOffer(candidate.provider().name(), null, candidate.obstacle(), false);
            free &= candidate.obstacle() != null;
            offers.add(offer);
        }
        return List.copyOf(offers);
    }

    private static BackendOffer opened(Backends.Candidate candidate, boolean chosen) {
        var name = candidate.provider().name();
        try (var backend = candidate.provider().open(Runtime.getRuntime().availableProcessors())) {
            return new BackendOffer(name, backend.description(), null, chosen);
        } catch (UserException e) {
            return new BackendOffer(name, null, "it cannot be opened: " + e.getMessage(), chosen);
        }
    }
}
