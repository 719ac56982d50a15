package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link BatchNorm} in training with ReLU, then {@link AvgPool}, without the image between them: forward reads x and
 * writes the means of windows, backward computes ReLU's sign anew and reads the gradient of the means.
 *
 * <p>Goes along the rows of windows a strip at a time: as many pixels as a line of {@link BatchNorm} has, of every image
 * row that the windows cover, while what belongs to the strip is in L1. Parallel over blocks of rows of windows.
 */
final class PooledBatchNorm {
    private final Workers workers;
    private final BatchNorm batchNorm;

    PooledBatchNorm(Workers workers, BatchNorm batchNorm) {
        this.workers = workers;
        this.batchNorm = batchNorm;
    }

    /** Images {@code (batch, height, width, channels)} and their windows {@code (kh, kw)}. */
    record Size(int batch, int height, int width, int channels, int kh, int kw) {
        int outHeight() {
            return height / kh;
        }

        int outWidth() {
            return width / kw;
        }

        /** Elements of an image row. */
        int row() {
            return width * channels;
        }

        /** Pixels of all images. */
        int pixels() {
            return batch * height * width;
        }

        float share() {
            return 1f / (kh * kw);
        }

        /** Rows of windows of one block. */
        int block() {
            return Math.max(1, BatchNorm.BLOCK / Math.max(1, kh * row()));
        }
    }

    /** As {@link BatchNorm#forwardTraining}, but y {@code (batch, height / kh, width / kw, channels)} is pooled. */
    void forward(
            float[] x,
            int xo,
            float[] gamma,
            float[] beta,
            float[] runningMean,
            float[] runningVariance,
            float momentum,
            float eps,
            float[] y,
            int yo,
            float[] mean,
            float[] rstd,
            Size size) {
        int channels = size.channels;
        batchNorm.statistics(x, xo, runningMean, runningVariance, momentum, eps, mean, rstd, size.pixels(), channels);
        int line = BatchNorm.line(channels);
        var scales = Scratch.take(line);
        var shifts = Scratch.take(line);
        mapLines(gamma, beta, mean, rstd, scales, shifts, channels);
        int outRow = size.outWidth() * channels;
        workers.parallelRanges(size.batch * size.outHeight(), size.block(), (from, to) -> {
            var z = Scratch.take(line);
            for (var r = from; r < to; r++) {
                int top = xo + (r / size.outHeight() * size.height + r % size.outHeight() * size.kh) * size.row();
                for (var at = 0; at < outRow * size.kw; at += line) {
                    int n = Math.min(line, outRow * size.kw - at);
                    Rows.scaleAndShift(x, top + at, scales, shifts, 0, true, z, 0, n);
                    for (var i = 1; i < size.kh; i++) {
                        addRectified(x, top + i * size.row() + at, scales, shifts, z, n);
                    }
                    gather(z, n, at / channels, y, yo + r * outRow, size);
                }
            }
            Scratch.give(z);
        });
        Scratch.give(shifts);
        Scratch.give(scales);
    }

    private static void mapLines(
            float[] gamma, float[] beta, float[] mean, float[] rstd, float[] scales, float[] shifts, int channels) {
        BatchNorm.map(gamma, beta, mean, rstd, scales, shifts, channels);
        BatchNorm.repeat(scales, 0, scales, channels);
        BatchNorm.repeat(shifts, 0, shifts, channels);
    }

    /** {@code z += max(scale x + shift, 0)}. */
    private static void addRectified(float[] x, int xo, float[] scale, float[] shift, float[] z, int n) {
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .fma(FloatVector.fromArray(SPECIES, scale, i), FloatVector.fromArray(SPECIES, shift, i))
                    .max(0f)
                    .add(FloatVector.fromArray(SPECIES, z, i))
                    .intoArray(z, i);
        }
        for (var i = whole; i < n; i++) {
            z[i] += Math.max(Math.fma(x[xo + i], scale[i], shift[i]), 0f);
        }
    }

    /** Adds the pixels of a strip, each the sum over its column of a window, to the means of their windows. */
    private static void gather(float[] z, int n, int pixel, float[] y, int yo, Size size) {
        int channels = size.channels;
        for (var at = 0; at < n; at += channels) {
            int column = pixel + at / channels;
            int to = yo + column / size.kw * channels;
            if (column % size.kw == 0) {
                Rows.affine(size.share(), 0f, z, at, y, to, channels);
            } else {
                Rows.addScaled(size.share(), z, at, y, to, y, to, channels);
            }
        }
    }

    /** As {@link BatchNorm#backward}, dy the gradient of the pooled y; what no window covers has g = 0. */
    void backward(
            float[] x,
            int xo,
            float[] gamma,
            float[] beta,
            float[] mean,
            float[] rstd,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] dgamma,
            float[] dbeta,
            Size size) {
        int channels = size.channels;
        int line = BatchNorm.line(channels);
        var scales = Scratch.take(line);
        var shifts = Scratch.take(line);
        var center = Scratch.take(line);
        mapLines(gamma, beta, mean, rstd, scales, shifts, channels);
        BatchNorm.repeat(mean, 0, center, channels);
        var image = new Image(x, xo, scales, shifts, dy, dyo, size);
        int rows = size.batch * Math.ceilDiv(size.height, size.kh);
        int block = size.block();
        int blocks = Math.ceilDiv(rows, block);
        // Per block: the sums of g (x - mean), then those of g.
        var parts = Scratch.take(2 * blocks * channels);
        workers.parallelRanges(rows, block, (from, to) -> {
            var deviations = Scratch.take(line);
            var sum = Scratch.take(line);
            Arrays.fill(deviations, 0, line, 0f);
            Arrays.fill(sum, 0, line, 0f);
            image.strips(
                    from,
                    to,
                    (at, z, g, n) -> BatchNorm.addGradients(x, xo + at, z, 0, g, 0, center, deviations, sum, n));
            int part = from / block * 2 * channels;
            BatchNorm.fold(deviations, parts, part, channels);
            BatchNorm.fold(sum, parts, part + channels, channels);
            Scratch.give(sum);
            Scratch.give(deviations);
        });
        var a = Scratch.take(line);
        var b = Scratch.take(line);
        var d = Scratch.take(line);
        batchNorm.coefficients(parts, blocks, gamma, rstd, dgamma, dbeta, a, b, d, size.pixels(), channels);
        workers.parallelRanges(
                rows,
                block,
                (from, to) -> image.strips(
                        from,
                        to,
                        (at, z, g, n) -> BatchNorm.gradient(x, xo + at, z, 0, g, 0, center, a, b, d, dx, dxo + at, n)));
        Scratch.give(d);
        Scratch.give(b);
        Scratch.give(a);
        Scratch.give(parts);
        Scratch.give(center);
        Scratch.give(shifts);
        Scratch.give(scales);
    }

    /** Is given the place of a strip of an image row, its normalised elements z, the gradient g of z, and its length. */
    @FunctionalInterface
    private interface Strip {
        void accept(int at, float[] z, float[] g, int n);
    }

    /** x, lines of what normalises it, and the gradient dy of the means of its windows. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Image(float[] x, int xo, float[] scales, float[] shifts, float[] dy, int dyo, Size size) {
        /** The strips of some rows of windows; the last one of an image may be cut off. */
        void strips(int from, int to, Strip body) {
            int line = BatchNorm.line(size.channels);
            int perImage = Math.ceilDiv(size.height, size.kh);
            var z = Scratch.take(line);
            var g = Scratch.take(line);
            for (var r = from; r < to; r++) {
                int number = r / perImage;
                int row = r % perImage;
                int top = number * size.height + row * size.kh;
                int bottom = Math.min(top + size.kh, (number + 1) * size.height);
                int covered = row < size.outHeight() ? size.outWidth() * size.kw : 0;
                int ofRow = dyo + (number * size.outHeight() + row) * size.outWidth() * size.channels;
                for (var at = 0; at < size.row(); at += line) {
                    int n = Math.min(line, size.row() - at);
                    spread(dy, ofRow, covered, at / size.channels, g, n, size);
                    for (var i = top; i < bottom; i++) {
                        int strip = i * size.row() + at;
                        Rows.scaleAndShift(x, xo + strip, scales, shifts, 0, true, z, 0, n);
                        body.accept(strip, z, g, n);
                    }
                }
            }
            Scratch.give(g);
            Scratch.give(z);
        }
    }

    /** The gradient of the pixels of a strip, of which the first of the row are covered: their shares of their windows'. */
    private static void spread(float[] dy, int dyo, int covered, int pixel, float[] g, int n, Size size) {
        int channels = size.channels;
        int end = Math.min(n, Math.max(0, covered - pixel) * channels);
        for (var at = 0; at < end; at += channels) {
            int column = pixel + at / channels;
            Rows.affine(size.share(), 0f, dy, dyo + column / size.kw * channels, g, at, channels);
        }
        Arrays.fill(g, end, n, 0f);
    }
}
