package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The rows of a tile, or its columns, each reduced to a number. Columns are reduced as they lie, in vectors of neighbouring
 * ones: a tile is never transposed for it. What lies between the last column and the stride is not looked at in rows, and
 * makes results behind the last one in columns.
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

    /** The sum of each line. */
    void sum(float[] x, float[] result) {
        if (ofRows) {
            for (int r = 0; r < tile.rows(); r++) {
                result[r] = Reductions.sum(x, r * tile.stride(), tile.columns());
            }
            return;
        }
        System.arraycopy(x, 0, result, 0, tile.stride());
        for (int at = tile.stride(); at < tile.size(); at += tile.stride()) {
            Binary.ADD.run(result, 0, x, at, result, 0, tile.stride());
        }
    }

    /** The inner product of each line with the same line of another tile. */
    void dot(float[] x, float[] y, float[] result) {
        if (ofRows) {
            for (int r = 0; r < tile.rows(); r++) {
                result[r] = SmallGemm.dot(x, r * tile.stride(), y, r * tile.stride(), tile.columns());
            }
            return;
        }
        Arrays.fill(result, 0, tile.stride(), 0f);
        for (int at = 0; at < tile.size(); at += tile.stride()) {
            for (int i = 0; i < tile.stride(); i += COUNT) {
                FloatVector.fromArray(SPECIES, x, at + i)
                        .fma(FloatVector.fromArray(SPECIES, y, at + i), FloatVector.fromArray(SPECIES, result, i))
                        .intoArray(result, i);
            }
        }
    }

    /** {@code y = x} minus the number of its line. */
    void subtract(float[] x, float[] numbers, float[] y) {
        for (int r = 0; r < tile.rows(); r++) {
            int at = r * tile.stride();
            if (ofRows) {
                Rows.affine(1f, -numbers[r], x, at, y, at, tile.stride());
            } else {
                Binary.SUB.run(x, at, numbers, 0, y, at, tile.stride());
            }
        }
    }
}
