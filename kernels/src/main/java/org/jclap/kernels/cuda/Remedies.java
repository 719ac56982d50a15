package org.jclap.kernels.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.driver.CUresult;

/** What a user can do about what is missing: one command where there is one. */
final class Remedies {
    private static final Path SYSTEM = Path.of("/etc/os-release");
    private static final Path CONTAINER = Path.of("/.dockerenv");

    private Remedies() {}

    /** For a driver that is absent or too old; in a container it is that of the host. */
    static String driver() {
        if (Files.exists(CONTAINER)) {
            return "start the container with 'docker run --gpus all', on a host with driver 555 or newer";
        }
        return isUbuntu()
                ? "'sudo apt install nvidia-driver-570', then restart"
                : "install driver 555 or newer from https://www.nvidia.com/drivers, then restart";
    }

    private static boolean isUbuntu() {
        try {
            return Files.readAllLines(SYSTEM).contains("ID=ubuntu");
        } catch (IOException _) {
            return false;
        }
    }

    /** For a driver that does not start. */
    static String start(int status) {
        return switch (status) {
            case CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH ->
                "'sudo reboot', as the kernel still runs another version of the driver";
            case CUresult.CUDA_ERROR_SYSTEM_NOT_READY ->
                "'sudo systemctl start nvidia-fabricmanager', without which machines with NVSwitch do not start";
            case CUresult.CUDA_ERROR_STUB_LIBRARY, CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE ->
                "take the toolkit's 'stubs' and 'compat' folders out of LD_LIBRARY_PATH: they hide the driver";
            default -> device();
        };
    }

    /** For a device that is not seen. */
    static String device() {
        return "'nvidia-smi' shows what the driver sees; CUDA_VISIBLE_DEVICES may hide devices";
    }

    /** For a device that will not do. */
    static String otherBackend() {
        return "'--device vector' computes on the processor";
    }

    /** For cuBLAS, cuDNN and NVRTC, which come together. */
    static String libraries() {
        return "'./mvnw -Pcuda-redist -pl kernels -am process-classes' brings them all (2 GB, once)";
    }
}
