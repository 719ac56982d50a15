package org.jclap.kernels.cuda;

import java.nio.file.Path;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * How the device is used; each can be given as a system property.
 *
 * @param synchronous {@code jclap.cuda.sync}: wait after each op, so that an error appears at the op that caused it
 * @param memoryLimit {@code jclap.cuda.memory}: bytes that tensors may take, 0 for all there is
 * @param vendorLibraries {@code jclap.cuda.vendor}: whether NVIDIA's libraries compute what they can, where they are there
 */
record CudaOptions(boolean synchronous, long memoryLimit, boolean vendorLibraries) {
    /** What the system properties say. */
    static CudaOptions fromProperties() {
        return new CudaOptions(
                Boolean.getBoolean("jclap.cuda.sync"),
                bytes("jclap.cuda.memory"),
                !System.getProperty("jclap.cuda.vendor", "true").equals("false"));
    }

    /** {@code jclap.cuda.libraries}: a folder with the driver and the libraries to use in place of the machine's. */
    static @Nullable Path libraries() {
        String folder = System.getProperty("jclap.cuda.libraries");
        return folder == null ? null : Path.of(folder).toAbsolutePath();
    }

    private static long bytes(String property) {
        String value = System.getProperty(property, "0");
        try {
            return Math.multiplyExact(
                    Long.parseLong(value.replaceAll("[gG]$", "")), value.matches(".*[gG]") ? 1L << 30 : 1);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new UserException("%s=%s: expected bytes, or gigabytes as in 8g".formatted(property, value), e);
        }
    }
}
