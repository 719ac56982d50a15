package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The linear maps of Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * 2016), for all channels of a tile: first down the columns into a buffer, then along the rows.
 *
 * <p>The interpolation points are 0, 3/4, -3/4, 3/2, -3/2 and infinity. All coefficients but the divisors are exact in
 * binary, and against the usual 0, 1, -1, 2, -2 the largest error is a third (4e-6 of the largest output at 512
 * channels instead of 1.1e-5), because the powers of the points stay nearer to one.
 *
 * <p>Names: x a 6x6 piece of the input, g a 3x3 filter, y a 4x4 piece of the output; {@code y = Q^T [(G g G^T) * (P^T x
 * P)] Q}.
 *
 * <p>The map of one line takes and gives vectors of {@link Lanes#COUNT} channels; each method loops over the channels of
 * all lines. So the constants stay in registers, and a vector is read back from the buffer long after it was written: one
 * that crosses a cache line is not forwarded from the store buffer.
 */
final class WinogradTransforms {
    /** Elements of a transformed tile. */
    static final int TILE = 36;

    /** Channels whose buffer stays in the L1 cache with what is read and written. */
    private static final int CHANNELS = 128;

    /** Floats of the buffer of every map but those of filters. */
    static final int BUFFER = TILE * CHANNELS;

    private static final float A = 0.75f;
    private static final float B = 1.5f;
    private static final float A2 = A * A;
    private static final float B2 = B * B;
    private static final float SCALE_A = 1 / (2 * A2 * (A2 - B2));
    private static final float SCALE_B = 1 / (2 * B2 * (B2 - A2));

    private WinogradTransforms() {}

    /**
     * {@code P^T x P} of {@code channels} channels: channel c of element (i, j) of x at {@code x[xo + i * rowStride + j *
     * columnStride + c]}, and of element xi of the result at {@code v[vo + xi * xiStride + blocks.at(c)]}.
     */
    static void input(
            int channels,
            float[] x,
            int xo,
            int rowStride,
            int columnStride,
            float[] buffer,
            float[] v,
            int vo,
            int xiStride,
            TileBlocks blocks) {
        int most = chunk(blocks);
        for (var c = 0; c < channels; c += most) {
            int n = Math.min(most, channels - c);
            int run = run(blocks, n);
            input6(n, x, xo + c, columnStride, rowStride, buffer, 0, n, 6 * n, COUNT);
            for (var r = 0; r < n; r += run) {
                int to = vo + blocks.at(c + r);
                input6(Math.min(run, n - r), buffer, r, 6 * n, n, v, to, 6 * xiStride, xiStride, group(blocks));
            }
        }
    }

    /** Channels that are transformed together: whole blocks, as many as L1 bears. */
    private static int chunk(TileBlocks blocks) {
        return blocks.width() < CHANNELS ? CHANNELS / blocks.width() * blocks.width() : CHANNELS;
    }

    /** Of n channels, those whose vectors are equally far apart in their blocks. */
    private static int run(TileBlocks blocks, int n) {
        return blocks.width() == COUNT ? n : Math.min(blocks.width(), n);
    }

    /** Floats between the vectors of a run. */
    private static int group(TileBlocks blocks) {
        return blocks.width() == COUNT ? blocks.stride() : COUNT;
    }

    private static void input6(
            int channels,
            float[] s,
            int so,
            int nextFrom,
            int step,
            float[] t,
            int to,
            int nextTo,
            int stride,
            int group) {
        for (var line = 0; line < 6; line++) {
            int at = to + line * nextTo;
            for (var from = so + line * nextFrom; from < so + line * nextFrom + channels; from += COUNT) {
                var d1 = FloatVector.fromArray(SPECIES, s, from + step);
                var d2 = FloatVector.fromArray(SPECIES, s, from + 2 * step);
                var d3 = FloatVector.fromArray(SPECIES, s, from + 3 * step);
                var d4 = FloatVector.fromArray(SPECIES, s, from + 4 * step);
                var product = FloatVector.broadcast(SPECIES, A2 * B2);
                var minusSum = FloatVector.broadcast(SPECIES, -A2 - B2);
                minusSum.fma(d2, product.fma(FloatVector.fromArray(SPECIES, s, from), d4))
                        .intoArray(t, at);
                var even = FloatVector.broadcast(SPECIES, -B2).fma(d2, d4);
                var odd = FloatVector.broadcast(SPECIES, -B2).fma(d1, d3).mul(A);
                even.add(odd).intoArray(t, at + stride);
                even.sub(odd).intoArray(t, at + 2 * stride);
                even = FloatVector.broadcast(SPECIES, -A2).fma(d2, d4);
                odd = FloatVector.broadcast(SPECIES, -A2).fma(d1, d3).mul(B);
                even.add(odd).intoArray(t, at + 3 * stride);
                even.sub(odd).intoArray(t, at + 4 * stride);
                minusSum.fma(d3, product.fma(d1, FloatVector.fromArray(SPECIES, s, from + 5 * step)))
                        .intoArray(t, at + 5 * stride);
                at += group;
            }
        }
    }

    /**
     * {@code Q^T m Q} of {@code channels} channels: element xi of m at {@code m[mo + xi * xiStride + c]}, the 4x4 result to
     * {@code y} by its strides.
     */
    static void output(
            int channels,
            float[] m,
            int mo,
            int xiStride,
            float[] buffer,
            float[] y,
            int yo,
            int rowStride,
            int columnStride) {
        for (var c = 0; c < channels; c += CHANNELS) {
            int n = Math.min(CHANNELS, channels - c);
            output4(6, n, m, mo + c, xiStride, 6 * xiStride, buffer, 0, n, 6 * n);
            output4(4, n, buffer, 0, 6 * n, n, y, yo + c, rowStride, columnStride);
        }
    }

    private static void output4(
            int lines,
            int channels,
            float[] s,
            int so,
            int nextFrom,
            int step,
            float[] t,
            int to,
            int nextTo,
            int stride) {
        for (var line = 0; line < lines; line++) {
            int at = to + line * nextTo;
            for (var from = so + line * nextFrom; from < so + line * nextFrom + channels; from += COUNT) {
                var d1 = FloatVector.fromArray(SPECIES, s, from + step);
                var d2 = FloatVector.fromArray(SPECIES, s, from + 2 * step);
                var d3 = FloatVector.fromArray(SPECIES, s, from + 3 * step);
                var d4 = FloatVector.fromArray(SPECIES, s, from + 4 * step);
                var sumA = d1.add(d2);
                var differenceA = d1.sub(d2);
                var sumB = d3.add(d4);
                var differenceB = d3.sub(d4);
                FloatVector.fromArray(SPECIES, s, from).add(sumA).add(sumB).intoArray(t, at);
                FloatVector.broadcast(SPECIES, B)
                        .fma(differenceB, differenceA.mul(A))
                        .intoArray(t, at + stride);
                FloatVector.broadcast(SPECIES, B2).fma(sumB, sumA.mul(A2)).intoArray(t, at + 2 * stride);
                var last = FloatVector.broadcast(SPECIES, A2 * A)
                        .fma(differenceA, FloatVector.fromArray(SPECIES, s, from + 5 * step));
                FloatVector.broadcast(SPECIES, B2 * B).fma(differenceB, last).intoArray(t, at + 3 * stride);
                at += COUNT;
            }
        }
    }

    /**
     * {@code G g G^T} of {@code vectors} vectors: vector c of tap t of g at {@code g[go + t * tapStride + c * vectorStride]},
     * and of element xi of the result at {@code u[uo + xi * xiStride + c * next]}. The buffer has 18 vectors for each.
     */
    static void filter(
            int vectors,
            float[] g,
            int go,
            int tapStride,
            int vectorStride,
            float[] buffer,
            float[] u,
            int uo,
            int xiStride,
            int next) {
        int n = vectors * COUNT;
        filter6(3, vectors, g, go, tapStride, 3 * tapStride, vectorStride, buffer, 0, n, 3 * n, COUNT);
        filter6(6, vectors, buffer, 0, 3 * n, n, COUNT, u, uo, 6 * xiStride, xiStride, next);
    }

    private static void filter6(
            int lines,
            int vectors,
            float[] s,
            int so,
            int nextFrom,
            int step,
            int vectorStride,
            float[] t,
            int to,
            int nextTo,
            int stride,
            int next) {
        for (var line = 0; line < lines; line++) {
            int from = so + line * nextFrom;
            int at = to + line * nextTo;
            for (var c = 0; c < vectors; c++) {
                var g0 = FloatVector.fromArray(SPECIES, s, from);
                var g1 = FloatVector.fromArray(SPECIES, s, from + step);
                var g2 = FloatVector.fromArray(SPECIES, s, from + 2 * step);
                g0.mul(1 / (A2 * B2)).intoArray(t, at);
                var even = FloatVector.broadcast(SPECIES, A2 * SCALE_A).fma(g2, g0.mul(SCALE_A));
                var odd = g1.mul(A * SCALE_A);
                even.add(odd).intoArray(t, at + stride);
                even.sub(odd).intoArray(t, at + 2 * stride);
                even = FloatVector.broadcast(SPECIES, B2 * SCALE_B).fma(g2, g0.mul(SCALE_B));
                odd = g1.mul(B * SCALE_B);
                even.add(odd).intoArray(t, at + 3 * stride);
                even.sub(odd).intoArray(t, at + 4 * stride);
                g2.intoArray(t, at + 5 * stride);
                from += vectorStride;
                at += next;
            }
        }
    }

    /**
     * {@code Q dy Q^T}, the transpose of {@link #output}, of {@code channels} channels: a 4x4 piece by its strides to 36
     * elements, laid out as those of {@link #input}.
     */
    static void outputGradient(
            int channels,
            float[] dy,
            int dyo,
            int rowStride,
            int columnStride,
            float[] buffer,
            float[] z,
            int zo,
            int xiStride,
            TileBlocks blocks) {
        int most = chunk(blocks);
        for (var c = 0; c < channels; c += most) {
            int n = Math.min(most, channels - c);
            int run = run(blocks, n);
            outputGradient6(4, n, dy, dyo + c, columnStride, rowStride, buffer, 0, n, 4 * n, COUNT);
            for (var r = 0; r < n; r += run) {
                int to = zo + blocks.at(c + r);
                outputGradient6(
                        6, Math.min(run, n - r), buffer, r, 4 * n, n, z, to, 6 * xiStride, xiStride, group(blocks));
            }
        }
    }

    private static void outputGradient6(
            int lines,
            int channels,
            float[] s,
            int so,
            int nextFrom,
            int step,
            float[] t,
            int to,
            int nextTo,
            int stride,
            int group) {
        for (var line = 0; line < lines; line++) {
            int at = to + line * nextTo;
            for (var from = so + line * nextFrom; from < so + line * nextFrom + channels; from += COUNT) {
                var y0 = FloatVector.fromArray(SPECIES, s, from);
                var y1 = FloatVector.fromArray(SPECIES, s, from + step);
                var y2 = FloatVector.fromArray(SPECIES, s, from + 2 * step);
                var y3 = FloatVector.fromArray(SPECIES, s, from + 3 * step);
                y0.intoArray(t, at);
                var even = FloatVector.broadcast(SPECIES, A2).fma(y2, y0);
                var odd = FloatVector.broadcast(SPECIES, A2).fma(y3, y1).mul(A);
                even.add(odd).intoArray(t, at + stride);
                even.sub(odd).intoArray(t, at + 2 * stride);
                even = FloatVector.broadcast(SPECIES, B2).fma(y2, y0);
                odd = FloatVector.broadcast(SPECIES, B2).fma(y3, y1).mul(B);
                even.add(odd).intoArray(t, at + 3 * stride);
                even.sub(odd).intoArray(t, at + 4 * stride);
                y3.intoArray(t, at + 5 * stride);
                at += group;
            }
        }
    }

    /**
     * {@code G^T du G}, the transpose of {@link #filter}, of {@code channels} channels: channel c of element xi of du at
     * {@code u[uo + xi * xiStride + c]}, and of tap t of the result at {@code dg[dgo + t * tapStride + c]}. The buffer has
     * 18 values a channel.
     */
    static void filterGradient(
            int channels, float[] u, int uo, int xiStride, float[] buffer, float[] dg, int dgo, int tapStride) {
        int n = channels;
        filterGradient3(6, n, u, uo, xiStride, 6 * xiStride, buffer, 0, n, 6 * n);
        filterGradient3(3, n, buffer, 0, 6 * n, n, dg, dgo, 3 * tapStride, tapStride);
    }

    private static void filterGradient3(
            int lines,
            int channels,
            float[] s,
            int so,
            int nextFrom,
            int step,
            float[] t,
            int to,
            int nextTo,
            int stride) {
        for (var line = 0; line < lines; line++) {
            int at = to + line * nextTo;
            for (var from = so + line * nextFrom; from < so + line * nextFrom + channels; from += COUNT) {
                var d1 = FloatVector.fromArray(SPECIES, s, from + step);
                var d2 = FloatVector.fromArray(SPECIES, s, from + 2 * step);
                var d3 = FloatVector.fromArray(SPECIES, s, from + 3 * step);
                var d4 = FloatVector.fromArray(SPECIES, s, from + 4 * step);
                var sumA = d1.add(d2).mul(SCALE_A);
                var sumB = d3.add(d4).mul(SCALE_B);
                FloatVector.broadcast(SPECIES, 1 / (A2 * B2))
                        .fma(FloatVector.fromArray(SPECIES, s, from), sumA)
                        .add(sumB)
                        .intoArray(t, at);
                var differenceA = d1.sub(d2).mul(A * SCALE_A);
                FloatVector.broadcast(SPECIES, B * SCALE_B)
                        .fma(d3.sub(d4), differenceA)
                        .intoArray(t, at + stride);
                var last = FloatVector.broadcast(SPECIES, A2)
                        .fma(sumA, FloatVector.fromArray(SPECIES, s, from + 5 * step));
                FloatVector.broadcast(SPECIES, B2).fma(sumB, last).intoArray(t, at + 2 * stride);
                at += COUNT;
            }
        }
    }
}
