package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The linear maps of Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * 2016), each applied to {@link Lanes#COUNT} channels at once: first down the columns into a buffer, then along the
 * rows.
 *
 * <p>The interpolation points are 0, 3/4, -3/4, 3/2, -3/2 and infinity. All coefficients but the divisors are exact in
 * binary, and against the usual 0, 1, -1, 2, -2 the largest error is a third (4e-6 of the largest output at 512
 * channels instead of 1.1e-5), because the powers of the points stay nearer to one.
 *
 * <p>Names: x a 6x6 piece of the input, g a 3x3 filter, y a 4x4 piece of the output; {@code y = Q^T [(G g G^T) * (P^T x
 * P)] Q}. The buffers hold one vector per element.
 */
final class WinogradTransforms {
    /** Elements of a transformed tile. */
    static final int TILE = 36;

    private static final float A = 0.75f;
    private static final float B = 1.5f;
    private static final float A2 = A * A;
    private static final float B2 = B * B;
    private static final float SCALE_A = 1 / (2 * A2 * (A2 - B2));
    private static final float SCALE_B = 1 / (2 * B2 * (B2 - A2));

    private WinogradTransforms() {}

    /**
     * {@code P^T x P}: element (i, j) of x at {@code x[xo + i * rowStride + j * columnStride]}, element xi of the
     * result to {@code v[vo + xi * xiStride]}.
     */
    static void input(
            float[] x, int xo, int rowStride, int columnStride, float[] half, float[] v, int vo, int xiStride) {
        for (var j = 0; j < 6; j++) {
            input6(x, xo + j * columnStride, rowStride, half, j * COUNT, 6 * COUNT);
        }
        for (var i = 0; i < 6; i++) {
            input6(half, i * 6 * COUNT, COUNT, v, vo + i * 6 * xiStride, xiStride);
        }
    }

    private static void input6(float[] s, int so, int step, float[] t, int to, int stride) {
        var d1 = FloatVector.fromArray(SPECIES, s, so + step);
        var d2 = FloatVector.fromArray(SPECIES, s, so + 2 * step);
        var d3 = FloatVector.fromArray(SPECIES, s, so + 3 * step);
        var d4 = FloatVector.fromArray(SPECIES, s, so + 4 * step);
        var product = FloatVector.broadcast(SPECIES, A2 * B2);
        var minusSum = FloatVector.broadcast(SPECIES, -A2 - B2);
        minusSum.fma(d2, product.fma(FloatVector.fromArray(SPECIES, s, so), d4)).intoArray(t, to);
        var even = FloatVector.broadcast(SPECIES, -B2).fma(d2, d4);
        var odd = FloatVector.broadcast(SPECIES, -B2).fma(d1, d3).mul(A);
        even.add(odd).intoArray(t, to + stride);
        even.sub(odd).intoArray(t, to + 2 * stride);
        even = FloatVector.broadcast(SPECIES, -A2).fma(d2, d4);
        odd = FloatVector.broadcast(SPECIES, -A2).fma(d1, d3).mul(B);
        even.add(odd).intoArray(t, to + 3 * stride);
        even.sub(odd).intoArray(t, to + 4 * stride);
        minusSum.fma(d3, product.fma(d1, FloatVector.fromArray(SPECIES, s, so + 5 * step)))
                .intoArray(t, to + 5 * stride);
    }

    /**
     * {@code Q^T m Q}: element xi of m at {@code m[mo + xi * xiStride]}, the 4x4 result to {@code y} by its strides.
     */
    static void output(
            float[] m, int mo, int xiStride, float[] half, float[] y, int yo, int rowStride, int columnStride) {
        for (var j = 0; j < 6; j++) {
            output4(m, mo + j * xiStride, 6 * xiStride, half, j * COUNT, 6 * COUNT);
        }
        for (var i = 0; i < 4; i++) {
            output4(half, i * 6 * COUNT, COUNT, y, yo + i * rowStride, columnStride);
        }
    }

    private static void output4(float[] s, int so, int step, float[] t, int to, int stride) {
        var d1 = FloatVector.fromArray(SPECIES, s, so + step);
        var d2 = FloatVector.fromArray(SPECIES, s, so + 2 * step);
        var d3 = FloatVector.fromArray(SPECIES, s, so + 3 * step);
        var d4 = FloatVector.fromArray(SPECIES, s, so + 4 * step);
        var sumA = d1.add(d2);
        var differenceA = d1.sub(d2);
        var sumB = d3.add(d4);
        var differenceB = d3.sub(d4);
        FloatVector.fromArray(SPECIES, s, so).add(sumA).add(sumB).intoArray(t, to);
        FloatVector.broadcast(SPECIES, B).fma(differenceB, differenceA.mul(A)).intoArray(t, to + stride);
        FloatVector.broadcast(SPECIES, B2).fma(sumB, sumA.mul(A2)).intoArray(t, to + 2 * stride);
        var last = FloatVector.broadcast(SPECIES, A2 * A)
                .fma(differenceA, FloatVector.fromArray(SPECIES, s, so + 5 * step));
        FloatVector.broadcast(SPECIES, B2 * B).fma(differenceB, last).intoArray(t, to + 3 * stride);
    }

    /**
     * {@code G g G^T}: tap t of g at {@code g[t * COUNT]}, element xi of the result to {@code u[uo + xi * xiStride]}.
     */
    static void filter(float[] g, float[] half, float[] u, int uo, int xiStride) {
        for (var j = 0; j < 3; j++) {
            filter6(g, j * COUNT, 3 * COUNT, half, j * COUNT, 3 * COUNT);
        }
        for (var i = 0; i < 6; i++) {
            filter6(half, i * 3 * COUNT, COUNT, u, uo + i * 6 * xiStride, xiStride);
        }
    }

    private static void filter6(float[] s, int so, int step, float[] t, int to, int stride) {
        var g0 = FloatVector.fromArray(SPECIES, s, so);
        var g1 = FloatVector.fromArray(SPECIES, s, so + step);
        var g2 = FloatVector.fromArray(SPECIES, s, so + 2 * step);
        g0.mul(1 / (A2 * B2)).intoArray(t, to);
        var even = FloatVector.broadcast(SPECIES, A2 * SCALE_A).fma(g2, g0.mul(SCALE_A));
        var odd = g1.mul(A * SCALE_A);
        even.add(odd).intoArray(t, to + stride);
        even.sub(odd).intoArray(t, to + 2 * stride);
        even = FloatVector.broadcast(SPECIES, B2 * SCALE_B).fma(g2, g0.mul(SCALE_B));
        odd = g1.mul(B * SCALE_B);
        even.add(odd).intoArray(t, to + 3 * stride);
        even.sub(odd).intoArray(t, to + 4 * stride);
        g2.intoArray(t, to + 5 * stride);
    }

    /** {@code Q dy Q^T}, the transpose of {@link #output}: a 4x4 piece by its strides to 36 elements. */
    static void outputGradient(
            float[] dy, int dyo, int rowStride, int columnStride, float[] half, float[] z, int zo, int xiStride) {
        for (var j = 0; j < 4; j++) {
            outputGradient6(dy, dyo + j * columnStride, rowStride, half, j * COUNT, 4 * COUNT);
        }
        for (var i = 0; i < 6; i++) {
            outputGradient6(half, i * 4 * COUNT, COUNT, z, zo + i * 6 * xiStride, xiStride);
        }
    }

    private static void outputGradient6(float[] s, int so, int step, float[] t, int to, int stride) {
        var y0 = FloatVector.fromArray(SPECIES, s, so);
        var y1 = FloatVector.fromArray(SPECIES, s, so + step);
        var y2 = FloatVector.fromArray(SPECIES, s, so + 2 * step);
        var y3 = FloatVector.fromArray(SPECIES, s, so + 3 * step);
        y0.intoArray(t, to);
        var even = FloatVector.broadcast(SPECIES, A2).fma(y2, y0);
        var odd = FloatVector.broadcast(SPECIES, A2).fma(y3, y1).mul(A);
        even.add(odd).intoArray(t, to + stride);
        even.sub(odd).intoArray(t, to + 2 * stride);
        even = FloatVector.broadcast(SPECIES, B2).fma(y2, y0);
        odd = FloatVector.broadcast(SPECIES, B2).fma(y3, y1).mul(B);
        even.add(odd).intoArray(t, to + 3 * stride);
        even.sub(odd).intoArray(t, to + 4 * stride);
        y3.intoArray(t, to + 5 * stride);
    }

    /** {@code G^T du G}, the transpose of {@link #filter}: 36 elements by their stride to nine taps. */
    static void filterGradient(float[] u, int uo, int xiStride, float[] half, float[] dg) {
        for (var j = 0; j < 6; j++) {
            filterGradient3(u, uo + j * xiStride, 6 * xiStride, half, j * COUNT, 6 * COUNT);
        }
        for (var i = 0; i < 3; i++) {
            filterGradient3(half, i * 6 * COUNT, COUNT, dg, i * 3 * COUNT, COUNT);
        }
    }

    private static void filterGradient3(float[] s, int so, int step, float[] t, int to, int stride) {
        var d1 = FloatVector.fromArray(SPECIES, s, so + step);
        var d2 = FloatVector.fromArray(SPECIES, s, so + 2 * step);
        var d3 = FloatVector.fromArray(SPECIES, s, so + 3 * step);
        var d4 = FloatVector.fromArray(SPECIES, s, so + 4 * step);
        var sumA = d1.add(d2).mul(SCALE_A);
        var sumB = d3.add(d4).mul(SCALE_B);
        FloatVector.broadcast(SPECIES, 1 / (A2 * B2))
                .fma(FloatVector.fromArray(SPECIES, s, so), sumA)
                .add(sumB)
                .intoArray(t, to);
        var differenceA = d1.sub(d2).mul(A * SCALE_A);
        FloatVector.broadcast(SPECIES, B * SCALE_B).fma(d3.sub(d4), differenceA).intoArray(t, to + stride);
        var last = FloatVector.broadcast(SPECIES, A2).fma(sumA, FloatVector.fromArray(SPECIES, s, so + 5 * step));
        FloatVector.broadcast(SPECIES, B2).fma(sumB, last).intoArray(t, to + 2 * stride);
    }
}
