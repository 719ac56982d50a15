package org.jclap.kernels.vector;

/**
 * Copies in which the axis that runs fastest changes: two axes are exchanged in square blocks, so that the cache lines of
 * both sides are used whole, for each index of the other axes.
 */
final class Transpose {
    private static final int BLOCK = 32;

    private Transpose() {}

    /** Whether the last axis has gaps and another one has none. */
    static boolean suits(Strided x) {
        return x.sizes().length >= 2 && x.strides()[x.strides().length - 1] != 1 && dense(x) >= 0;
    }

    /** The axis whose elements lie next to each other, or -1. */
    private static int dense(Strided x) {
        for (int axis = 0; axis < x.strides().length; axis++) {
            if (x.strides()[axis] == 1) {
                return axis;
            }
        }
        return -1;
    }

    /** {@code y[i] = x_i} for an x that {@link #suits}; parallel over rows of blocks. */
    static void run(Workers workers, Strided x, float[] y, int yo) {
        int[] sizes = x.sizes();
        int last = sizes.length - 1;
        int dense = dense(x);
        int[] steps = new int[sizes.length];
        steps[last] = 1;
        for (int axis = last; axis > 0; axis--) {
            steps[axis - 1] = steps[axis] * sizes[axis];
        }
        int bands = Math.ceilDiv(sizes[dense], BLOCK);
        int outer = 1;
        for (int axis = 0; axis < last; axis++) {
            outer *= axis == dense ? 1 : sizes[axis];
        }
        workers.parallelFor(outer * bands, task -> {
            int rest = task / bands;
            int from = x.offset();
            int to = yo;
            for (int axis = last - 1; axis >= 0; axis--) {
                if (axis != dense) {
                    from += rest % sizes[axis] * x.strides()[axis];
                    to += rest % sizes[axis] * steps[axis];
                    rest /= sizes[axis];
                }
            }
            int i0 = task % bands * BLOCK;
            int rows = Math.min(BLOCK, sizes[dense] - i0);
            band(x.data(), from + i0, x.strides()[last], y, to + i0 * steps[dense], steps[dense], rows, sizes[last]);
        });
    }

    /** Writes a tile, given the rows of its transpose {@code ldx} apart, into {@code y}. */
    static void matrix(float[] x, int ldx, float[] y, TileGrid.Tile tile) {
        for (int i = 0; i < tile.rows(); i += BLOCK) {
            int rows = Math.min(BLOCK, tile.rows() - i);
            band(x, i, ldx, y, i * tile.stride(), tile.stride(), rows, tile.columns());
        }
    }

    /** {@code y[i * ldy + j] = x[i + j * ldx]} for i below {@code rows}, at most {@value #BLOCK}, and j below n. */
    private static void band(float[] x, int xo, int ldx, float[] y, int yo, int ldy, int rows, int n) {
        for (int j0 = 0; j0 < n; j0 += BLOCK) {
            int j1 = Math.min(n, j0 + BLOCK);
            for (int i = 0; i < rows; i++) {
                for (int j = j0; j < j1; j++) {
                    y[yo + i * ldy + j] = x[xo + i + j * ldx];
                }
            }
        }
    }
}
