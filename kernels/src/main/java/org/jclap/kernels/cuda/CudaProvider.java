package org.jclap.kernels.cuda;

import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jspecify.annotations.Nullable;

/** Offers the {@link CudaBackend} where there is a driver and a device for it. */
public final class CudaProvider implements BackendProvider {
    @Override
    public String name() {
        return "cuda";
    }

    /** Before every backend that computes on the host. */
    @Override
    public int rank() {
        return 20;
    }

    @Override
    public @Nullable String obstacle() {
        return Device.obstacle();
    }

    /** Opens the first device; CPU threads do not matter. */
    @Override
    public Backend open(int threads) {
        return new CudaBackend(CudaOptions.fromProperties());
    }
}
