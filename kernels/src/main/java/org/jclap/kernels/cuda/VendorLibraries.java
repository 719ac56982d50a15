package org.jclap.kernels.cuda;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's libraries, as far as they are wanted and there. One that cannot be used, or that fails when it is opened, is left
 * out: our own kernels compute everything.
 */
final class VendorLibraries implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(VendorLibraries.class.getName());

    private final boolean wanted;
    private final @Nullable Cublas cublas;
    private final @Nullable Cudnn cudnn;

    VendorLibraries(CudaOptions options, Device device, CudaStream stream, DeviceMemory memory, LayoutOps layouts) {
        wanted = options.vendorLibraries();
        cublas = open("cuBLAS", Cublas::obstacle, () -> new Cublas(stream, options.tf32(), device.compute()));
        cudnn = open(
                "cuDNN",
                Cudnn::obstacle,
                () -> new Cudnn(
                        stream, memory, layouts, options, device.memory().total()));
    }

    private <T> @Nullable T open(String name, Supplier<@Nullable String> obstacle, Supplier<T> library) {
        if (!wanted) {
            return null;
        }
        String missing = obstacle.get();
        if (missing != null) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0} is not used, jclap''s kernels are: {1}; {2}",
                    name,
                    missing,
                    Remedies.libraries());
            return null;
        }
        try {
            return library.get();
        } catch (CudaException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} is not used, jclap''s kernels are: {1}", name, e.getMessage());
            return null;
        }
    }

    /** For matrix products; null where ours compute them. */
    @Nullable
    Cublas cublas() {
        return cublas;
    }

    /** For convolutions; null where ours compute them. */
    @Nullable
    Cudnn cudnn() {
        return cudnn;
    }

    /** What computes matrix products and convolutions. */
    String description() {
        if (cublas == null && cudnn == null) {
            return wanted ? "own kernels only, as neither cuBLAS nor cuDNN can be used" : "own kernels only";
        }
        return (cublas == null ? "own matrix products" : "cuBLAS " + Cublas.version())
                + (cudnn == null ? ", own convolutions" : ", cuDNN " + Cudnn.version());
    }

    @Override
    public void close() {
        try {
            if (cudnn != null) {
                cudnn.close();
            }
        } finally {
            if (cublas != null) {
                cublas.close();
            }
        }
    }
}
