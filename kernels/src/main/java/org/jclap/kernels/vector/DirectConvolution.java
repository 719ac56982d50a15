package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * 3x3 convolutions with stride 1 and padding 1 by their definition, for few channels, where the transforms and the packing
 * of the other algorithms cost more than they save: the first layer of CNN14 has a single input channel.
 *
 * <p>Lanes are output channels. The image is copied into rows with a border of zeros, so that for each row of the kernel
 * the three taps of all channels are one run of memory, and neighbouring positions start {@code in} floats apart.
 */
final class DirectConvolution {
    /** Image rows of one task. */
    private static final int TASK_ROWS = 8;
    /** Positions that share each load of a weight. */
    private static final int POSITIONS = 8;
    /** Weights whose gradients are kept in registers. */
    private static final int WEIGHTS = 4;

    private final Workers workers;

    DirectConvolution(Workers workers) {
        this.workers = workers;
    }

    /** Which weight stands at kernel row i, column j between an input and an output channel. */
    @FunctionalInterface
    private interface Tap {
        int index(int out, int in, int i, int j);
    }

    /** y {@code (B, H, W, out)} from x {@code (B, H, W, in)}, finished by the epilogue. */
    void forward(ConvShape s, float[] x, int xo, float[] weights, int wo, float[] y, int yo, Epilogue epilogue) {
        int in = s.inChannels();
        Tap tap = (o, c, i, j) -> wo + (o * in + c) * 9 + i * 3 + j;
        convolve(s, in, s.outChannels(), x, xo, weights, tap, y, yo, epilogue);
    }

    /** dx {@code (B, H, W, in)} from dy {@code (B, H, W, out)}: the convolution with the kernel turned around. */
    void backwardData(ConvShape s, float[] dy, int dyo, float[] weights, int wo, float[] dx, int dxo) {
        int in = s.inChannels();
        if (in == 1) {
            backwardToOneChannel(s, dy, dyo, weights, wo, dx, dxo);
        } else {
            Tap turned = (o, c, i, j) -> wo + (c * in + o) * 9 + (2 - i) * 3 + 2 - j;
            convolve(s, s.outChannels(), in, dy, dyo, weights, turned, dx, dxo, Epilogue.NONE);
        }
    }

    // ---------------------------------------------------------------------------------------------- forward

    private void convolve(
            ConvShape s,
            int in,
            int out,
            float[] x,
            int xo,
            float[] weights,
            Tap tap,
            float[] y,
            int yo,
            Epilogue epilogue) {
        var packed = pack(in, out, weights, tap);
        forRows(s, (image, from, to) -> {
            var padded = padded(s, in, x, xo, image, from, to);
            for (var h = from; h < to; h++) {
                int pixel = (image * s.height() + h) * s.width();
                convolveRow(s, in, out, padded, h - from, packed, y, yo + pixel * out);
                epilogue.apply(y, yo, out, pixel, pixel + s.width(), 0, out);
            }
            Scratch.give(padded);
        });
        Scratch.give(packed);
    }

    /** Weights as (group of output channels, kernel row, kernel column, input channel, lane); missing lanes are 0. */
    private static float[] pack(int in, int out, float[] weights, Tap tap) {
        int lanes = Lanes.padded(out);
        var packed = Scratch.take(9 * in * lanes);
        for (var o = 0; o < lanes; o++) {
            for (var t = 0; t < 9; t++) {
                for (var c = 0; c < in; c++) {
                    int at = (o / COUNT * 9 * in + t * in + c) * COUNT + o % COUNT;
                    packed[at] = o < out ? weights[tap.index(o, c, t / 3, t % 3)] : 0f;
                }
            }
        }
        return packed;
    }

    /** All channels of some positions after another, so that y is written from front to back. */
    private static void convolveRow(
            ConvShape s, int in, int out, float[] padded, int row, float[] w, float[] y, int yo) {
        int stride = (s.width() + 2) * in;
        for (var column = 0; column < s.width(); ) {
            int at = row * stride + column * in;
            boolean isBlock = column + POSITIONS <= s.width();
            for (var o = 0; o < out; o += COUNT) {
                int target = yo + column * out + o;
                if (isBlock) {
                    eightPositions(in, padded, at, stride, w, o * 9 * in, y, target, out, Math.min(COUNT, out - o));
                } else {
                    onePosition(in, padded, at, stride, w, o * 9 * in, y, target, Math.min(COUNT, out - o));
                }
            }
            column += isBlock ? POSITIONS : 1;
        }
    }

    private static void eightPositions(
            int in, float[] x, int xo, int stride, float[] w, int wo, float[] y, int yo, int out, int lanes) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector y0 = zero, y1 = zero, y2 = zero, y3 = zero, y4 = zero, y5 = zero, y6 = zero, y7 = zero;
        for (var i = 0; i < 3; i++) {
            int at = xo + i * stride;
            for (var k = 0; k < 3 * in; k++) {
                var weight = FloatVector.fromArray(SPECIES, w, wo);
                y0 = weight.fma(FloatVector.broadcast(SPECIES, x[at]), y0);
                y1 = weight.fma(FloatVector.broadcast(SPECIES, x[at + in]), y1);
                y2 = weight.fma(FloatVector.broadcast(SPECIES, x[at + 2 * in]), y2);
                y3 = weight.fma(FloatVector.broadcast(SPECIES, x[at + 3 * in]), y3);
                y4 = weight.fma(FloatVector.broadcast(SPECIES, x[at + 4 * in]), y4);
                y5 = weight.fma(FloatVector.broadcast(SPECIES, x[at + 5 * in]), y5);
                y6 = weight.fma(FloatVector.broadcast(SPECIES, x[at + 6 * in]), y6);
                y7 = weight.fma(FloatVector.broadcast(SPECIES, x[at + 7 * in]), y7);
                at++;
                wo += COUNT;
            }
        }
        var mask = Lanes.tail(0, lanes);
        y0.intoArray(y, yo, mask);
        y1.intoArray(y, yo + out, mask);
        y2.intoArray(y, yo + 2 * out, mask);
        y3.intoArray(y, yo + 3 * out, mask);
        y4.intoArray(y, yo + 4 * out, mask);
        y5.intoArray(y, yo + 5 * out, mask);
        y6.intoArray(y, yo + 6 * out, mask);
        y7.intoArray(y, yo + 7 * out, mask);
    }

    private static void onePosition(
            int in, float[] x, int xo, int stride, float[] w, int wo, float[] y, int yo, int lanes) {
        var sum = FloatVector.zero(SPECIES);
        for (var i = 0; i < 3; i++) {
            for (var k = 0; k < 3 * in; k++) {
                sum = FloatVector.fromArray(SPECIES, w, wo)
                        .fma(FloatVector.broadcast(SPECIES, x[xo + i * stride + k]), sum);
                wo += COUNT;
            }
        }
        sum.intoArray(y, yo, Lanes.tail(0, lanes));
    }

    // ---------------------------------------------------------------------------------------------- one input channel

    /**
     * With one input channel, lanes are taps: {@code T(q, t) = sum over o of dy(q, o) w(o, t)}, then each element of dx is
     * the sum of nine elements of T around it.
     */
    private void backwardToOneChannel(ConvShape s, float[] dy, int dyo, float[] weights, int wo, float[] dx, int dxo) {
        int out = s.outChannels();
        int taps = Lanes.padded(9);
        var byTap = Scratch.take(out * taps);
        Arrays.fill(byTap, 0, out * taps, 0f);
        for (var o = 0; o < out; o++) {
            System.arraycopy(weights, wo + o * 9, byTap, o * taps, 9);
        }
        forRows(s, (image, from, to) -> {
            int first = Math.max(0, from - 1);
            int end = Math.min(s.height(), to + 1);
            var t = Scratch.take((end - first) * s.width() * taps);
            for (var q = 0; q < (end - first) * s.width(); q++) {
                project(out, dy, dyo + ((image * s.height() + first) * s.width() + q) * out, byTap, t, q * taps, taps);
            }
            for (var h = from; h < to; h++) {
                gatherTaps(s, t, first, end, h, taps, dx, dxo + (image * s.height() + h) * s.width());
            }
            Scratch.give(t);
        });
        Scratch.give(byTap);
    }

    private static void project(int out, float[] dy, int dyo, float[] byTap, float[] t, int to, int taps) {
        for (var lane = 0; lane < taps; lane += COUNT) {
            var even = FloatVector.zero(SPECIES);
            var odd = FloatVector.zero(SPECIES);
            var o = 0;
            for (; o + 1 < out; o += 2) {
                even = FloatVector.fromArray(SPECIES, byTap, o * taps + lane)
                        .fma(FloatVector.broadcast(SPECIES, dy[dyo + o]), even);
                odd = FloatVector.fromArray(SPECIES, byTap, (o + 1) * taps + lane)
                        .fma(FloatVector.broadcast(SPECIES, dy[dyo + o + 1]), odd);
            }
            if (o < out) {
                even = FloatVector.fromArray(SPECIES, byTap, o * taps + lane)
                        .fma(FloatVector.broadcast(SPECIES, dy[dyo + o]), even);
            }
            even.add(odd).intoArray(t, to + lane);
        }
    }

    private static void gatherTaps(ConvShape s, float[] t, int first, int end, int h, int taps, float[] dx, int dxo) {
        for (var w = 0; w < s.width(); w++) {
            var sum = 0f;
            for (var i = 0; i < 3; i++) {
                int row = h + 1 - i;
                for (var j = 0; j < 3 && row >= first && row < end; j++) {
                    int column = w + 1 - j;
                    if (column >= 0 && column < s.width()) {
                        sum += t[((row - first) * s.width() + column) * taps + i * 3 + j];
                    }
                }
            }
            dx[dxo + w] = sum;
        }
    }

    // ---------------------------------------------------------------------------------------------- weights

    /** dw {@code (out, in, 3, 3)}: each task sums its rows, and the sums are added in the order of the tasks. */
    void backwardWeights(ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
        int in = s.inChannels();
        int out = s.outChannels();
        int runs = Math.ceilDiv(3 * in, WEIGHTS) * WEIGHTS;
        int lanes = Lanes.padded(out);
        int size = 3 * runs * lanes;
        int chunks = Math.ceilDiv(s.height(), TASK_ROWS);
        var sums = Scratch.take(s.batch() * chunks * size);
        forRows(s, (image, from, to) -> {
            var padded = padded(s, in, x, xo, image, from, to);
            int part = (image * chunks + from / TASK_ROWS) * size;
            for (var o = 0; o < out; o += COUNT) {
                for (var i = 0; i < 3; i++) {
                    for (var k = 0; k < runs; k += WEIGHTS) {
                        int source = dyo + ((image * s.height() + from) * s.width()) * out + o;
                        int target = part + (o * 3 + i * COUNT) * runs + k * COUNT;
                        fourWeights(s, in, out, padded, i, k, to - from, dy, source, out - o, sums, target);
                    }
                }
            }
            Scratch.give(padded);
        });
        workers.parallelFor(out, o -> {
            int group = o / COUNT * COUNT;
            for (var c = 0; c < in; c++) {
                for (var tap = 0; tap < 9; tap++) {
                    int at = (group * 3 + tap / 3 * COUNT) * runs + (tap % 3 * in + c) * COUNT + o % COUNT;
                    var sum = 0f;
                    for (var part = 0; part < s.batch() * chunks; part++) {
                        sum += sums[part * size + at];
                    }
                    dw[dwo + (o * in + c) * 9 + tap] = sum;
                }
            }
        });
        Scratch.give(sums);
    }

    /** The sums over some rows of dy times the inputs at k to k + 3 of kernel row i; inputs behind the run are not read out. */
    private static void fourWeights(
            ConvShape s,
            int in,
            int out,
            float[] padded,
            int i,
            int k,
            int rows,
            float[] dy,
            int dyo,
            int lanes,
            float[] sums,
            int to) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        var mask = Lanes.tail(0, Math.min(COUNT, lanes));
        for (var h = 0; h < rows; h++) {
            int at = (h + i) * (s.width() + 2) * in + k;
            for (var w = 0; w < s.width(); w++) {
                var gradient = FloatVector.fromArray(SPECIES, dy, dyo, mask);
                s0 = gradient.fma(FloatVector.broadcast(SPECIES, padded[at]), s0);
                s1 = gradient.fma(FloatVector.broadcast(SPECIES, padded[at + 1]), s1);
                s2 = gradient.fma(FloatVector.broadcast(SPECIES, padded[at + 2]), s2);
                s3 = gradient.fma(FloatVector.broadcast(SPECIES, padded[at + 3]), s3);
                at += in;
                dyo += out;
            }
        }
        s0.intoArray(sums, to);
        s1.intoArray(sums, to + COUNT);
        s2.intoArray(sums, to + 2 * COUNT);
        s3.intoArray(sums, to + 3 * COUNT);
    }

    // ---------------------------------------------------------------------------------------------- rows

    /** The rows {@code from} to {@code to - 1} of an image. */
    @FunctionalInterface
    private interface RowBody {
        void accept(int image, int from, int to);
    }

    private void forRows(ConvShape s, RowBody body) {
        int chunks = Math.ceilDiv(s.height(), TASK_ROWS);
        workers.parallelFor(s.batch() * chunks, task -> {
            int from = task % chunks * TASK_ROWS;
            body.accept(task / chunks, from, Math.min(s.height(), from + TASK_ROWS));
        });
    }

    /** The rows {@code from - 1} to {@code to} of an image, with a border of zeros; readable a few floats beyond the end. */
    private static float[] padded(ConvShape s, int channels, float[] x, int xo, int image, int from, int to) {
        int width = s.width() * channels;
        int stride = width + 2 * channels;
        int size = (to - from + 2) * stride + WEIGHTS;
        var padded = Scratch.take(size);
        Arrays.fill(padded, 0, size, 0f);
        for (var h = Math.max(0, from - 1); h < Math.min(s.height(), to + 1); h++) {
            int source = xo + (image * s.height() + h) * width;
            System.arraycopy(x, source, padded, (h - from + 1) * stride + channels, width);
        }
        return padded;
    }
}
