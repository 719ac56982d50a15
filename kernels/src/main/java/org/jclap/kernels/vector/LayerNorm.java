package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Layer normalisation over the last axis of a contiguous (rows, columns): {@code y = (x - mean) rstd w + b} with {@code
 * rstd = 1 / sqrt(var + eps)} and the biased variance. Parallel over rows.
 */
public final class LayerNorm {
    /** Rows whose weight gradients one task sums up. */
    private static final int BACKWARD_ROWS = 32;

    private final Workers workers;

    /** Layer normalisation on the given threads. */
    public LayerNorm(Workers workers) {
        this.workers = workers;
    }

    /**
     * Normalises the rows of x into y (which may be x) and keeps {@code mean} and {@code rstd} (rows) for the gradient.
     */
    public void forward(
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float eps,
            float[] y,
            int yo,
            float[] mean,
            float[] rstd,
            int rows,
            int columns) {
        workers.parallelRanges(rows, Rows.perTask(rows, columns), (from, to) -> {
            for (var r = from; r < to; r++) {
                int at = xo + r * columns;
                mean[r] = Reductions.sum(x, at, columns) / columns;
                rstd[r] = (float) (1 / Math.sqrt(squaredDeviation(x, at, mean[r], columns) / columns + eps));
                normalize(x, at, mean[r], rstd[r], weight, wo, bias, bo, y, yo + r * columns, columns);
            }
        });
    }

    private static float squaredDeviation(float[] x, int xo, float mean, int n) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        var i = 0;
        for (; i <= n - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
            var d0 = FloatVector.fromArray(SPECIES, x, xo + i).sub(mean);
            var d1 = FloatVector.fromArray(SPECIES, x, xo + i + Lanes.COUNT).sub(mean);
            s0 = d0.fma(d0, s0);
            s1 = d1.fma(d1, s1);
        }
        for (; i < n; i += Lanes.COUNT) {
            var mask = SPECIES.indexInRange(i, n);
            var d = FloatVector.zero(SPECIES)
                    .blend(FloatVector.fromArray(SPECIES, x, xo + i, mask).sub(mean), mask);
            s0 = d.fma(d, s0);
        }
        return Lanes.sum(s0.add(s1));
    }

    private static void normalize(
            float[] x, int xo, float mean, float rstd, float[] w, int wo, float[] b, int bo, float[] y, int yo, int n) {
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var hat = FloatVector.fromArray(SPECIES, x, xo + i).sub(mean).mul(rstd);
            hat.fma(FloatVector.fromArray(SPECIES, w, wo + i), FloatVector.fromArray(SPECIES, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (var i = whole; i < n; i++) {
            y[yo + i] = Math.fma((x[xo + i] - mean) * rstd, w[wo + i], b[bo + i]);
        }
    }

    /**
     * The gradients: with {@code g = dy w} and {@code h = (x - mean) rstd}, {@code dx = rstd (g - mean(g) - h mean(g
     * h))}, {@code dw = sum_r dy h}, {@code db = sum_r dy}. Overwrites dx (which may be dy), dw and db.
     */
    public void backward(
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] mean,
            float[] rstd,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] dw,
            int dwo,
            float[] db,
            int dbo,
            int rows,
            int columns) {
        int blocks = Math.ceilDiv(rows, BACKWARD_ROWS);
        int width = Lanes.padded(columns);
        // Per block: the sums of dy h, then those of dy.
        var parts = Scratch.take(2 * width * Math.max(1, blocks));
        workers.parallelRanges(rows, BACKWARD_ROWS, (from, to) -> {
            int part = from / BACKWARD_ROWS * 2 * width;
            var hat = Scratch.take(width);
            var g = Scratch.take(width);
            Arrays.fill(parts, part, part + 2 * width, 0f);
            for (var r = from; r < to; r++) {
                int at = dyo + r * columns;
                Rows.affine(rstd[r], -mean[r] * rstd[r], x, xo + r * columns, hat, 0, columns);
                addProduct(dy, at, hat, parts, part, columns);
                Binary.ADD.run(parts, part + width, dy, at, parts, part + width, columns);
                Binary.MUL.run(dy, at, weight, wo, g, 0, columns);
                float meanG = Reductions.sum(g, 0, columns) / columns;
                float meanGHat = SmallGemm.dot(g, 0, hat, 0, columns) / columns;
                Rows.affine(rstd[r], -rstd[r] * meanG, g, 0, g, 0, columns);
                Rows.addScaled(-rstd[r] * meanGHat, hat, 0, g, 0, dx, dxo + r * columns, columns);
            }
            Scratch.give(g);
            Scratch.give(hat);
        });
        for (var c = 0; c < columns; c++) {
            double sumW = 0;
            double sumB = 0;
            for (var b = 0; b < blocks; b++) {
                sumW += parts[2 * b * width + c];
                sumB += parts[(2 * b + 1) * width + c];
            }
            dw[dwo + c] = (float) sumW;
            db[dbo + c] = (float) sumB;
        }
        Scratch.give(parts);
    }

    /** {@code sum[i] += a[i] b[i]}. */
    private static void addProduct(float[] a, int ao, float[] b, float[] sum, int so, int n) {
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, a, ao + i)
                    .fma(FloatVector.fromArray(SPECIES, b, i), FloatVector.fromArray(SPECIES, sum, so + i))
                    .intoArray(sum, so + i);
        }
        for (var i = whole; i < n; i++) {
            sum[so + i] = Math.fma(a[ao + i], b[i], sum[so + i]);
        }
    }
}
