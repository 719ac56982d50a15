package org.jclap.tensor.reference;

import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jspecify.annotations.Nullable;

/** Offers the {@link ReferenceBackend}: it runs everywhere, and comes last because it is slow. */
public final class ReferenceProvider implements BackendProvider {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public @Nullable String obstacle() {
        return null;
    }

    @Override
    public Backend open(int threads) {
        return new ReferenceBackend();
    }
}
