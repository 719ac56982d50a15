package org.jclap.kernels.vector;

/**
 * An N x N matrix that is never held, seen in square tiles. Tiles are visited in waves: in wave w, row block i meets column
 * block {@code (i + w) mod blocks}. The tiles of one wave share neither rows nor columns, so they run in parallel and may
 * add to sums over rows and over columns without locks, and each such sum has one fixed order for any number of threads.
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

        /** The same tile of the transposed matrix. */
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

    /** Floats of a buffer that holds any tile. */
    int bufferSize() {
        return size * Lanes.padded(size);
    }

    /** Visits every tile, one wave after the other. */
    void forEach(Workers workers, Body body) {
        for (int wave = 0; wave < blocks(); wave++) {
            int shift = wave;
            workers.parallelFor(blocks(), i -> body.accept(tile(i, (i + shift) % blocks(), shift)));
        }
    }

    /** Visits every tile; those of one row block follow each other in one thread. */
    void forEachRowBlock(Workers workers, Body body) {
        workers.parallelFor(blocks(), i -> {
            for (int j = 0; j < blocks(); j++) {
                body.accept(tile(i, j, j));
            }
        });
    }

    private Tile tile(int i, int j, int wave) {
        int row = i * size;
        int column = j * size;
        return new Tile(row, Math.min(size, n - row), column, Math.min(size, n - column), wave);
    }
}
