package org.jclap.kernels.vector;

import java.util.Arrays;

/**
 * Matrix products: {@code C = alpha A B (+ C)} with C row-major.
 *
 * <p>Operands are copied into panels, block by block (Goto and van de Geijn, "Anatomy of High-Performance Matrix
 * Multiplication", 2008): {@link #DEPTH} steps of k at a time, so that a panel of B streams from L2 while one of A
 * stays in L1. Transposed operands are only packed in another order. Each element of C is one sum over k in one fixed
 * order, whatever the threads: work is split over rows and columns only.
 */
public final class Gemm {
    private static final int DEPTH = 512;
    private static final int ROW_TILE = 96;
    private static final int COLUMN_TILE = 128;
    /** Rows and columns that are packed at a time; together with {@link #DEPTH} they bound the scratch memory. */
    private static final int ROW_BLOCK = 16 * ROW_TILE;

    private static final int COLUMN_BLOCK = 8 * COLUMN_TILE;
    /** Below this many multiplications a dispatch costs more than it gains. */
    private static final long SERIAL_WORK = 1 << 15;

    private static final long LARGE_WORK = 1 << 21;
    private static final Workers SERIAL = new Workers(1);

    private final Workers workers;

    /** Products on the given threads. */
    public Gemm(Workers workers) {
        this.workers = workers;
    }

    /** {@code C(m, n) = A(m, k) B(k, n)}; C is row-major with rows {@code ldc} apart. */
    public void multiply(int m, int n, int k, Matrix a, Matrix b, float[] c, int co, int ldc) {
        multiply(m, n, k, 1f, a, b, c, co, ldc, false, Epilogue.NONE);
    }

    /**
     * {@code C(m, n) = epilogue(alpha A(m, k) B(k, n) + (accumulate ? C : 0))}. Parallel over tiles of C; without
     * accumulation C is not read, so it may hold anything.
     */
    public void multiply(
            int m,
            int n,
            int k,
            float alpha,
            Matrix a,
            Matrix b,
            float[] c,
            int co,
            int ldc,
            boolean accumulate,
            Epilogue epilogue) {
        if (SmallGemm.suits(m, k, b)) {
            SmallGemm.multiply(workers, m, n, k, alpha, a, b, c, co, ldc, accumulate);
            epilogue.apply(c, co, ldc, 0, m, 0, n);
        } else {
            multiply(m, n, k, alpha, a.asLeft(), b.asRight(), c, co, ldc, accumulate, epilogue);
        }
    }

    /**
     * {@code batch} independent products; item i uses A, B and C shifted by i times their batch strides, where 0 shares
     * an operand. Parallel over items, or inside them when they are few and large.
     */
    public void multiplyBatch(
            int batch,
            int m,
            int n,
            int k,
            float alpha,
            Matrix a,
            int aBatchStride,
            Matrix b,
            int bBatchStride,
            float[] c,
            int co,
            int ldc,
            int cBatchStride,
            boolean accumulate) {
        // Calls inside a parallel loop run in their own thread, so the choice here changes the speed and nothing else.
        var outer = batch >= 4 * workers.threads() || (long) m * n * k < LARGE_WORK ? workers : SERIAL;
        outer.parallelFor(
                batch,
                i -> multiply(
                        m,
                        n,
                        k,
                        alpha,
                        a.shifted(i * aBatchStride),
                        b.shifted(i * bBatchStride),
                        c,
                        co + i * cBatchStride,
                        ldc,
                        accumulate,
                        Epilogue.NONE));
    }

    /** The general product on operands that pack themselves. */
    void multiply(
            int m,
            int n,
            int k,
            float alpha,
            Panels a,
            Panels b,
            float[] c,
            int co,
            int ldc,
            boolean accumulate,
            Epilogue epilogue) {
        if (k == 0) {
            for (var i = 0; i < m && !accumulate; i++) {
                Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
            }
            epilogue.apply(c, co, ldc, 0, m, 0, n);
            return;
        }
        int depth = balanced(k, DEPTH, 8);
        int rows = Math.min(Lanes.padded(m), ROW_BLOCK);
        int columns = Math.min(Math.ceilDiv(n, MicroKernel.COLUMNS) * MicroKernel.COLUMNS, COLUMN_BLOCK);
        float[] wholeB = b.packed();
        var packedA = Scratch.take(rows * depth);
        var packedB = wholeB == null ? Scratch.take(columns * depth) : wholeB;
        var pool = (long) m * n * k < SERIAL_WORK ? SERIAL : workers;
        for (var j = 0; j < n; j += COLUMN_BLOCK) {
            int nb = Math.min(COLUMN_BLOCK, n - j);
            for (var p = 0; p < k; p += depth) {
                int kb = Math.min(depth, k - p);
                for (var i = 0; i < m; i += ROW_BLOCK) {
                    int mb = Math.min(ROW_BLOCK, m - i);
                    pack(pool, a, i, mb, packedA, b, j, i == 0 && wholeB == null ? nb : 0, packedB, p, kb);
                    var block = new Block(
                            i,
                            mb,
                            j,
                            nb,
                            kb,
                            alpha,
                            packedA,
                            packedB,
                            wholeB == null ? 0 : j * k + p * MicroKernel.COLUMNS,
                            (wholeB == null ? kb : k) * MicroKernel.COLUMNS,
                            c,
                            co,
                            ldc,
                            accumulate || p > 0,
                            p + kb == k ? epilogue : Epilogue.NONE);
                    pool.parallelFor(block.tiles(), block::multiplyTile);
                }
            }
        }
        if (wholeB == null) {
            Scratch.give(packedB);
        }
        Scratch.give(packedA);
    }

    /** Packs {@code mb} rows of A and {@code nb} columns of B at the steps {@code p..p+kb-1}, in one parallel loop. */
    private static void pack(
            Workers pool,
            Panels a,
            int i,
            int mb,
            float[] packedA,
            Panels b,
            int j,
            int nb,
            float[] packedB,
            int p,
            int kb) {
        int left = Math.ceilDiv(mb, Lanes.COUNT);
        int right = Math.ceilDiv(nb, MicroKernel.COLUMNS);
        pool.parallelFor(left + right, task -> {
            if (task < left) {
                int from = task * Lanes.COUNT;
                a.pack(i + from, Math.min(Lanes.COUNT, mb - from), Lanes.COUNT, p, kb, packedA, from * kb);
            } else {
                int from = (task - left) * MicroKernel.COLUMNS;
                b.pack(
                        j + from,
                        Math.min(MicroKernel.COLUMNS, nb - from),
                        MicroKernel.COLUMNS,
                        p,
                        kb,
                        packedB,
                        from * kb);
            }
        });
    }

    /** The size of equal blocks of at most {@code limit} (a multiple of {@code unit}) that cover {@code n}. */
    static int balanced(int n, int limit, int unit) {
        int blocks = Math.max(1, Math.ceilDiv(n, limit));
        return Math.max(1, Math.ceilDiv(Math.ceilDiv(n, blocks), unit)) * unit;
    }

    /**
     * One packed block of A ({@code mb} rows) and B ({@code nb} columns), {@code kb} steps deep, at (i, j) of C. The panels of
     * B begin at {@code bo} and lie {@code panel} floats apart.
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Block(
            int i,
            int mb,
            int j,
            int nb,
            int kb,
            float alpha,
            float[] a,
            float[] b,
            int bo,
            int panel,
            float[] c,
            int co,
            int ldc,
            boolean accumulate,
            Epilogue epilogue) {
        private int rowTile() {
            return balanced(mb, ROW_TILE, Lanes.COUNT);
        }

        int tiles() {
            return Math.ceilDiv(mb, rowTile()) * Math.ceilDiv(nb, COLUMN_TILE);
        }

        void multiplyTile(int tile) {
            int across = Math.ceilDiv(nb, COLUMN_TILE);
            int i0 = tile / across * rowTile();
            int i1 = Math.min(mb, i0 + rowTile());
            int j0 = tile % across * COLUMN_TILE;
            int j1 = Math.min(nb, j0 + COLUMN_TILE);
            for (var jj = j0; jj < j1; jj += MicroKernel.COLUMNS) {
                for (var ii = i0; ii < i1; ) {
                    ii += multiplyMicroTile(ii, i1, jj, j1);
                }
            }
            epilogue.apply(c, co, ldc, i + i0, i + i1, j + j0, j + j1);
        }

        /** Multiplies the highest tile that fits at (ii, jj), and returns its rows. */
        private int multiplyMicroTile(int ii, int i1, int jj, int j1) {
            int ao = ii / Lanes.COUNT * Lanes.COUNT * kb + ii % Lanes.COUNT;
            int right = bo + jj / MicroKernel.COLUMNS * panel;
            int at = co + (i + ii) * ldc + j + jj;
            boolean wide = jj + MicroKernel.COLUMNS <= j1;
            if (wide && MicroKernel.TALL && ii + MicroKernel.TALL_ROWS <= i1) {
                MicroKernel.tallPanels(kb, a, ao, b, right, alpha, c, at, ldc, accumulate);
                return MicroKernel.TALL_ROWS;
            }
            if (wide && ii + MicroKernel.ROWS <= i1) {
                MicroKernel.panels(kb, a, ao, b, right, alpha, c, at, ldc, accumulate);
                return MicroKernel.ROWS;
            }
            var edge = Scratch.take(MicroKernel.ROWS * MicroKernel.COLUMNS);
            MicroKernel.panels(kb, a, ao, b, right, alpha, edge, 0, MicroKernel.COLUMNS, false);
            addEdge(edge, Math.min(MicroKernel.ROWS, i1 - ii), Math.min(MicroKernel.COLUMNS, j1 - jj), at);
            Scratch.give(edge);
            return MicroKernel.ROWS;
        }

        private void addEdge(float[] edge, int rows, int columns, int at) {
            for (var r = 0; r < rows; r++) {
                for (var q = 0; q < columns; q++) {
                    float value = edge[r * MicroKernel.COLUMNS + q];
                    c[at + r * ldc + q] = accumulate ? c[at + r * ldc + q] + value : value;
                }
            }
        }
    }
}
