package org.jclap.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.UserException;
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
        return required().stream()
                .filter(component -> component.remedy() != null)
                .map(component -> component.state() + "; " + component.remedy())
                .findFirst()
                .orElse(null);
    }

    /** What there has to be: the driver, and where that works, the device. */
    private static List<Component> required() {
        Component driver = Device.driver();
        return driver.remedy() == null ? List.of(driver, Device.device()) : List.of(driver);
    }

    @Override
    public List<Component> components() {
        List<Component> components = new ArrayList<>(required());
        components.add(library("cuBLAS", Cublas.obstacle(), Cublas::version));
        components.add(library("cuDNN", Cudnn.obstacle(), Cudnn::version));
        components.add(library("NVRTC", Nvrtc.obstacle(), Nvrtc::version));
        return List.copyOf(components);
    }

    private static Component library(String name, @Nullable String obstacle, Supplier<String> version) {
        return obstacle == null
                ? new Component(name, version.get(), null)
                : new Component(name, obstacle, Remedies.libraries());
    }

    /**
     * Opens the first device; CPU threads do not matter.
     *
     * @throws UserException when the driver refuses, as it does when other programs have all of the device
     */
    @Override
    public Backend open(int threads) {
        try {
            return new CudaBackend(CudaOptions.fromProperties());
        } catch (CudaException e) {
            throw new UserException(
                    "the CUDA device cannot be opened: %s; 'nvidia-smi' lists the programs that use it"
                            .formatted(e.getMessage()),
                    e);
        }
    }
}
