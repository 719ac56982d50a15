package org.jclap.kernels.vector;

import java.util.Arrays;

/**
 * Matrix products: {@code C = alpha A B (+ C)} with C row-major.
 *
 * <p>Operands are copied into panels, block by block (Goto and van de Geijn, "Anatomy of High-Performance Matrix
 * Multiplication", 2008), and within a block in layers of {@link #LAYER} steps of k, so that a panel of B is read from near
 * while those of A stream from L2. A tile of C is finished for all layers of a block before the next one, while it is in L2.
 * Transposed operands are only packed in another order. Each element of C is one sum over k in one fixed order, whatever
 * the threads: work is split over rows and columns only.
 */
public final class Gemm {
    /** Steps of a layer: a panel of B with so many fills L1, and what comes before and after the steps hardly counts. */
    private static final int LAYER = 512;
    /** Layers, rows and columns that are packed at a time; together they bound the scratch memory. */
    private static final int LAYERS = 2;

    private static final int ROW_TILE = 48;
    private static final int COLUMN_TILE = 128;
    private static final int ROW_BLOCK = 32 * ROW_TILE;
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
        int layer = layer(k);
        int depth = Math.min(k, LAYERS * layer);
        int rows = panelRows(Math.min(m, ROW_BLOCK)) * MicroKernel.PITCH;
        float[] wholeB = b.packed();
        var packedA = Scratch.take(rows * depth);
        var packedB = wholeB == null ? Scratch.take(Panels.padded(Math.min(n, COLUMN_BLOCK)) * depth) : wholeB;
        var pool = (long) m * n * k < SERIAL_WORK ? SERIAL : workers;
        for (var j = 0; j < n; j += COLUMN_BLOCK) {
            int nb = Math.min(COLUMN_BLOCK, n - j);
            for (var p = 0; p < k; p += depth) {
                int kb = Math.min(depth, k - p);
                for (var i = 0; i < m; i += ROW_BLOCK) {
                    int mb = Math.min(ROW_BLOCK, m - i);
                    pack(pool, a, i, mb, packedA, b, j, i == 0 && wholeB == null ? nb : 0, packedB, p, kb, layer);
                    var right = wholeB == null
                            ? new Right(packedB, Panels.padded(nb), 0, 0)
                            : new Right(wholeB, Panels.padded(n), p, j);
                    var block = new Block(
                            i,
                            mb,
                            j,
                            nb,
                            kb,
                            layer,
                            alpha,
                            packedA,
                            right,
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

    /** Steps of k in each layer of a product; the last one may have fewer. */
    static int layer(int k) {
        return balanced(k, LAYER, 8);
    }

    private static int panelRows(int rows) {
        return Math.ceilDiv(rows, MicroKernel.PANEL_ROWS);
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
            int kb,
            int layer) {
        int left = panelRows(mb);
        int right = Math.ceilDiv(nb, MicroKernel.COLUMNS);
        pool.parallelFor(left + right, task -> {
            if (task < left) {
                int from = task * MicroKernel.PANEL_ROWS;
                int width = MicroKernel.PITCH;
                int count = Math.min(width, mb - from);
                a.packLayers(i + from, count, width, p, kb, layer, packedA, task * width, left * width);
            } else {
                int from = (task - left) * MicroKernel.COLUMNS;
                int width = MicroKernel.COLUMNS;
                int count = Math.min(width, nb - from);
                b.packLayers(j + from, count, width, p, kb, layer, packedB, from, right * width);
            }
        });
    }

    /** The size of equal blocks of at most {@code limit} (a multiple of {@code unit}) that cover {@code n}. */
    static int balanced(int n, int limit, int unit) {
        int blocks = Math.max(1, Math.ceilDiv(n, limit));
        return Math.max(1, Math.ceilDiv(Math.ceilDiv(n, blocks), unit)) * unit;
    }

    /** Packed columns, {@code padded} in each layer; a block begins at step {@code p} and column {@code j} of them. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Right(float[] panels, int padded, int p, int j) {
        int at(int step, int column, int depth) {
            return (p + step) * padded + (j + column) * depth;
        }
    }

    /** One packed block of A ({@code mb} rows) and B ({@code nb} columns), {@code kb} steps deep, at (i, j) of C. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Block(
            int i,
            int mb,
            int j,
            int nb,
            int kb,
            int layer,
            float alpha,
            float[] a,
            Right b,
            float[] c,
            int co,
            int ldc,
            boolean accumulate,
            Epilogue epilogue) {
        private int rowTile() {
            return balanced(mb, ROW_TILE, MicroKernel.PANEL_ROWS);
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
            for (var p = 0; p < kb; p += layer) {
                int depth = Math.min(layer, kb - p);
                for (var jj = j0; jj < j1; jj += MicroKernel.COLUMNS) {
                    for (var ii = i0; ii < i1; ) {
                        ii += multiplyMicroTile(ii, i1, jj, j1, p, depth);
                    }
                }
            }
            epilogue.apply(c, co, ldc, i + i0, i + i1, j + j0, j + j1);
        }

        /** Multiplies the steps {@code p..p+depth-1} of the highest tile that fits at (ii, jj), and returns its rows. */
        private int multiplyMicroTile(int ii, int i1, int jj, int j1, int p, int depth) {
            int vector = ii / MicroKernel.PANEL_ROWS * MicroKernel.PITCH;
            int left = p * panelRows(mb) * MicroKernel.PITCH + vector * depth + ii % MicroKernel.PANEL_ROWS;
            int right = b.at(p, jj, depth);
            int at = co + (i + ii) * ldc + j + jj;
            boolean wide = jj + MicroKernel.COLUMNS <= j1;
            boolean add = accumulate || p > 0;
            if (wide && ii + MicroKernel.TALL_ROWS <= i1) {
                MicroKernel.tallPanels(depth, a, left, b.panels(), right, alpha, c, at, ldc, add);
                return MicroKernel.TALL_ROWS;
            }
            if (wide && ii + MicroKernel.ROWS <= i1) {
                MicroKernel.panels(depth, a, left, b.panels(), right, alpha, c, at, ldc, add);
                return MicroKernel.ROWS;
            }
            var edge = Scratch.take(MicroKernel.ROWS * MicroKernel.COLUMNS);
            MicroKernel.panels(depth, a, left, b.panels(), right, alpha, edge, 0, MicroKernel.COLUMNS, false);
            addEdge(edge, Math.min(MicroKernel.ROWS, i1 - ii), Math.min(MicroKernel.COLUMNS, j1 - jj), at, add);
            Scratch.give(edge);
            return MicroKernel.ROWS;
        }

        private void addEdge(float[] edge, int rows, int columns, int at, boolean add) {
            for (var r = 0; r < rows; r++) {
                for (var q = 0; q < columns; q++) {
                    float value = edge[r * MicroKernel.COLUMNS + q];
                    c[at + r * ldc + q] = add ? c[at + r * ldc + q] + value : value;
                }
            }
        }
    }
}
