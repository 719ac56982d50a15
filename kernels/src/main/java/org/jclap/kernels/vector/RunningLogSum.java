package org.jclap.kernels.vector;

import java.util.Arrays;

/** The logarithms of sums of exponentials along the rows of a large matrix, tile by tile. */
final class RunningLogSum {
    private final float[] max;
    private final double[] sum;

    /** Nothing yet, for n rows. */
    RunningLogSum(int n) {
        max = new float[n];
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        sum = new double[n];
    }

    /** Adds the rows of a tile; {@code scratch} holds a tile as well. */
    void add(TileGrid.Tile tile, float[] values, float[] scratch) {
        int stride = tile.stride();
        float[] highest = Scratch.take(tile.rows());
        for (int r = 0; r < tile.rows(); r++) {
            int at = r * stride;
            Arrays.fill(values, at + tile.columns(), at + stride, Float.NEGATIVE_INFINITY);
            highest[r] = Reductions.max(values, at, stride);
            Rows.affine(1f, -highest[r], values, at, scratch, at, stride);
        }
        VectorMath.exp(scratch, 0, scratch, 0, tile.rows() * stride);
        for (int r = 0; r < tile.rows(); r++) {
            merge(tile.row() + r, highest[r], Reductions.sum(scratch, r * stride, stride));
        }
        Scratch.give(highest);
    }

    private void merge(int row, float otherMax, double otherSum) {
        float larger = Math.max(max[row], otherMax);
        sum[row] = sum[row] * Math.exp(max[row] - (double) larger) + otherSum * Math.exp(otherMax - (double) larger);
        max[row] = larger;
    }

    /** The result for a row. */
    double get(int row) {
        return max[row] + Math.log(sum[row]);
    }
}
