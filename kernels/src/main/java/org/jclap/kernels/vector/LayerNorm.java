package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jclap.tensor.CacheLine;
import org.jclap.tensor.type.DType;

/**
 * Layer normalisation over the last axis of a contiguous (rows, columns): {@code y = (x - mean) rstd w + b} with {@code
 * rstd = 1 / sqrt(var + eps)} and the biased variance. Parallel over rows.
 */
public final class LayerNorm {
    /** Rows whose weight gradients one task sums up. */
    private static final int BACKWARD_ROWS = 32;
    /** Squared distance of a pivot from the mean, in variances: up to here the variance keeps all but four bits. */
    private static final float FARTHEST_PIVOT = 16;

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
        if (columns == 0) {
            return;
        }
        workers.parallelRanges(rows, Rows.perTask(rows, columns), (from, to) -> {
            // At cache lines, wherever the weights lie: see CacheLine.
            int w = CacheLine.first(DType.F32);
            int b = w + Lanes.padded(columns);
            var affine = Scratch.take(b + columns);
            System.arraycopy(weight, wo, affine, w, columns);
            System.arraycopy(bias, bo, affine, b, columns);
            var sums = Scratch.take(2);
            deviations(x, xo + from * columns, x[xo + from * columns], sums, columns);
            for (var r = from; r < to; r++) {
                int at = xo + r * columns;
                int next = xo + Math.min(r + 1, to - 1) * columns;
                moments(x, at, eps, sums, mean, rstd, r, columns);
                normalize(x, at, mean[r], rstd[r], affine, w, affine, b, y, yo + r * columns, next, sums, columns);
            }
            Scratch.give(sums);
            Scratch.give(affine);
        });
    }

    /**
     * Mean and rstd of one row from its deviations about its first element. Where that is so far from the mean that the
     * difference of squares would lose digits, the row is summed again about the mean.
     */
    private static void moments(
            float[] x, int xo, float eps, float[] sums, float[] mean, float[] rstd, int row, int n) {
        float pivot = x[xo];
        float offset = sums[0] / n;
        float variance = sums[1] / n - offset * offset;
        if (offset * offset > FARTHEST_PIVOT * variance) {
            pivot += offset;
            deviations(x, xo, pivot, sums, n);
            offset = sums[0] / n;
            variance = sums[1] / n - offset * offset;
        }
        mean[row] = pivot + offset;
        rstd[row] = (float) (1 / Math.sqrt(Math.max(variance, 0f) + eps));
    }

    /** {@code sums = (sum (x - pivot), sum (x - pivot)^2)}. */
    private static void deviations(float[] x, int xo, float pivot, float[] sums, int n) {
        var first = FloatVector.zero(SPECIES);
        var second = first;
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var d = FloatVector.fromArray(SPECIES, x, xo + i).sub(pivot);
            first = first.add(d);
            second = d.fma(d, second);
        }
        float sum = Lanes.sum(first);
        float squares = Lanes.sum(second);
        for (var i = whole; i < n; i++) {
            float d = x[xo + i] - pivot;
            sum += d;
            squares = Math.fma(d, d, squares);
        }
        sums[0] = sum;
        sums[1] = squares;
    }

    /**
     * Also leaves in {@code sums} the {@link #deviations} of the row at {@code next} about its first element: one row comes
     * from memory while the other goes there, and the processor waits for neither.
     */
    private static void normalize(
            float[] x,
            int xo,
            float mean,
            float rstd,
            float[] w,
            int wo,
            float[] b,
            int bo,
            float[] y,
            int yo,
            int next,
            float[] sums,
            int n) {
        float pivot = x[next];
        var first = FloatVector.zero(SPECIES);
        var second = first;
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var d = FloatVector.fromArray(SPECIES, x, next + i).sub(pivot);
            first = first.add(d);
            second = d.fma(d, second);
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .sub(mean)
                    .mul(rstd)
                    .fma(FloatVector.fromArray(SPECIES, w, wo + i), FloatVector.fromArray(SPECIES, b, bo + i))
                    .intoArray(y, yo + i);
        }
        float sum = Lanes.sum(first);
        float squares = Lanes.sum(second);
        for (var i = whole; i < n; i++) {
            float d = x[next + i] - pivot;
            sum += d;
            squares = Math.fma(d, d, squares);
            y[yo + i] = Math.fma((x[xo + i] - mean) * rstd, w[wo + i], b[bo + i]);
        }
        sums[0] = sum;
        sums[1] = squares;
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
        // Per block: the sums of dy h, then those of dy, and room for the two sums of a row.
        int width = columns + Lanes.COUNT;
        var parts = Scratch.take(2 * width * blocks);
        workers.parallelRanges(rows, BACKWARD_ROWS, (from, to) -> {
            int part = from / BACKWARD_ROWS * 2 * width;
            Arrays.fill(parts, part, part + 2 * width, 0f);
            for (var r = from; r < to; r++) {
                int at = dyo + r * columns;
                int xAt = xo + r * columns;
                addGradients(x, xAt, mean[r], rstd[r], weight, wo, dy, at, parts, part, columns);
                float meanG = parts[part + columns] / columns;
                float meanGHat = rstd[r] * parts[part + width + columns] / columns;
                gradient(x, xAt, mean[r], rstd[r], weight, wo, dy, at, meanG, meanGHat, dx, dxo + r * columns, columns);
            }
        });
        workers.parallelRanges(columns, Lanes.COUNT, (from, to) -> {
            for (var c = from; c < to; c++) {
                double sumW = 0;
                double sumB = 0;
                for (var b = 0; b < blocks; b++) {
                    sumW += parts[2 * b * width + c];
                    sumB += parts[(2 * b + 1) * width + c];
                }
                dw[dwo + c] = (float) sumW;
                db[dbo + c] = (float) sumB;
            }
        });
        Scratch.give(parts);
    }

    /**
     * Adds {@code dy h} and dy to two runs of sums, n and a vector each. Behind the first goes the row's {@code sum dy w},
     * behind the second {@code sum dy w (x - mean)}.
     */
    private static void addGradients(
            float[] x,
            int xo,
            float mean,
            float rstd,
            float[] w,
            int wo,
            float[] dy,
            int dyo,
            float[] sums,
            int so,
            int n) {
        int second = so + n + Lanes.COUNT;
        var sum = FloatVector.zero(SPECIES);
        var product = FloatVector.zero(SPECIES);
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var dyi = FloatVector.fromArray(SPECIES, dy, dyo + i);
            var deviation = FloatVector.fromArray(SPECIES, x, xo + i).sub(mean);
            var g = dyi.mul(FloatVector.fromArray(SPECIES, w, wo + i));
            sum = sum.add(g);
            product = g.fma(deviation, product);
            deviation
                    .mul(rstd)
                    .fma(dyi, FloatVector.fromArray(SPECIES, sums, so + i))
                    .intoArray(sums, so + i);
            FloatVector.fromArray(SPECIES, sums, second + i).add(dyi).intoArray(sums, second + i);
        }
        float sumRest = 0;
        float productRest = 0;
        for (var i = whole; i < n; i++) {
            float deviation = x[xo + i] - mean;
            float g = dy[dyo + i] * w[wo + i];
            sumRest += g;
            productRest = Math.fma(g, deviation, productRest);
            sums[so + i] = Math.fma(deviation * rstd, dy[dyo + i], sums[so + i]);
            sums[second + i] += dy[dyo + i];
        }
        sums[so + n] = Lanes.sum(sum) + sumRest;
        sums[second + n] = Lanes.sum(product) + productRest;
    }

    /** {@code dx = rstd (dy w - meanG - h meanGHat)}. */
    private static void gradient(
            float[] x,
            int xo,
            float mean,
            float rstd,
            float[] w,
            int wo,
            float[] dy,
            int dyo,
            float meanG,
            float meanGHat,
            float[] dx,
            int dxo,
            int n) {
        float slope = -rstd * meanGHat;
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var constant = FloatVector.broadcast(SPECIES, -meanG);
            var g = FloatVector.fromArray(SPECIES, dy, dyo + i)
                    .fma(FloatVector.fromArray(SPECIES, w, wo + i), constant);
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .sub(mean)
                    .fma(FloatVector.broadcast(SPECIES, slope), g)
                    .mul(rstd)
                    .intoArray(dx, dxo + i);
        }
        for (var i = whole; i < n; i++) {
            float g = Math.fma(dy[dyo + i], w[wo + i], -meanG);
            dx[dxo + i] = Math.fma(x[xo + i] - mean, slope, g) * rstd;
        }
    }
}
