package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation of a channels-last (rows, channels), where rows are batch and space together: {@code y = (x -
 * mean) rstd gamma + beta}, followed by a ReLU on request. Statistics, running averages and gradients are PyTorch's.
 * Parallel over blocks of rows.
 */
public final class BatchNorm {
    /** Rows and channels of one block; it stays in L2 while it is read twice. */
    private static final int BLOCK_ROWS = 256;

    private static final int BLOCK_CHANNELS = 128;

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
        int blocks = Math.ceilDiv(rows, BLOCK_ROWS);
        // Per block: the means, then the sums of squared deviations from them.
        var parts = Scratch.take(2 * blocks * channels);
        forEachBlock(rows, channels, (block, first, size, c, mask) -> {
            int from = xo + first * channels + c;
            int to = 2 * block * channels + c;
            var sum = FloatVector.zero(SPECIES);
            for (var r = 0; r < size; r++) {
                sum = sum.add(FloatVector.fromArray(SPECIES, x, from + r * channels, mask));
            }
            var center = sum.div(size);
            var squares = FloatVector.zero(SPECIES);
            for (var r = 0; r < size; r++) {
                var d = FloatVector.fromArray(SPECIES, x, from + r * channels, mask)
                        .sub(center);
                squares = d.fma(d, squares);
            }
            center.intoArray(parts, to, mask);
            squares.intoArray(parts, to + channels, mask);
        });
        var scale = Scratch.take(channels);
        var shift = Scratch.take(channels);
        for (var c = 0; c < channels; c++) {
            double center = 0;
            double squares = 0;
            // Chan's update: the parts' deviations, and those of the parts' means from the mean of all before.
            for (var b = 0; b < blocks; b++) {
                double before = (double) b * BLOCK_ROWS;
                double size = Math.min(BLOCK_ROWS, rows - before);
                double delta = parts[2 * b * channels + c] - center;
                center += delta * size / (before + size);
                squares += parts[(2 * b + 1) * channels + c] + delta * delta * before * size / (before + size);
            }
            double variance = squares / rows;
            mean[c] = (float) center;
            rstd[c] = (float) (1 / Math.sqrt(variance + eps));
            runningMean[c] = (float) ((1 - momentum) * runningMean[c] + momentum * center);
            runningVariance[c] = (float) ((1 - momentum) * runningVariance[c] + momentum * squares / (rows - 1.0));
            scale[c] = gamma[c] * rstd[c];
            shift[c] = (float) (beta[c] - center * scale[c]);
        }
        apply(x, xo, scale, shift, relu, y, yo, rows, channels);
        Scratch.give(shift);
        Scratch.give(scale);
        Scratch.give(parts);
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
        var scale = Scratch.take(channels);
        var shift = Scratch.take(channels);
        for (var c = 0; c < channels; c++) {
            scale[c] = (float) (gamma[c] / Math.sqrt((double) runningVariance[c] + eps));
            shift[c] = (float) (beta[c] - (double) runningMean[c] * scale[c]);
        }
        apply(x, xo, scale, shift, relu, y, yo, rows, channels);
        Scratch.give(shift);
        Scratch.give(scale);
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
        int blocks = Math.ceilDiv(rows, BLOCK_ROWS);
        // Per block: the sums of g (x - mean), then those of g.
        var parts = Scratch.take(2 * blocks * channels);
        float[] gate = y == null ? dy : y;
        int gateOffset = y == null ? dyo : yo;
        forEachBlock(rows, channels, (block, first, size, c, mask) -> {
            int from = first * channels + c;
            var center = FloatVector.fromArray(SPECIES, mean, c, mask);
            var sumDeviations = FloatVector.zero(SPECIES);
            var sum = FloatVector.zero(SPECIES);
            for (var r = 0; r < size; r++) {
                int at = from + r * channels;
                var g = FloatVector.fromArray(SPECIES, dy, dyo + at, mask);
                if (y != null) {
                    g = g.blend(
                            0f,
                            FloatVector.fromArray(SPECIES, gate, gateOffset + at, mask)
                                    .compare(VectorOperators.LE, 0f));
                }
                sum = sum.add(g);
                sumDeviations =
                        g.fma(FloatVector.fromArray(SPECIES, x, xo + at, mask).sub(center), sumDeviations);
            }
            sumDeviations.intoArray(parts, 2 * block * channels + c, mask);
            sum.intoArray(parts, (2 * block + 1) * channels + c, mask);
        });
        var a = Scratch.take(channels);
        var b = Scratch.take(channels);
        var d = Scratch.take(channels);
        for (var c = 0; c < channels; c++) {
            double sumDeviations = 0;
            double sum = 0;
            for (var block = 0; block < blocks; block++) {
                sumDeviations += parts[2 * block * channels + c];
                sum += parts[(2 * block + 1) * channels + c];
            }
            dgamma[c] = (float) (sumDeviations * rstd[c]);
            dbeta[c] = (float) sum;
            a[c] = gamma[c] * rstd[c];
            b[c] = (float) (-a[c] * sumDeviations * rstd[c] * rstd[c] / rows);
            d[c] = (float) (-a[c] * sum / rows);
        }
        forEachBlock(rows, channels, (block, first, size, c, mask) -> {
            var va = FloatVector.fromArray(SPECIES, a, c, mask);
            var vb = FloatVector.fromArray(SPECIES, b, c, mask);
            var vd = FloatVector.fromArray(SPECIES, d, c, mask);
            var center = FloatVector.fromArray(SPECIES, mean, c, mask);
            for (var r = first; r < first + size; r++) {
                int at = r * channels + c;
                var g = FloatVector.fromArray(SPECIES, dy, dyo + at, mask);
                if (y != null) {
                    g = g.blend(
                            0f,
                            FloatVector.fromArray(SPECIES, gate, gateOffset + at, mask)
                                    .compare(VectorOperators.LE, 0f));
                }
                var deviation = FloatVector.fromArray(SPECIES, x, xo + at, mask).sub(center);
                g.fma(va, deviation.fma(vb, vd)).intoArray(dx, dxo + at, mask);
            }
        });
        Scratch.give(d);
        Scratch.give(b);
        Scratch.give(a);
        Scratch.give(parts);
    }

    /** {@code y = scale x + shift} per channel, then the ReLU. */
    private void apply(
            float[] x, int xo, float[] scale, float[] shift, boolean relu, float[] y, int yo, int rows, int channels) {
        forEachBlock(rows, channels, (block, first, size, c, mask) -> {
            var vs = FloatVector.fromArray(SPECIES, scale, c, mask);
            var vt = FloatVector.fromArray(SPECIES, shift, c, mask);
            for (var r = first; r < first + size; r++) {
                int at = r * channels + c;
                var z = FloatVector.fromArray(SPECIES, x, xo + at, mask).fma(vs, vt);
                (relu ? z.max(0f) : z).intoArray(y, yo + at, mask);
            }
        });
    }

    private interface BlockBody {
        /** Handles {@code size} rows from {@code first}, in the lanes of {@code mask} from channel {@code c}. */
        void accept(int block, int first, int size, int c, VectorMask<Float> mask);
    }

    private void forEachBlock(int rows, int channels, BlockBody body) {
        int strips = Math.ceilDiv(channels, BLOCK_CHANNELS);
        workers.parallelFor(Math.ceilDiv(rows, BLOCK_ROWS) * strips, task -> {
            int block = task / strips;
            int first = block * BLOCK_ROWS;
            int from = task % strips * BLOCK_CHANNELS;
            int to = Math.min(channels, from + BLOCK_CHANNELS);
            for (var c = from; c < to; c += Lanes.COUNT) {
                body.accept(block, first, Math.min(BLOCK_ROWS, rows - first), c, SPECIES.indexInRange(c, to));
            }
        });
    }
}
