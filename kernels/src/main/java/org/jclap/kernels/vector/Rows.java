package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/** Loops over one contiguous row that several kernels share, in the calling thread. */
final class Rows {
    private static final int SMALLEST_TASK = 16 << 10;
    private static final int LARGEST_TASK = 256 << 10;
    /** Tasks that a loop is cut into, where their size allows. */
    private static final int TASKS = 64;

    private Rows() {}

    /**
     * Elements of one task of a loop over n that the memory bounds, a multiple of {@link Lanes#COUNT}: long tasks suit the
     * prefetcher, many tasks keep all threads busy.
     */
    static int task(int n) {
        return Math.clamp(Integer.highestOneBit(n / TASKS), SMALLEST_TASK, LARGEST_TASK);
    }

    /** Rows of one task of a loop over a contiguous (rows, columns). */
    static int perTask(int rows, int columns) {
        return Math.max(1, task(rows * columns) / Math.max(1, columns));
    }

    /** {@code y[i] = a x[i] + b}. */
    static void affine(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        var va = FloatVector.broadcast(SPECIES, a);
        var vb = FloatVector.broadcast(SPECIES, b);
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, xo + i).fma(va, vb).intoArray(y, yo + i);
        }
        for (var i = whole; i < n; i++) {
            y[yo + i] = Math.fma(a, x[xo + i], b);
        }
    }

    /** {@code y[i] = a x[i] + z[i]}. */
    static void addScaled(float a, float[] x, int xo, float[] z, int zo, float[] y, int yo, int n) {
        var va = FloatVector.broadcast(SPECIES, a);
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .fma(va, FloatVector.fromArray(SPECIES, z, zo + i))
                    .intoArray(y, yo + i);
        }
        for (var i = whole; i < n; i++) {
            y[yo + i] = Math.fma(a, x[xo + i], z[zo + i]);
        }
    }

    /** {@code y[i] = scale[po + i] x[i] + shift[po + i]}, then the ReLU; y may be x. */
    static void scaleAndShift(
            float[] x, int xo, float[] scale, float[] shift, int po, boolean relu, float[] y, int yo, int n) {
        float least = relu ? 0f : Float.NEGATIVE_INFINITY;
        int whole = Lanes.bound(n);
        for (var i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .fma(FloatVector.fromArray(SPECIES, scale, po + i), FloatVector.fromArray(SPECIES, shift, po + i))
                    .max(least)
                    .intoArray(y, yo + i);
        }
        for (var i = whole; i < n; i++) {
            y[yo + i] = Math.max(Math.fma(x[xo + i], scale[po + i], shift[po + i]), least);
        }
    }
}
