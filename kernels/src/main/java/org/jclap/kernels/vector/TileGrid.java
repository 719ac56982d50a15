package org.jclap.kernels.vector;

/**
 * An N x N matrix that is never held, seen in square tiles. Tiles are visited in waves: in wave w, row block i meets column
 * block {@code (w - i) mod blocks}. The tiles of one wave share neither rows nor columns, so they run in parallel and may
 * add to sums over rows and over columns without locks, and each such sum has one fixed order for any number of threads.
 * A tile and its mirror image are in the same wave, so that this holds for pairs of them as well.
 */
record TileGrid(int n, int size) {
    private static final int LARGEST = 256;
    private static final int SMALLEST = 32;
    /** At least so many blocks while they are not smaller than {@link #SMALLEST}: work for as many threads. */
    private static final int WANTED_BLOCKS = 16;

    /** The grid for an N x N matrix. */
    static TileGrid of(int n) {
        int share = Math.ceilDiv(Math.ceilDiv(n, WANTED_BLOCKS), Lanes.COUNT) * Lanes.COUNT;
        return new TileGrid(n, Math.clamp(share, SMALLEST, LARGEST));
    }

    /** A tile: {@code rows} rows from {@code row}, {@code columns} columns from {@code column}. */
    record Tile(int row, int rows, int column, int columns, int wave) {
        /** Floats between the rows of a buffer for it: whole vectors. */
        int stride() {
            return Lanes.padded(columns);
        }

        /** Floats of a buffer for it. */
        int size() {
            return rows * stride();
        }

        /** The same tile of the transposed matrix: its mirror image. */
        Tile transposed() {
            return new Tile(column, columns, row, rows, wave);
        }

        /** Whether it lies on the diagonal. */
        boolean isDiagonal() {
            return row == column;
        }
    }

    /** What is done with a tile. */
    @FunctionalInterface
    interface Body {
        /** Handles one tile, in parallel with others of its wave. */
        void accept(Tile tile);
    }

    /** The number of blocks along each side. */
    int blocks() {
        return Math.ceilDiv(n, size);
    }

    /** Visits every tile, one wave after the other. */
    void forEach(Workers workers, Body body) {
        for (int wave = 0; wave < blocks(); wave++) {
            int shift = wave;
            workers.parallelFor(blocks(), i -> body.accept(tile(i, (shift - i + blocks()) % blocks(), shift)));
        }
    }

    /** Visits those on and above the diagonal, for bodies that handle a tile and its mirror image together. */
    void forEachPair(Workers workers, Body body) {
        forEach(workers, tile -> {
            if (tile.row() <= tile.column()) {
                body.accept(tile);
            }
        });
    }

    private Tile tile(int i, int j, int wave) {
        int row = i * size;
        int column = j * size;
        return new Tile(row, Math.min(size, n - row), column, Math.min(size, n - column), wave);
    }
}
