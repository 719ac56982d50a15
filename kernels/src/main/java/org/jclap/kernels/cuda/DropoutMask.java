package org.jclap.kernels.cuda;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which elements of a random stream are dropped: the struct {@code DropoutMask} of {@code philox.cuh}.
 *
 * @param random seed and step, or null where nothing is dropped
 */
record DropoutMask(float rate, int stream, @Nullable Tensor random) {
    /** The mask of an op whose last input is the random state if, and only if, its rate is positive. */
    static DropoutMask ofLast(float rate, int stream, List<Tensor> inputs) {
        return new DropoutMask(rate, stream, rate > 0 ? inputs.getLast() : null);
    }

    /** The fields of the struct, in order, the address as two of them. */
    int[] struct() {
        long address = random == null ? 0 : CudaStorage.address(random);
        // uniform < rate, in units of 2^-24: both sides are exact.
        int threshold = (int) Math.ceil(rate * 0x1p24);
        float scale = (float) (1 / (1 - (double) rate));
        return new int[] {(int) address, (int) (address >>> 32), stream, threshold, Float.floatToRawIntBits(scale), 0};
    }
}
