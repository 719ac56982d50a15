package org.jclap.kernels.vector;

import java.util.function.IntConsumer;
import org.jclap.tensor.CacheLine;
import org.jclap.tensor.type.DType;

/** Softmax and log-softmax over the last axis of a contiguous (rows, columns). Parallel over rows. */
public final class Softmax {
    private final Workers workers;

    /** Softmax on the given threads. */
    public Softmax(Workers workers) {
        this.workers = workers;
    }

    /** {@code y[r, c] = e^(x[r, c] - max_r) / sum}; y may be x. */
    public void forward(float[] x, int xo, float[] y, int yo, int rows, int columns) {
        if (columns == 0) {
            return;
        }
        workers.parallelRanges(
                rows, Rows.perTask(rows, columns), (from, to) -> forward(x, xo, y, yo, from, to, columns));
    }

    /**
     * The rows {@code from..to-1}. Exponentials wait in L1 for their sum and are scaled while those of the next row are made,
     * so that y is written once: stores wait in order, and twice as many to memory would hold up the loads.
     */
    private static void forward(float[] x, int xo, float[] y, int yo, int from, int to, int columns) {
        int length = Lanes.padded(columns);
        int now = CacheLine.first(DType.F32);
        int before = now + length;
        var e = Scratch.take(before + length);
        var sumAndMax = Scratch.take(2);
        sumAndMax[1] = Reductions.max(x, xo + from * columns, columns);
        // There is no row before the first: what is scaled then stays where it is.
        float scale = 1;
        float[] target = e;
        int at = before;
        for (var r = from; r < to; r++) {
            int next = xo + Math.min(r + 1, to - 1) * columns;
            VectorMath.expSum(
                    x, xo + r * columns, sumAndMax[1], e, now, columns, next, before, scale, target, at, sumAndMax);
            scale = 1 / sumAndMax[0];
            target = y;
            at = yo + r * columns;
            int free = before;
            before = now;
            now = free;
        }
        Rows.affine(scale, 0f, e, before, y, at, columns);
        Scratch.give(sumAndMax);
        Scratch.give(e);
    }

    /** {@code dx = y (dy - sum(dy y))}, the gradient through {@link #forward}; dx may be dy. */
    public void backward(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int rows, int columns) {
        forEachRow(rows, columns, r -> {
            int at = r * columns;
            float dot = SmallGemm.dot(dy, dyo + at, y, yo + at, columns);
            Rows.affine(1f, -dot, dy, dyo + at, dx, dxo + at, columns);
            Binary.MUL.run(dx, dxo + at, y, yo + at, dx, dxo + at, columns);
        });
    }

    /** {@code y[r, c] = x[r, c] - max_r - ln(sum e^(x - max_r))}. */
    public void logForward(float[] x, int xo, float[] y, int yo, int rows, int columns) {
        forEachRow(rows, columns, r -> {
            int from = xo + r * columns;
            int at = yo + r * columns;
            var e = Scratch.take(columns);
            float max = Reductions.max(x, from, columns);
            Rows.affine(1f, -max, x, from, y, at, columns);
            float logSum = (float) Math.log(VectorMath.expSum(y, at, 0f, e, 0, columns));
            Rows.affine(1f, -logSum, y, at, y, at, columns);
            Scratch.give(e);
        });
    }

    /** {@code dx = dy - e^y sum(dy)}, the gradient through {@link #logForward}. */
    public void logBackward(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int rows, int columns) {
        forEachRow(rows, columns, r -> {
            int at = r * columns;
            var e = Scratch.take(columns);
            Unary.EXP.run(y, yo + at, e, 0, columns);
            float sum = Reductions.sum(dy, dyo + at, columns);
            Rows.addScaled(-sum, e, 0, dy, dyo + at, dx, dxo + at, columns);
            Scratch.give(e);
        });
    }

    private void forEachRow(int rows, int columns, IntConsumer body) {
        if (columns == 0) {
            return;
        }
        workers.parallelRanges(rows, Rows.perTask(rows, columns), (from, to) -> {
            for (var r = from; r < to; r++) {
                body.accept(r);
            }
        });
    }
}
