package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation of a channels-last (rows, channels), where rows are batch and space together: {@code y = (x -
 * mean) rstd gamma + beta}, followed by a ReLU on request. Statistics, running averages and gradients are PyTorch's.
 *
 * <p>Everything walks through memory in order, a line at a time: as many rows as make a long loop. What belongs to
 * channels is repeated to the length of a line, and what was summed up along a line is folded to channels. Parallel over
 * blocks of lines.
 */
public final class BatchNorm {
    /** Least elements of a line. */
    private static final int LINE = 512;
    /** Elements of a block, about; it stays in L2 while it is read twice. */
    static final int BLOCK = 16 << 10;

    private final Workers workers;

    /** Batch normalisation on the given threads. */
    public BatchNorm(Workers workers) {
        this.workers = workers;
    }

    /**
     * Normalises by the statistics of x itself: {@code mean} and {@code rstd = 1 / sqrt(biased variance + eps)} are
     * kept for the gradient, the running averages move by {@code momentum} towards the mean and the unbiased variance.
     */
    public void forwardTraining(
            float[] x,
            int xo,
            float[] gamma,
            float[] beta,
            float[] runningMean,
            float[] runningVariance,
            float momentum,
            float eps,
            boolean relu,
            float[] y,
            int yo,
            float[] mean,
            float[] rstd,
            int rows,
            int channels) {
        statistics(x, xo, runningMean, runningVariance, momentum, eps, mean, rstd, rows, channels);
        var scale = Scratch.take(channels);
        var shift = Scratch.take(channels);
        map(gamma, beta, mean, rstd, scale, shift, channels);
        apply(x, xo, scale, shift, relu, y, yo, rows, channels);
        Scratch.give(shift);
        Scratch.give(scale);
    }

    /** Sets mean and rstd to those of x, and moves the running averages. */
    void statistics(
            float[] x,
            int xo,
            float[] runningMean,
            float[] runningVariance,
            float momentum,
            float eps,
            float[] mean,
            float[] rstd,
            int rows,
            int channels) {
        int block = blockRows(channels);
        int blocks = Math.ceilDiv(rows, block);
        // Per block: the means, then the sums of squared deviations from them.
        var parts = Scratch.take(2 * blocks * channels);
        workers.parallelRanges(
                rows, block, (from, to) -> moments(x, xo, from, to, channels, parts, from / block * 2 * channels));
        workers.parallelRanges(channels, Lanes.COUNT, (from, to) -> {
            for (var c = from; c < to; c++) {
                double center = 0;
                for (var b = 0; b < blocks; b++) {
                    center += (double) parts[2 * b * channels + c] * Math.min(block, rows - b * block);
                }
                center /= rows;
                double squares = 0;
                for (var b = 0; b < blocks; b++) {
                    double delta = parts[2 * b * channels + c] - center;
                    squares += parts[(2 * b + 1) * channels + c] + delta * delta * Math.min(block, rows - b * block);
                }
                mean[c] = (float) center;
                rstd[c] = (float) (1 / Math.sqrt(squares / rows + eps));
                runningMean[c] = (float) ((1 - momentum) * runningMean[c] + momentum * center);
                runningVariance[c] = (float) ((1 - momentum) * runningVariance[c] + momentum * squares / (rows - 1.0));
            }
        });
        Scratch.give(parts);
    }

    /** The map {@code scale x + shift} that normalises, a function of what backward has as well. */
    static void map(
            float[] gamma, float[] beta, float[] mean, float[] rstd, float[] scale, float[] shift, int channels) {
        for (var c = 0; c < channels; c++) {
            scale[c] = gamma[c] * rstd[c];
            shift[c] = (float) (beta[c] - (double) mean[c] * scale[c]);
        }
    }

    /** The means of some rows by channel, then at {@code po + channels} the sums of squared deviations from them. */
    private static void moments(float[] x, int xo, int from, int to, int channels, float[] parts, int po) {
        int line = line(channels);
        var sum = Scratch.take(line);
        var center = Scratch.take(line);
        Arrays.fill(sum, 0, line, 0f);
        int end = xo + to * channels;
        for (var at = xo + from * channels; at < end; at += line) {
            int n = Math.min(line, end - at);
            Binary.ADD.run(sum, 0, x, at, sum, 0, n);
        }
        fold(sum, parts, po, channels);
        Rows.affine(1f / (to - from), 0f, parts, po, parts, po, channels);
        repeat(parts, po, center, channels);
        Arrays.fill(sum, 0, line, 0f);
        for (var at = xo + from * channels; at < end; at += line) {
            addSquares(x, at, center, sum, Math.min(line, end - at));
        }
        fold(sum, parts, po + channels, channels);
        Scratch.give(center);
        Scratch.give(sum);
    }

    private static void addSquares(float[] x, int xo, float[] center, float[] sum, int n) {
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var d = FloatVector.fromArray(SPECIES, x, xo + i).sub(FloatVector.fromArray(SPECIES, center, i));
            d.fma(d, FloatVector.fromArray(SPECIES, sum, i)).intoArray(sum, i);
        }
        for (var i = whole; i < n; i++) {
            float d = x[xo + i] - center[i];
            sum[i] = Math.fma(d, d, sum[i]);
        }
    }

    /** Normalises by the running averages. */
    public void forwardInference(
            float[] x,
            int xo,
            float[] gamma,
            float[] beta,
            float[] runningMean,
            float[] runningVariance,
            float eps,
            boolean relu,
            float[] y,
            int yo,
            int rows,
            int channels) {
        var map = Epilogue.Normalisation.of(gamma, beta, runningMean, runningVariance, eps, relu, channels);
        apply(x, xo, map.scale(), map.shift(), relu, y, yo, rows, channels);
    }

    /**
     * The gradients through {@link #forwardTraining}: with {@code g = dy}, or 0 where the result y of a ReLU is not
     * positive, and {@code h = (x - mean) rstd}: {@code dgamma = sum g h}, {@code dbeta = sum g}, {@code dx = gamma
     * rstd (g - dbeta / rows - h dgamma / rows)}. Overwrites dx (which may be dy), dgamma and dbeta. y is null without
     * ReLU.
     */
    public void backward(
            float[] x,
            int xo,
            float @Nullable [] y,
            int yo,
            float[] gamma,
            float[] mean,
            float[] rstd,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] dgamma,
            float[] dbeta,
            int rows,
            int channels) {
        int block = blockRows(channels);
        int blocks = Math.ceilDiv(rows, block);
        // Per block: the sums of g (x - mean), then those of g.
        var parts = Scratch.take(2 * blocks * channels);
        int line = line(channels);
        var center = Scratch.take(line);
        repeat(mean, 0, center, channels);
        workers.parallelRanges(rows, block, (from, to) -> {
            var deviations = Scratch.take(line);
            var sum = Scratch.take(line);
            Arrays.fill(deviations, 0, line, 0f);
            Arrays.fill(sum, 0, line, 0f);
            for (var at = from * channels; at < to * channels; at += line) {
                int n = Math.min(line, to * channels - at);
                addGradients(x, xo + at, y, yo + at, dy, dyo + at, center, deviations, sum, n);
            }
            int part = from / block * 2 * channels;
            fold(deviations, parts, part, channels);
            fold(sum, parts, part + channels, channels);
            Scratch.give(sum);
            Scratch.give(deviations);
        });
        var a = Scratch.take(line);
        var b = Scratch.take(line);
        var d = Scratch.take(line);
        coefficients(parts, blocks, gamma, rstd, dgamma, dbeta, a, b, d, rows, channels);
        workers.parallelRanges(rows, block, (from, to) -> {
            for (var at = from * channels; at < to * channels; at += line) {
                int n = Math.min(line, to * channels - at);
                gradient(x, xo + at, y, yo + at, dy, dyo + at, center, a, b, d, dx, dxo + at, n);
            }
        });
        Scratch.give(d);
        Scratch.give(b);
        Scratch.give(a);
        Scratch.give(center);
        Scratch.give(parts);
    }

    /**
     * From the blocks' sums of g (x - mean) and of g, block by block: dgamma, dbeta, and lines of what makes {@code dx = a g
     * + b (x - mean) + d}.
     */
    void coefficients(
            float[] parts,
            int blocks,
            float[] gamma,
            float[] rstd,
            float[] dgamma,
            float[] dbeta,
            float[] a,
            float[] b,
            float[] d,
            int rows,
            int channels) {
        workers.parallelRanges(channels, Lanes.COUNT, (from, to) -> {
            for (var c = from; c < to; c++) {
                double deviations = 0;
                double sum = 0;
                for (var p = 0; p < blocks; p++) {
                    deviations += parts[2 * p * channels + c];
                    sum += parts[(2 * p + 1) * channels + c];
                }
                dgamma[c] = (float) (deviations * rstd[c]);
                dbeta[c] = (float) sum;
                a[c] = gamma[c] * rstd[c];
                b[c] = (float) (-a[c] * deviations * rstd[c] * rstd[c] / rows);
                d[c] = (float) (-a[c] * sum / rows);
            }
        });
        repeat(a, 0, a, channels);
        repeat(b, 0, b, channels);
        repeat(d, 0, d, channels);
    }

    /** Adds {@code g (x - center)} and g. */
    static void addGradients(
            float[] x,
            int xo,
            float @Nullable [] y,
            int yo,
            float[] dy,
            int dyo,
            float[] center,
            float[] deviations,
            float[] sum,
            int n) {
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var g = FloatVector.fromArray(SPECIES, dy, dyo + i);
            if (y != null) {
                g = g.blend(0f, FloatVector.fromArray(SPECIES, y, yo + i).compare(VectorOperators.LE, 0f));
            }
            var deviation = FloatVector.fromArray(SPECIES, x, xo + i).sub(FloatVector.fromArray(SPECIES, center, i));
            g.add(FloatVector.fromArray(SPECIES, sum, i)).intoArray(sum, i);
            g.fma(deviation, FloatVector.fromArray(SPECIES, deviations, i)).intoArray(deviations, i);
        }
        for (var i = whole; i < n; i++) {
            float g = y != null && y[yo + i] <= 0 ? 0f : dy[dyo + i];
            sum[i] += g;
            deviations[i] = Math.fma(g, x[xo + i] - center[i], deviations[i]);
        }
    }

    /** {@code dx = a g + b (x - center) + d}. */
    static void gradient(
            float[] x,
            int xo,
            float @Nullable [] y,
            int yo,
            float[] dy,
            int dyo,
            float[] center,
            float[] a,
            float[] b,
            float[] d,
            float[] dx,
            int dxo,
            int n) {
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            var g = FloatVector.fromArray(SPECIES, dy, dyo + i);
            if (y != null) {
                g = g.blend(0f, FloatVector.fromArray(SPECIES, y, yo + i).compare(VectorOperators.LE, 0f));
            }
            var deviation = FloatVector.fromArray(SPECIES, x, xo + i).sub(FloatVector.fromArray(SPECIES, center, i));
            var rest = deviation.fma(FloatVector.fromArray(SPECIES, b, i), FloatVector.fromArray(SPECIES, d, i));
            g.fma(FloatVector.fromArray(SPECIES, a, i), rest).intoArray(dx, dxo + i);
        }
        for (var i = whole; i < n; i++) {
            float g = y != null && y[yo + i] <= 0 ? 0f : dy[dyo + i];
            dx[dxo + i] = Math.fma(g, a[i], Math.fma(x[xo + i] - center[i], b[i], d[i]));
        }
    }

    /** {@code y = scale x + shift} per channel, then the ReLU. */
    private void apply(
            float[] x, int xo, float[] scale, float[] shift, boolean relu, float[] y, int yo, int rows, int channels) {
        int line = line(channels);
        var scales = Scratch.take(line);
        var shifts = Scratch.take(line);
        repeat(scale, 0, scales, channels);
        repeat(shift, 0, shifts, channels);
        workers.parallelRanges(rows, blockRows(channels), (from, to) -> {
            for (var at = from * channels; at < to * channels; at += line) {
                int n = Math.min(line, to * channels - at);
                Rows.scaleAndShift(x, xo + at, scales, shifts, 0, relu, y, yo + at, n);
            }
        });
        Scratch.give(shifts);
        Scratch.give(scales);
    }

    /** Elements of one line: whole rows. */
    static int line(int channels) {
        return Math.ceilDiv(LINE, channels) * channels;
    }

    /** Rows of one block: whole lines. */
    private static int blockRows(int channels) {
        int line = line(channels);
        return Math.max(1, BLOCK / line) * (line / channels);
    }

    /** Fills a line with the values of the channels. */
    static void repeat(float[] values, int from, float[] line, int channels) {
        for (var at = 0; at < line(channels); at += channels) {
            System.arraycopy(values, from, line, at, channels);
        }
    }

    /** The sums of a line by channel. */
    static void fold(float[] line, float[] sums, int to, int channels) {
        System.arraycopy(line, 0, sums, to, channels);
        for (var at = channels; at < line(channels); at += channels) {
            Binary.ADD.run(sums, to, line, at, sums, to, channels);
        }
    }
}
