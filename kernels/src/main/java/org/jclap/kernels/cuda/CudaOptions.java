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
 * @param tf32 {@code jclap.cuda.tf32}: whether factors of F32 products may be rounded to TF32, with 10 bits of mantissa
 * @param deterministic {@code jclap.cuda.deterministic}: whether cuDNN is held to algorithms that give the same bits in each
 *     run. Everything else does so anyway: our kernels sum in a fixed order, and cuBLAS has one stream, a workspace of its
 *     own and no atomics
 * @param graphs {@code jclap.cuda.graph}: whether work can be captured as a graph
 * @param tile {@code jclap.cuda.tile}: rows and columns of the logits that the contrastive loss holds at once, 2048 unless told
 */
record CudaOptions(
        boolean synchronous,
        long memoryLimit,
        boolean vendorLibraries,
        boolean tf32,
        boolean deterministic,
        boolean graphs,
        int tile) {
    /** Three matrices of this size stay in the cache of a large device. */
    private static final int TILE = 2048;
    /** A tile is a tensor, whose elements are counted by an int. */
    private static final int MAX_TILE = 32_768;

    /** What the system properties say. */
    static CudaOptions fromProperties() {
        return new CudaOptions(
                Boolean.getBoolean("jclap.cuda.sync"),
                bytes("jclap.cuda.memory"),
                !System.getProperty("jclap.cuda.vendor", "true").equals("false"),
                Boolean.getBoolean("jclap.cuda.tf32"),
                Boolean.getBoolean("jclap.cuda.deterministic"),
                !System.getProperty("jclap.cuda.graph", "true").equals("false"),
                tile("jclap.cuda.tile"));
    }

    /** {@code jclap.cuda.libraries}: a folder with the driver and the libraries to use in place of the machine's. */
    static @Nullable Path libraries() {
        String folder = System.getProperty("jclap.cuda.libraries");
        return folder == null ? null : Path.of(folder).toAbsolutePath();
    }

    private static int tile(String property) {
        int tile = Integer.getInteger(property, TILE);
        if (tile < 1 || tile > MAX_TILE) {
            throw new UserException("%s=%d: expected 1 to %d".formatted(property, tile, MAX_TILE));
        }
        return tile;
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
