package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The products of Winograd's algorithm, on operands in the order that suits the registers.
 *
 * <p>With 32 registers, as all machines with 512 bits have, tiles are large, for three reasons: B lies in L2, vectors that
 * cross cache lines cost two loads, and k is small, so that what comes before and after the loop counts. With 16 they have
 * six rows and two vectors, kept in registers as those of {@link MicroKernel} are, and what counts is the number of
 * instructions: operands lie so that one index and constants find all elements of a step. The loops are flat, because a
 * vector that a helper method takes is put into an object wherever the compiler declines to inline the helper. They are
 * hardly unrolled, since k is small, and each element that a loop names in an array is checked before it begins; masks would
 * make the methods too large for the first compiler.
 */
final class WinogradKernel {
    private static final boolean MANY_REGISTERS = COUNT >= 16;

    /** Rows of a product of {@link #rows} are padded to a multiple of this. */
    static final int ROWS = 4;
    /** Columns of the products are padded to a multiple of this. */
    static final int COLUMNS = 2 * COUNT;
    /** Vectors of columns that lie together in each row of B: groups of one or two follow each other, row by row. */
    static final int GROUP = MANY_REGISTERS ? 1 : 2;

    /** Channels of a block of the left operand of {@link #rows} with few registers. */
    private static final int ROWS_BLOCK = 128;
    /** Channels of a block of both operands of {@link #transposed} with few registers. */
    private static final int BLOCK = 64;

    /** What channels of operands of {@link #transposed} may be split into. */
    static final int CHANNELS = 64;

    private WinogradKernel() {}

    /** How the left operand of {@link #rows} lies for so many channels. */
    static TileBlocks leftOfRows(int channels, int tiles) {
        return new TileBlocks(MANY_REGISTERS ? Lanes.padded(channels) : ROWS_BLOCK, tiles);
    }

    /** How both operands of {@link #transposed} lie. */
    static TileBlocks ofTransposed(int tiles) {
        return new TileBlocks(MANY_REGISTERS ? COUNT : BLOCK, tiles);
    }

    /** Where a group of columns begins in B with {@code k} rows: that of column {@code j}. */
    static int group(int j, int k) {
        return j / (GROUP * COUNT) * GROUP * COUNT * k + j % (GROUP * COUNT);
    }

    /**
     * {@code C(m, n) = A(m, k) B(k, n) (+ C)} with row-major C; A is one block of {@link #leftOfRows}, rows {@code lda}
     * apart, and B in groups of {@code GROUP} vectors that are {@code bs} apart; m and n are padded.
     */
    static void rows(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int lda,
            float[] b,
            int bo,
            int bs,
            float[] c,
            int co,
            int ldc,
            boolean add) {
        int high = sixes(m);
        int wide = MANY_REGISTERS ? n / (4 * COUNT) * 4 * COUNT : n;
        for (var j = 0; j < wide; j += MANY_REGISTERS ? 4 * COUNT : COLUMNS) {
            int from = bo + j / (GROUP * COUNT) * bs;
            for (var i = 0; i < high; i += 6) {
                if (MANY_REGISTERS) {
                    sixByFour(k, a, ao + i * lda, lda, b, from, bs, c, co + i * ldc + j, ldc, add);
                } else {
                    sixByTwo(k, a, ao + i * ROWS_BLOCK, b, from, c, co + i * ldc + j, ldc, add);
                }
            }
        }
        int second = MANY_REGISTERS ? bs : COUNT;
        for (var j = 0; j < n; j += COLUMNS) {
            int from = bo + j / (GROUP * COUNT) * bs;
            for (var i = j < wide ? high : 0; i < m; i += 4) {
                fourByTwo(k, a, ao + i * lda, lda, b, from, second, c, co + i * ldc + j, ldc, add);
            }
        }
    }

    /** Rows that are taken six at a time: what they leave over, 0, 2 or 4 rows, is made 0, 8 or 4. */
    private static int sixes(int rows) {
        return rows - rows % 6 % 4 * 4 - rows % 6 / 4 * 4;
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
        int high = sixes(rows);
        for (var i = 0; i < high; i += 6) {
            transposedSixByTwo(k, a, ao + i, b, bo, c, co + i * COLUMNS, add);
        }
        for (var i = high; i < rows; i += 4) {
            transposedFourByTwo(k, a, ao + i, b, bo, c, co + i * COLUMNS, add);
        }
    }

    /** Six rows and four vectors: 28 registers with the operands. */
    private static void sixByFour(
            int k, float[] a, int ao, int lda, float[] b, int bo, int bs, float[] c, int co, int ldc, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c02 = zero, c03 = zero, c10 = zero, c11 = zero, c12 = zero, c13 = zero;
        FloatVector c20 = zero, c21 = zero, c22 = zero, c23 = zero, c30 = zero, c31 = zero, c32 = zero, c33 = zero;
        FloatVector c40 = zero, c41 = zero, c42 = zero, c43 = zero, c50 = zero, c51 = zero, c52 = zero, c53 = zero;
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        for (var p = 0; p < k; p++) {
            var b0 = FloatVector.fromArray(SPECIES, b, bo);
            var b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
            var b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
            var b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
            var x = FloatVector.broadcast(SPECIES, a[ao + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(SPECIES, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(SPECIES, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(SPECIES, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            x = FloatVector.broadcast(SPECIES, a[a4 + p]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            c42 = x.fma(b2, c42);
            c43 = x.fma(b3, c43);
            x = FloatVector.broadcast(SPECIES, a[a5 + p]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            c52 = x.fma(b2, c52);
            c53 = x.fma(b3, c53);
            bo += COUNT;
        }
        if (add) {
            c00 = c00.add(FloatVector.fromArray(SPECIES, c, co));
            c01 = c01.add(FloatVector.fromArray(SPECIES, c, co + COUNT));
            c02 = c02.add(FloatVector.fromArray(SPECIES, c, co + 2 * COUNT));
            c03 = c03.add(FloatVector.fromArray(SPECIES, c, co + 3 * COUNT));
            c10 = c10.add(FloatVector.fromArray(SPECIES, c, co + ldc));
            c11 = c11.add(FloatVector.fromArray(SPECIES, c, co + ldc + COUNT));
            c12 = c12.add(FloatVector.fromArray(SPECIES, c, co + ldc + 2 * COUNT));
            c13 = c13.add(FloatVector.fromArray(SPECIES, c, co + ldc + 3 * COUNT));
            c20 = c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc));
            c21 = c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT));
            c22 = c22.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + 2 * COUNT));
            c23 = c23.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + 3 * COUNT));
            c30 = c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc));
            c31 = c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT));
            c32 = c32.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + 2 * COUNT));
            c33 = c33.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + 3 * COUNT));
            c40 = c40.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc));
            c41 = c41.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + COUNT));
            c42 = c42.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + 2 * COUNT));
            c43 = c43.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + 3 * COUNT));
            c50 = c50.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc));
            c51 = c51.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + COUNT));
            c52 = c52.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + 2 * COUNT));
            c53 = c53.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + 3 * COUNT));
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c02.intoArray(c, co + 2 * COUNT);
        c03.intoArray(c, co + 3 * COUNT);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + COUNT);
        c12.intoArray(c, co + ldc + 2 * COUNT);
        c13.intoArray(c, co + ldc + 3 * COUNT);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + COUNT);
        c22.intoArray(c, co + 2 * ldc + 2 * COUNT);
        c23.intoArray(c, co + 2 * ldc + 3 * COUNT);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + COUNT);
        c32.intoArray(c, co + 3 * ldc + 2 * COUNT);
        c33.intoArray(c, co + 3 * ldc + 3 * COUNT);
        c40.intoArray(c, co + 4 * ldc);
        c41.intoArray(c, co + 4 * ldc + COUNT);
        c42.intoArray(c, co + 4 * ldc + 2 * COUNT);
        c43.intoArray(c, co + 4 * ldc + 3 * COUNT);
        c50.intoArray(c, co + 5 * ldc);
        c51.intoArray(c, co + 5 * ldc + COUNT);
        c52.intoArray(c, co + 5 * ldc + 2 * COUNT);
        c53.intoArray(c, co + 5 * ldc + 3 * COUNT);
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
            int k, float[] a, int ao, int lda, float[] b, int bo, int bs, float[] c, int co, int ldc, boolean add) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        int pitch = MANY_REGISTERS ? lda : ROWS_BLOCK;
        int a1 = ao + pitch;
        int a2 = a1 + pitch;
        int a3 = a2 + pitch;
        for (var p = 0; p < k; p++) {
            var b0 = FloatVector.fromArray(SPECIES, b, bo);
            var b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
            var x = FloatVector.broadcast(SPECIES, a[ao + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            bo += GROUP * COUNT;
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
