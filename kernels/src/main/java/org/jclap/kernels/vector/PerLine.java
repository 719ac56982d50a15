package org.jclap.kernels.vector;

import java.util.Arrays;

/**
 * A number for each row, or for each column, of a large matrix.
 *
 * @param data where the numbers are
 * @param offset where the first one is
 * @param ofRows whether they belong to rows
 */
@SuppressWarnings("ArrayRecordComponent")
record PerLine(float[] data, int offset, boolean ofRows) {
    /** Writes the numbers that belong to the elements of row {@code r} of a tile. */
    void read(TileGrid.Tile tile, int r, float[] line) {
        if (ofRows) {
            Arrays.fill(line, 0, tile.stride(), data[offset + tile.row() + r]);
        } else {
            System.arraycopy(data, offset + tile.column(), line, 0, tile.columns());
            Arrays.fill(line, tile.columns(), tile.stride(), 0f);
        }
    }
}
