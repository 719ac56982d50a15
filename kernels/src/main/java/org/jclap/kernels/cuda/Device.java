package org.jclap.kernels.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static org.jclap.kernels.cuda.CudaException.check;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** The first device of this machine and its primary context, which every thread that calls the driver makes its own. */
final class Device implements AutoCloseable {
    /** PTX 8.5, in which kernels are committed, came with CUDA 12.5. */
    private static final int OLDEST_DRIVER = 12050;

    private static final int OLDEST_COMPUTE = 75;

    private final CUdevice device;
    private final CUcontext context = new CUcontext();
    private final ThreadLocal<Boolean> current = ThreadLocal.withInitial(() -> false);

    private Device(CUdevice device) {
        this.device = device;
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        makeCurrent();
    }

    /** Why no device can be used, and what to do about it; null when one can. */
    static @Nullable String obstacle() {
        String missing = Natives.load(Natives.Library.DRIVER);
        if (missing != null) {
            return "no NVIDIA driver was found (%s); install driver 555 or newer, '%s' shows it"
                    .formatted(missing, "nvidia-smi");
        }
        Natives.initialiseDriver();
        int status = JCudaDriver.cuInit(0);
        if (status != CUresult.CUDA_SUCCESS) {
            return "the NVIDIA driver finds no device it can use: %s; does 'nvidia-smi' list one?"
                    .formatted(CudaException.explain(status));
        }
        int driver = driverVersion();
        if (driver < OLDEST_DRIVER) {
            return "the NVIDIA driver is for CUDA %s, needed is %s: install driver 555 or newer"
                    .formatted(version(driver), version(OLDEST_DRIVER));
        }
        int[] count = {0};
        check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        if (count[0] == 0) {
            return "the NVIDIA driver is there, but no device";
        }
        int compute = compute(first());
        return compute >= OLDEST_COMPUTE
                ? null
                : "the device has compute capability %d.%d, needed is %d.%d (Turing) or newer"
                        .formatted(compute / 10, compute % 10, OLDEST_COMPUTE / 10, OLDEST_COMPUTE % 10);
    }

    /** Opens the first device; there must be no {@link #obstacle}. */
    static Device open() {
        return new Device(first());
    }

    private static CUdevice first() {
        CUdevice device = new CUdevice();
        check(JCudaDriver.cuDeviceGet(device, 0), "cuDeviceGet");
        return device;
    }

    /** Makes the context that of the calling thread, once. */
    void makeCurrent() {
        if (!current.get()) {
            check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
            current.set(true);
        }
    }

    /** The compute capability times 10. */
    int compute() {
        return compute(device);
    }

    private static int compute(CUdevice device) {
        return 10 * attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = {0};
        check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
        return value[0];
    }

    /** The name by which the driver knows it. */
    String name() {
        byte[] name = new byte[256];
        check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    /** Bytes that are free, and all there are. */
    record Memory(long free, long total) {}

    /** The memory of the device as every process on it sees it. */
    Memory memory() {
        long[] free = {0};
        long[] total = {0};
        check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
        return new Memory(free[0], total[0]);
    }

    /** One line: name, generation, size, driver. */
    String description() {
        return "%s, compute capability %d.%d, %d multiprocessors, %.1f GiB, driver for CUDA %s"
                .formatted(
                        name(),
                        compute() / 10,
                        compute() % 10,
                        attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                        memory().total() / 0x1p30,
                        version(driverVersion()));
    }

    private static int driverVersion() {
        int[] version = {0};
        check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
        return version[0];
    }

    private static String version(int number) {
        return "%d.%d".formatted(number / 1000, number % 1000 / 10);
    }

    @Override
    public void close() {
        check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
    }
}
