package org.jclap.kernels.vector;

import java.util.Arrays;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.type.Shape;

/** Reductions of axes: a tensor is seen as {@code (outer, n, inner)}, and n values become one. */
final class ReductionOps {
    /** Columns of one task of {@link #maxBackward}. */
    private static final int STRIP = 256;

    private final Workers workers;
    private final Reductions kernel;

    ReductionOps(Workers workers) {
        this.workers = workers;
        this.kernel = new Reductions(workers);
    }

    void reduce(Reduction.Reduce op, Tensor x, Tensor y) {
        float[] data = x.host().floats();
        float[] result = y.host().floats();
        Shape shape = x.shape();
        int outer = shape.product(0, op.from());
        int n = shape.product(op.from(), op.to());
        int inner = shape.product(op.to(), shape.rank());
        switch (op.kind()) {
            case SUM -> kernel.sum(data, x.offset(), result, y.offset(), outer, n, inner);
            case MEAN -> kernel.mean(data, x.offset(), result, y.offset(), outer, n, inner);
            case MAX -> kernel.max(data, x.offset(), result, y.offset(), outer, n, inner);
        }
    }

    void maxBackward(Reduction.MaxBackward op, Tensor x, Tensor dy, Tensor dx) {
        Shape shape = x.shape();
        int outer = shape.product(0, op.from());
        int n = shape.product(op.from(), op.to());
        int inner = shape.product(op.to(), shape.rank());
        int strips = Math.ceilDiv(inner, STRIP);
        workers.parallelFor(n == 0 ? 0 : outer * strips, task -> {
            int o = task / strips;
            int from = task % strips * STRIP;
            int columns = Math.min(STRIP, inner - from);
            int at = o * n * inner + from;
            scatterToLargest(
                    x.host().floats(),
                    x.offset() + at,
                    dy.host().floats(),
                    dy.offset() + o * inner + from,
                    dx.host().floats(),
                    dx.offset() + at,
                    n,
                    inner,
                    columns);
        });
    }

    /** For each of some columns of x {@code (n, inner)}: dx is dy at the first largest element and 0 elsewhere. */
    private static void scatterToLargest(
            float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n, int inner, int columns) {
        int[] largest = new int[columns];
        for (int k = 0; k < n; k++) {
            int row = k * inner;
            for (int c = 0; c < columns; c++) {
                float value = x[xo + row + c];
                float best = x[xo + largest[c] * inner + c];
                // The order of the maximum: a NaN is larger than any number.
                if (value > best || (Float.isNaN(value) && !Float.isNaN(best))) {
                    largest[c] = k;
                }
            }
            Arrays.fill(dx, dxo + row, dxo + row + columns, 0f);
        }
        for (int c = 0; c < columns; c++) {
            dx[dxo + largest[c] * inner + c] = dy[dyo + c];
        }
    }

    void sumOfSquares(List<Tensor> inputs, Tensor y) {
        double sum = 0;
        for (Tensor x : inputs) {
            sum += kernel.sumOfSquares(x.host().floats(), x.offset(), x.size());
        }
        y.host().floats()[y.offset()] = (float) sum;
    }
}
