package org.jclap.kernels.vector;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Half;

/**
 * Conversions between F32 and the two halves. The loops are plain: C2 turns them into vector instructions by itself, and
 * where the machine lacks float16 conversions they still work.
 */
final class CastKernel {
    private CastKernel() {}

    /** Whether {@link #cast} can do it. */
    static boolean handles(DType from, DType to) {
        return (from == DType.F32 && isHalf(to)) || (isHalf(from) && to == DType.F32);
    }

    private static boolean isHalf(DType type) {
        return type == DType.F16 || type == DType.BF16;
    }

    /** {@code y[i] = x[i]}, rounded to nearest, ties to even. */
    static void cast(Workers workers, Tensor x, Tensor y) {
        int xo = x.offset();
        int yo = y.offset();
        workers.parallelRanges(x.size(), Rows.task(x.size()), (from, to) -> {
            if (x.dtype() == DType.F16) {
                fromFloat16(x.host().shorts(), xo + from, y.host().floats(), yo + from, to - from);
            } else if (x.dtype() == DType.BF16) {
                fromBfloat16(x.host().shorts(), xo + from, y.host().floats(), yo + from, to - from);
            } else if (y.dtype() == DType.F16) {
                toFloat16(x.host().floats(), xo + from, y.host().shorts(), yo + from, to - from);
            } else {
                toBfloat16(x.host().floats(), xo + from, y.host().shorts(), yo + from, to - from);
            }
        });
    }

    private static void fromFloat16(short[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Float.float16ToFloat(x[xo + i]);
        }
    }

    private static void fromBfloat16(short[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Half.bfloat16ToFloat(x[xo + i]);
        }
    }

    private static void toFloat16(float[] x, int xo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Float.floatToFloat16(x[xo + i]);
        }
    }

    private static void toBfloat16(float[] x, int xo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Half.floatToBfloat16(x[xo + i]);
        }
    }
}
