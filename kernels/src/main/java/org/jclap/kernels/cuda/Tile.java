package org.jclap.kernels.cuda;

/** What of a matrix product one block computes, in {@code tile.cuh} and, on tensor cores, in {@code tensor_tile.cuh}. */
enum Tile {
    /** On ordinary cores, for products too small to fill the device with the larger one, and for halves. */
    FMA_SMALL("64", 64, 64, 256, false),
    /** On ordinary cores. */
    FMA_LARGE("128", 128, 128, 256, false),
    /** For products too small to fill the device with larger ones. */
    SMALL("64", 64, 64, 128, true),
    /** Two of them fit on a multiprocessor. */
    MEDIUM("128", 128, 128, 128, true),
    /** The fewest bytes for an operation. */
    LARGE("256", 128, 256, 256, true),
    /** For many rows of few columns. */
    TALL("tall", 256, 64, 128, true);

    /** Blocks that fill the largest device once; with fewer of a large tile, a small one has more to share out. */
    private static final int FULL_DEVICE = 128;

    /** Bytes of shared memory that tensor cores need for a row or column: four stages of 64. */
    private static final int STAGES = 256;

    private final String label;
    private final int rows;
    private final int columns;
    private final int threads;
    private final boolean tensorCores;

    Tile(String label, int rows, int columns, int threads, boolean tensorCores) {
        this.label = label;
        this.rows = rows;
        this.columns = columns;
        this.threads = threads;
        this.tensorCores = tensorCores;
    }

    /** How kernels are named for it. */
    String label() {
        return label;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Threads of a block. */
    int threads() {
        return threads;
    }

    boolean onTensorCores() {
        return tensorCores;
    }

    /** Bytes of dynamic shared memory. */
    int shared() {
        return tensorCores ? STAGES * (rows + columns) : 0;
    }

    /** How many of them cover a matrix. */
    int count(int m, int n) {
        return Math.toIntExact(Launcher.ceilDiv(m, rows) * Launcher.ceilDiv(n, columns));
    }

    /** Whether a batch of matrices has enough of them. */
    boolean fillsDevice(int m, int n, int batch) {
        return (long) count(m, n) * batch >= FULL_DEVICE;
    }
}
