package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The rows of a tile, or its columns, each reduced to a number. Either way the tile is passed row by row, so that what is
 * made of a row on the way stays in L1, and columns are reduced as they lie, in vectors of neighbouring ones. What lies
 * between the last column and the stride is not looked at in rows, and makes results behind the last one in columns.
 *
 * @param tile whose rows lie a stride apart
 * @param ofRows whether each row is a line, or else each column
 */
record TileLines(TileGrid.Tile tile, boolean ofRows) {
    /** Floats of a buffer for one number a line. */
    int bufferSize() {
        return Lanes.padded(count());
    }

    /** The lines of this tile. */
    int count() {
        return ofRows ? tile.rows() : tile.columns();
    }

    /** The first line's number in the large matrix. */
    int first() {
        return ofRows ? tile.row() : tile.column();
    }

    /** The largest element of each line. */
    void max(float[] x, float[] result) {
        if (ofRows) {
            for (int r = 0; r < tile.rows(); r++) {
                result[r] = Reductions.max(x, r * tile.stride(), tile.columns());
            }
            return;
        }
        System.arraycopy(x, 0, result, 0, tile.stride());
        for (int at = tile.stride(); at < tile.size(); at += tile.stride()) {
            Binary.MAX.run(result, 0, x, at, result, 0, tile.stride());
        }
    }

    /** Adds row {@code r} of a tile, which is given by itself, to the sums of the lines. */
    void add(int r, float[] row, float[] sums) {
        if (ofRows) {
            sums[r] += Reductions.sum(row, 0, tile.columns());
        } else {
            Binary.ADD.run(sums, 0, row, 0, sums, 0, tile.stride());
        }
    }

    /** Adds the products of two rows {@code r}, one by itself and one at {@code yo}, to the sums of the lines. */
    void addProduct(int r, float[] x, float[] y, int yo, float[] sums) {
        if (ofRows) {
            sums[r] += SmallGemm.dot(x, 0, y, yo, tile.columns());
            return;
        }
        for (int i = 0; i < tile.stride(); i += COUNT) {
            FloatVector.fromArray(SPECIES, x, i)
                    .fma(FloatVector.fromArray(SPECIES, y, yo + i), FloatVector.fromArray(SPECIES, sums, i))
                    .intoArray(sums, i);
        }
    }

    /** {@code row} = row {@code r} of x minus the numbers of its lines. */
    void subtract(int r, float[] x, float[] numbers, float[] row) {
        int at = r * tile.stride();
        if (ofRows) {
            Rows.affine(1f, -numbers[r], x, at, row, 0, tile.stride());
        } else {
            Binary.SUB.run(x, at, numbers, 0, row, 0, tile.stride());
        }
    }

    /** Zeros for one number a line, as scratch. */
    float[] zeros() {
        float[] sums = Scratch.take(bufferSize());
        Arrays.fill(sums, 0, bufferSize(), 0f);
        return sums;
    }
}
