package org.jclap.kernels.vector;

import java.util.Arrays;

/** The logarithms of sums of exponentials along the rows or columns of a large matrix, tile by tile. */
final class RunningLogSum {
    private final float[] max;
    private final double[] sum;

    /** Nothing yet, for n lines. */
    RunningLogSum(int n) {
        max = new float[n];
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        sum = new double[n];
    }

    /** Adds the rows of a tile, or its columns. */
    void add(TileGrid.Tile tile, boolean ofRows, float[] values) {
        var lines = new TileLines(tile, ofRows);
        float[] highest = Scratch.take(lines.bufferSize());
        float[] sums = lines.zeros();
        float[] row = Scratch.take(tile.stride());
        lines.max(values, highest);
        for (int r = 0; r < tile.rows(); r++) {
            lines.subtract(r, values, highest, row);
            VectorMath.exp(row, 0, row, 0, tile.stride());
            lines.add(r, row, sums);
        }
        merge(lines, highest, sums);
        Scratch.give(row);
        Scratch.give(sums);
        Scratch.give(highest);
    }

    private void merge(TileLines lines, float[] highest, float[] sums) {
        float[] before = Scratch.take(lines.bufferSize());
        int first = lines.first();
        for (int i = 0; i < lines.count(); i++) {
            float larger = Math.max(max[first + i], highest[i]);
            before[i] = max[first + i] - larger;
            highest[i] -= larger;
            max[first + i] = larger;
        }
        VectorMath.exp(before, 0, before, 0, Lanes.padded(lines.count()));
        VectorMath.exp(highest, 0, highest, 0, Lanes.padded(lines.count()));
        for (int i = 0; i < lines.count(); i++) {
            sum[first + i] = sum[first + i] * before[i] + (double) sums[i] * highest[i];
        }
        Scratch.give(before);
    }

    /** The result for a line. */
    double get(int line) {
        return max[line] + Math.log(sum[line]);
    }
}
