package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/** Loops over one contiguous row that several kernels share, in the calling thread. */
final class Rows {
    /** Elements of one task of the kernels that work row by row. */
    private static final int TASK = 16 << 10;

    private Rows() {}

    /** Rows of one task when a row has {@code columns} elements. */
    static int perTask(int columns) {
        return Math.max(1, TASK / Math.max(1, columns));
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
}
