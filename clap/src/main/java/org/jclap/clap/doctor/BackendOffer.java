package org.jclap.clap.doctor;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.BackendProvider;
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
 * @param components what of this machine it builds on, found or missing
 */
public record BackendOffer(
        String name,
        @Nullable String description,
        @Nullable String obstacle,
        boolean chosen,
        List<BackendProvider.Component> components) {

    /** Every backend, best first, opened and closed again; the first that can run is the one that jclap chooses. */
    public static List<BackendOffer> all() {
        List<BackendOffer> offers = new ArrayList<>();
        var free = true;
        for (var candidate : Backends.candidates()) {
            var offer =
                    candidate.obstacle() == null ? opened(candidate, free) : refused(candidate, candidate.obstacle());
            free &= !offer.chosen;
            offers.add(offer);
        }
        return List.copyOf(offers);
    }

    private static BackendOffer opened(Backends.Candidate candidate, boolean chosen) {
        var provider = candidate.provider();
        var name = provider.name();
        try (var backend = provider.open(Runtime.getRuntime().availableProcessors())) {
            return new BackendOffer(name, backend.description(), null, chosen, provider.components());
        } catch (UserException e) {
            return refused(candidate, String.valueOf(e.getMessage()));
        }
    }

    private static BackendOffer refused(Backends.Candidate candidate, String obstacle) {
        var provider = candidate.provider();
        return new BackendOffer(provider.name(), null, obstacle, false, provider.components());
    }
}
