package org.jclap.kernels.vector;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Softmax and log-softmax over the last axis of a contiguous (rows, columns). Parallel over rows. */
public final class Softmax {
    private final Workers workers;

    /** Softmax on the given threads. */
    public Softmax(Workers workers) {
        this.workers = workers;
    }

    /** {@code y[r, c] = e^(x[r, c] - max_r) / sum}; y may be x. */
    public void forward(float[] x, int xo, float[] y, int yo, int rows, int columns) {
        forward(1f, x, xo, null, 0, 1, y, yo, rows, columns);
    }

    /**
     * The softmax of attention scores: {@code y = softmax(scale x + mask)}, where row r uses the row {@code r /
     * rowsPerMask} of the additive mask, or none when it is null. A row that is masked everywhere by minus infinity
     * becomes NaN.
     */
    public void forward(
            float scale,
            float[] x,
            int xo,
            float @Nullable [] mask,
            int maskOffset,
            int rowsPerMask,
            float[] y,
            int yo,
            int rows,
            int columns) {
        forEachRow(rows, columns, r -> {
            int at = yo + r * columns;
            if (mask == null) {
                Rows.affine(scale, 0f, x, xo + r * columns, y, at, columns);
            } else {
                Rows.addScaled(
                        scale, x, xo + r * columns, mask, maskOffset + r / rowsPerMask * columns, y, at, columns);
            }
            Rows.affine(1f, -Reductions.max(y, at, columns), y, at, y, at, columns);
            Unary.EXP.run(y, at, y, at, columns);
            Rows.affine(1f / Reductions.sum(y, at, columns), 0f, y, at, y, at, columns);
        });
    }

    /**
     * {@code dx = scale y (dy - sum(dy y))}, the gradient through {@code y = softmax(scale x + mask)}; dx may be dy.
     */
    public void backward(
            float scale, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int rows, int columns) {
        forEachRow(rows, columns, r -> {
            int at = r * columns;
            float dot = SmallGemm.dot(dy, dyo + at, y, yo + at, columns);
            Rows.affine(scale, -scale * dot, dy, dyo + at, dx, dxo + at, columns);
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
            Unary.EXP.run(y, at, e, 0, columns);
            float logSum = (float) Math.log(Reductions.sum(e, 0, columns));
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
        workers.parallelRanges(rows, Rows.perTask(columns), (from, to) -> {
            for (var r = from; r < to; r++) {
                body.accept(r);
            }
        });
    }
}
