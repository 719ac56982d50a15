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
import org.jclap.tensor.BackendProvider.Component;

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

    /** The driver, as this machine has it. */
    static Component driver() {
        String missing = Natives.load(Natives.Library.DRIVER);
        if (missing != null) {
            return new Component("driver", "no NVIDIA driver was found (%s)".formatted(missing), Remedies.driver());
        }
        Natives.initialiseDriver();
        int status = JCudaDriver.cuInit(0);
        if (status != CUresult.CUDA_SUCCESS) {
            return new Component(
                    "driver",
                    "the NVIDIA driver cannot use this machine: " + CudaException.explain(status),
                    Remedies.start(status));
        }
        int driver = driverVersion();
        return driver >= OLDEST_DRIVER
                ? new Component("driver", "for CUDA " + version(driver), null)
                : new Component(
                        "driver",
                        "the NVIDIA driver is too old: it is for CUDA %s, needed is %s"
                                .formatted(version(driver), version(OLDEST_DRIVER)),
                        Remedies.driver());
    }

    /** The first device; there must be nothing wrong with the {@link #driver}. */
    static Component device() {
        int[] count = {0};
        check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        if (count[0] == 0) {
            return new Component("device", "the NVIDIA driver is there, but no device", Remedies.device());
        }
        CUdevice device = first();
        int compute = compute(device);
        String found = "%s, compute capability %d.%d".formatted(name(device), compute / 10, compute % 10);
        return compute >= OLDEST_COMPUTE
                ? new Component("device", found, null)
                : new Component(
                        "device",
                        "the device is too old: %s, needed is %d.%d (Turing) or newer"
                                .formatted(found, OLDEST_COMPUTE / 10, OLDEST_COMPUTE % 10),
                        Remedies.otherBackend());
    }

    /** Opens the first device; there must be nothing wrong with it. */
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
        return name(device);
    }

    private static String name(CUdevice device) {
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
