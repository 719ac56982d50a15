package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The products of Winograd's algorithm, on operands in the order that suits the registers.
 *
 * <p>Operands lie so that one index and constants find all elements of a step: with an index for each row, C2 ran out of
 * scalar registers, and a quarter of the time went there. Tiles are as high as 16 or 32 registers allow, and with few they
 * are kept in registers as those of {@link MicroKernel} are. The loops are flat, because a vector that a helper method takes
 * is put into an object wherever the compiler declines to inline the helper. They are hardly unrolled, since k is small, and
 * each element that a loop names in an array is checked before it begins; masks would make the methods too large for the
 * first compiler.
 */
final class WinogradKernel {
    private static final boolean MANY_REGISTERS = COUNT >= 16;

    /** Rows of a product of {@link #rows} are padded to a multiple of this. */
    static final int ROWS = 4;
    /** Columns of the products are padded to a multiple of this; so many lie together in B, row by row. */
    static final int COLUMNS = 2 * COUNT;
    /** Channels of a block of the left operand of {@link #rows}. */
    private static final int ROWS_BLOCK = 128;
    /** Rows of a high tile of {@link #rows}. */
    private static final int HIGH = MANY_REGISTERS ? 12 : 6;
    /** Channels of a block of both operands of {@link #transposed} with few registers. */
    private static final int BLOCK = 64;

    /** What channels of operands of {@link #transposed} may be split into. */
    static final int CHANNELS = 64;

    private WinogradKernel() {}

    /** How the left operand of {@link #rows} lies. */
    static TileBlocks leftOfRows(int tiles) {
        return new TileBlocks(ROWS_BLOCK, tiles);
    }

    /** How both operands of {@link #transposed} lie. */
    static TileBlocks ofTransposed(int tiles) {
        return new TileBlocks(MANY_REGISTERS ? COUNT : BLOCK, tiles);
    }

    /** Where a group of columns begins in B with {@code k} rows: that of column {@code j}. */
    static int group(int j, int k) {
        return j / COLUMNS * COLUMNS * k + j % COLUMNS;
    }

    /**
     * {@code C(m, n) = A(m, k) B(k, n) (+ C)} with row-major C; A is one block of {@link #leftOfRows}, and B in groups of
     * {@code COLUMNS} that are {@code bs} apart; m and n are padded.
     */
    static void rows(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            float[] c,
            int co,
            int ldc,
            boolean add) {
        int high = highRows(m, HIGH);
        for (var j = 0; j < n; j += COLUMNS) {
            int from = bo + j / COLUMNS * bs;
            for (var i = 0; i < high; i += HIGH) {
                if (MANY_REGISTERS) {
                    twelveByTwo(k, a, ao + i * ROWS_BLOCK, b, from, c, co + i * ldc + j, ldc, add);
                } else {
                    sixByTwo(k, a, ao + i * ROWS_BLOCK, b, from, c, co + i * ldc + j, ldc, add);
                }
            }
            for (var i = high; i < m; i += 4) {
                fourByTwo(k, a, ao + i * ROWS_BLOCK, b, from, c, co + i * ldc + j, ldc, add);
            }
        }
    }

    /** Of an even number of rows, or of a multiple of four, those for high tiles: the others are a multiple of four. */
    private static int highRows(int rows, int high) {
        int rest = rows % high;
        return rows - (rest % 4 == 0 ? rest : rest + high);
    }

    /**
     * {@code C(m, n) = A(k, m)^T B(k, n) (+ C)} with A and B as {@link #ofTransposed} has them, from the beginning of a
     * block and any of its tiles on; m and n are padded. C comes in panels of {@link #COLUMNS} columns, each row-major: it
     * is too large for a near cache, and so it is written from front to back.
     */
    static void transposed(
            int m,
            int n,
            int k,
            TileBlocks blocks,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float[] c,
            int co,
            boolean add) {
        for (var j = 0; j < n; j += COLUMNS) {
            int from = bo + blocks.at(j);
            for (var i = 0; i < m; i += blocks.width()) {
                int row = ao + blocks.at(i);
                int to = co + j * m + i * COLUMNS;
                if (MANY_REGISTERS) {
                    transposedEightByTwo(k, a, row, b, from, blocks.stride(), c, to, add);
                    transposedEightByTwo(k, a, row + 8, b, from, blocks.stride(), c, to + 8 * COLUMNS, add);
                } else {
                    transposedBlock(Math.min(BLOCK, m - i), k, a, row, b, from, c, to, add);
                }
            }
        }
    }

    private static void transposedBlock(
            int rows, int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean add) {
        int high = highRows(rows, 6);
        for (var i = 0; i < high; i += 6) {
            transposedSixByTwo(k, a, ao + i, b, bo, c, co + i * COLUMNS, add);
        }
        for (var i = high; i < rows; i += 4) {
            transposedFourByTwo(k, a, ao + i, b, bo, c, co + i * COLUMNS, add);
        }
    }

    /** Twelve rows and two vectors: 27 registers with the operands. */
    private static void twelveByTwo(
            int k, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        FloatVector c40 = zero, c41 = zero, c50 = zero, c51 = zero, c60 = zero, c61 = zero, c70 = zero, c71 = zero;
        FloatVector c80 = zero, c81 = zero, c90 = zero, c91 = zero, ca0 = zero, ca1 = zero, cb0 = zero, cb1 = zero;
        int end = ao + k;
        int ahead = bo - COLUMNS * ao;
        for (var p = ao; p < end; p++) {
            int q = COLUMNS * p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[p + ROWS_BLOCK]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[p + 2 * ROWS_BLOCK]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[p + 3 * ROWS_BLOCK]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(SPECIES, a[p + 4 * ROWS_BLOCK]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(SPECIES, a[p + 5 * ROWS_BLOCK]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = FloatVector.broadcast(SPECIES, a[p + 6 * ROWS_BLOCK]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = FloatVector.broadcast(SPECIES, a[p + 7 * ROWS_BLOCK]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
            x = FloatVector.broadcast(SPECIES, a[p + 8 * ROWS_BLOCK]);
            c80 = x.fma(b0, c80);
            c81 = x.fma(b1, c81);
            x = FloatVector.broadcast(SPECIES, a[p + 9 * ROWS_BLOCK]);
            c90 = x.fma(b0, c90);
            c91 = x.fma(b1, c91);
            x = FloatVector.broadcast(SPECIES, a[p + 10 * ROWS_BLOCK]);
            ca0 = x.fma(b0, ca0);
            ca1 = x.fma(b1, ca1);
            x = FloatVector.broadcast(SPECIES, a[p + 11 * ROWS_BLOCK]);
            cb0 = x.fma(b0, cb0);
            cb1 = x.fma(b1, cb1);
        }
        if (add) {
            c00 = c00.add(FloatVector.fromArray(SPECIES, c, co));
            c01 = c01.add(FloatVector.fromArray(SPECIES, c, co + COUNT));
            c10 = c10.add(FloatVector.fromArray(SPECIES, c, co + ldc));
            c11 = c11.add(FloatVector.fromArray(SPECIES, c, co + ldc + COUNT));
            c20 = c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc));
            c21 = c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT));
            c30 = c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc));
            c31 = c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT));
            c40 = c40.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc));
            c41 = c41.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + COUNT));
            c50 = c50.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc));
            c51 = c51.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + COUNT));
            c60 = c60.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc));
            c61 = c61.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc + COUNT));
            c70 = c70.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc));
            c71 = c71.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc + COUNT));
            c80 = c80.add(FloatVector.fromArray(SPECIES, c, co + 8 * ldc));
            c81 = c81.add(FloatVector.fromArray(SPECIES, c, co + 8 * ldc + COUNT));
            c90 = c90.add(FloatVector.fromArray(SPECIES, c, co + 9 * ldc));
            c91 = c91.add(FloatVector.fromArray(SPECIES, c, co + 9 * ldc + COUNT));
            ca0 = ca0.add(FloatVector.fromArray(SPECIES, c, co + 10 * ldc));
            ca1 = ca1.add(FloatVector.fromArray(SPECIES, c, co + 10 * ldc + COUNT));
            cb0 = cb0.add(FloatVector.fromArray(SPECIES, c, co + 11 * ldc));
            cb1 = cb1.add(FloatVector.fromArray(SPECIES, c, co + 11 * ldc + COUNT));
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + COUNT);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + COUNT);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + COUNT);
        c40.intoArray(c, co + 4 * ldc);
        c41.intoArray(c, co + 4 * ldc + COUNT);
        c50.intoArray(c, co + 5 * ldc);
        c51.intoArray(c, co + 5 * ldc + COUNT);
        c60.intoArray(c, co + 6 * ldc);
        c61.intoArray(c, co + 6 * ldc + COUNT);
        c70.intoArray(c, co + 7 * ldc);
        c71.intoArray(c, co + 7 * ldc + COUNT);
        c80.intoArray(c, co + 8 * ldc);
        c81.intoArray(c, co + 8 * ldc + COUNT);
        c90.intoArray(c, co + 9 * ldc);
        c91.intoArray(c, co + 9 * ldc + COUNT);
        ca0.intoArray(c, co + 10 * ldc);
        ca1.intoArray(c, co + 10 * ldc + COUNT);
        cb0.intoArray(c, co + 11 * ldc);
        cb1.intoArray(c, co + 11 * ldc + COUNT);
    }

    /** Six rows and two vectors: 15 registers with the operands. */
    private static void sixByTwo(int k, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        FloatVector c40 = zero, c41 = zero, c50 = zero, c51 = zero;
        int end = ao + k;
        int ahead = bo - COLUMNS * ao;
        var p = ao;
        for (; p < end - 1; p += 2) {
            int q = COLUMNS * p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + ROWS_BLOCK]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 2 * ROWS_BLOCK]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 3 * ROWS_BLOCK]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 4 * ROWS_BLOCK]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 5 * ROWS_BLOCK]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            MicroKernel.inOrder();
            b0 = FloatVector.fromArray(SPECIES, b, q + COLUMNS);
            b1 = FloatVector.fromArray(SPECIES, b, q + COLUMNS + COUNT);
            x = FloatVector.broadcast(SPECIES, a[p + 1]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1 + ROWS_BLOCK]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1 + 2 * ROWS_BLOCK]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1 + 3 * ROWS_BLOCK]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1 + 4 * ROWS_BLOCK]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1 + 5 * ROWS_BLOCK]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            MicroKernel.inOrder();
        }
        for (; p < end; p++) {
            int q = COLUMNS * p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + ROWS_BLOCK]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 2 * ROWS_BLOCK]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 3 * ROWS_BLOCK]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 4 * ROWS_BLOCK]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 5 * ROWS_BLOCK]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            MicroKernel.inOrder();
        }
        float[] old = add ? c : MicroKernel.ZEROS;
        int oo = add ? co : 0;
        int ldo = add ? ldc : 0;
        c00.add(FloatVector.fromArray(SPECIES, old, oo)).intoArray(c, co);
        c01.add(FloatVector.fromArray(SPECIES, old, oo + COUNT)).intoArray(c, co + COUNT);
        c10.add(FloatVector.fromArray(SPECIES, old, oo + ldo)).intoArray(c, co + ldc);
        c11.add(FloatVector.fromArray(SPECIES, old, oo + ldo + COUNT)).intoArray(c, co + ldc + COUNT);
        c20.add(FloatVector.fromArray(SPECIES, old, oo + 2 * ldo)).intoArray(c, co + 2 * ldc);
        c21.add(FloatVector.fromArray(SPECIES, old, oo + 2 * ldo + COUNT)).intoArray(c, co + 2 * ldc + COUNT);
        c30.add(FloatVector.fromArray(SPECIES, old, oo + 3 * ldo)).intoArray(c, co + 3 * ldc);
        c31.add(FloatVector.fromArray(SPECIES, old, oo + 3 * ldo + COUNT)).intoArray(c, co + 3 * ldc + COUNT);
        c40.add(FloatVector.fromArray(SPECIES, old, oo + 4 * ldo)).intoArray(c, co + 4 * ldc);
        c41.add(FloatVector.fromArray(SPECIES, old, oo + 4 * ldo + COUNT)).intoArray(c, co + 4 * ldc + COUNT);
        c50.add(FloatVector.fromArray(SPECIES, old, oo + 5 * ldo)).intoArray(c, co + 5 * ldc);
        c51.add(FloatVector.fromArray(SPECIES, old, oo + 5 * ldo + COUNT)).intoArray(c, co + 5 * ldc + COUNT);
    }

    /** Four rows and two vectors. */
    private static void fourByTwo(
            int k, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        int end = ao + k;
        int ahead = bo - COLUMNS * ao;
        for (var p = ao; p < end; p++) {
            int q = COLUMNS * p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[p + ROWS_BLOCK]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[p + 2 * ROWS_BLOCK]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[p + 3 * ROWS_BLOCK]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        if (add) {
            c00 = c00.add(FloatVector.fromArray(SPECIES, c, co));
            c01 = c01.add(FloatVector.fromArray(SPECIES, c, co + COUNT));
            c10 = c10.add(FloatVector.fromArray(SPECIES, c, co + ldc));
            c11 = c11.add(FloatVector.fromArray(SPECIES, c, co + ldc + COUNT));
            c20 = c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc));
            c21 = c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT));
            c30 = c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc));
            c31 = c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT));
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + COUNT);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + COUNT);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + COUNT);
    }

    /** Eight rows of C, which are columns of A, and two vectors. */
    private static void transposedEightByTwo(
            int k, float[] a, int ao, float[] b, int bo, int bs, float[] c, int co, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        FloatVector c40 = zero, c41 = zero, c50 = zero, c51 = zero, c60 = zero, c61 = zero, c70 = zero, c71 = zero;
        for (var p = 0; p < k; p++) {
            var b0 = FloatVector.fromArray(SPECIES, b, bo);
            var b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
            var x = FloatVector.broadcast(SPECIES, a[ao]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[ao + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[ao + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[ao + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(SPECIES, a[ao + 4]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(SPECIES, a[ao + 5]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = FloatVector.broadcast(SPECIES, a[ao + 6]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = FloatVector.broadcast(SPECIES, a[ao + 7]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
            ao += COUNT;
            bo += COUNT;
        }
        if (add) {
            c00 = c00.add(FloatVector.fromArray(SPECIES, c, co));
            c01 = c01.add(FloatVector.fromArray(SPECIES, c, co + COUNT));
            c10 = c10.add(FloatVector.fromArray(SPECIES, c, co + COLUMNS));
            c11 = c11.add(FloatVector.fromArray(SPECIES, c, co + COLUMNS + COUNT));
            c20 = c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * COLUMNS));
            c21 = c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * COLUMNS + COUNT));
            c30 = c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * COLUMNS));
            c31 = c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * COLUMNS + COUNT));
            c40 = c40.add(FloatVector.fromArray(SPECIES, c, co + 4 * COLUMNS));
            c41 = c41.add(FloatVector.fromArray(SPECIES, c, co + 4 * COLUMNS + COUNT));
            c50 = c50.add(FloatVector.fromArray(SPECIES, c, co + 5 * COLUMNS));
            c51 = c51.add(FloatVector.fromArray(SPECIES, c, co + 5 * COLUMNS + COUNT));
            c60 = c60.add(FloatVector.fromArray(SPECIES, c, co + 6 * COLUMNS));
            c61 = c61.add(FloatVector.fromArray(SPECIES, c, co + 6 * COLUMNS + COUNT));
            c70 = c70.add(FloatVector.fromArray(SPECIES, c, co + 7 * COLUMNS));
            c71 = c71.add(FloatVector.fromArray(SPECIES, c, co + 7 * COLUMNS + COUNT));
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, co + COLUMNS);
        c11.intoArray(c, co + COLUMNS + COUNT);
        c20.intoArray(c, co + 2 * COLUMNS);
        c21.intoArray(c, co + 2 * COLUMNS + COUNT);
        c30.intoArray(c, co + 3 * COLUMNS);
        c31.intoArray(c, co + 3 * COLUMNS + COUNT);
        c40.intoArray(c, co + 4 * COLUMNS);
        c41.intoArray(c, co + 4 * COLUMNS + COUNT);
        c50.intoArray(c, co + 5 * COLUMNS);
        c51.intoArray(c, co + 5 * COLUMNS + COUNT);
        c60.intoArray(c, co + 6 * COLUMNS);
        c61.intoArray(c, co + 6 * COLUMNS + COUNT);
        c70.intoArray(c, co + 7 * COLUMNS);
        c71.intoArray(c, co + 7 * COLUMNS + COUNT);
    }

    /** Six rows of C, which are columns of A, and two vectors. */
    private static void transposedSixByTwo(
            int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        FloatVector c40 = zero, c41 = zero, c50 = zero, c51 = zero;
        int end = ao + k * BLOCK;
        int ahead = bo - ao;
        for (var p = ao; p < end; p += BLOCK) {
            int q = p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 4]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            MicroKernel.inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 5]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            MicroKernel.inOrder();
        }
        float[] old = add ? c : MicroKernel.ZEROS;
        int oo = add ? co : 0;
        int ldo = add ? COLUMNS : 0;
        c00.add(FloatVector.fromArray(SPECIES, old, oo)).intoArray(c, co);
        c01.add(FloatVector.fromArray(SPECIES, old, oo + COUNT)).intoArray(c, co + COUNT);
        c10.add(FloatVector.fromArray(SPECIES, old, oo + ldo)).intoArray(c, co + COLUMNS);
        c11.add(FloatVector.fromArray(SPECIES, old, oo + ldo + COUNT)).intoArray(c, co + COLUMNS + COUNT);
        c20.add(FloatVector.fromArray(SPECIES, old, oo + 2 * ldo)).intoArray(c, co + 2 * COLUMNS);
        c21.add(FloatVector.fromArray(SPECIES, old, oo + 2 * ldo + COUNT)).intoArray(c, co + 2 * COLUMNS + COUNT);
        c30.add(FloatVector.fromArray(SPECIES, old, oo + 3 * ldo)).intoArray(c, co + 3 * COLUMNS);
        c31.add(FloatVector.fromArray(SPECIES, old, oo + 3 * ldo + COUNT)).intoArray(c, co + 3 * COLUMNS + COUNT);
        c40.add(FloatVector.fromArray(SPECIES, old, oo + 4 * ldo)).intoArray(c, co + 4 * COLUMNS);
        c41.add(FloatVector.fromArray(SPECIES, old, oo + 4 * ldo + COUNT)).intoArray(c, co + 4 * COLUMNS + COUNT);
        c50.add(FloatVector.fromArray(SPECIES, old, oo + 5 * ldo)).intoArray(c, co + 5 * COLUMNS);
        c51.add(FloatVector.fromArray(SPECIES, old, oo + 5 * ldo + COUNT)).intoArray(c, co + 5 * COLUMNS + COUNT);
    }

    /** Four rows of C and two vectors. */
    private static void transposedFourByTwo(
            int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        int end = ao + k * BLOCK;
        int ahead = bo - ao;
        for (var p = ao; p < end; p += BLOCK) {
            int q = p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[p + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[p + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[p + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        if (add) {
            c00 = c00.add(FloatVector.fromArray(SPECIES, c, co));
            c01 = c01.add(FloatVector.fromArray(SPECIES, c, co + COUNT));
            c10 = c10.add(FloatVector.fromArray(SPECIES, c, co + COLUMNS));
            c11 = c11.add(FloatVector.fromArray(SPECIES, c, co + COLUMNS + COUNT));
            c20 = c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * COLUMNS));
            c21 = c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * COLUMNS + COUNT));
            c30 = c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * COLUMNS));
            c31 = c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * COLUMNS + COUNT));
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, co + COLUMNS);
        c11.intoArray(c, co + COLUMNS + COUNT);
        c20.intoArray(c, co + 2 * COLUMNS);
        c21.intoArray(c, co + 2 * COLUMNS + COUNT);
        c30.intoArray(c, co + 3 * COLUMNS);
        c31.intoArray(c, co + 3 * COLUMNS + COUNT);
    }
}
