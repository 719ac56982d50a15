package org.jclap.kernels.vector;

import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jspecify.annotations.Nullable;

/** Offers the {@link VectorBackend} where the Java machine was started with the Vector API. */
public final class VectorProvider implements BackendProvider {
    private static final String MODULE = "jdk.incubator.vector";
    private static final System.Logger LOG = System.getLogger(VectorProvider.class.getName());

    @Override
    public String name() {
        return "vector";
    }

    /** After GPUs, before the reference. */
    @Override
    public int rank() {
        return 10;
    }

    /** Looks for the module by name: no class of the Vector API may be touched before it is known to be there. */
    @Override
    public @Nullable String obstacle() {
        return ModuleLayer.boot().findModule(MODULE).isPresent()
                ? null
                : "the module %s is absent; start java with --add-modules %s (./jclap does)".formatted(MODULE, MODULE);
    }

    /** Opens the backend with this many threads; 0 or less stands for one per processor. */
    @Override
    public Backend open(int threads) {
        Backend backend =
                new VectorBackend(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
        LOG.log(System.Logger.Level.DEBUG, "opened the vector backend: {0}", backend.description());
        return backend;
    }
}
