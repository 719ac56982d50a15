package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost products: {@value #ROWS} rows times two vectors of columns, kept in eight accumulators, or a tall tile of
 * more rows: eight with 32 registers, six with 16.
 *
 * <p>The tiles are what C2 allocates registers for without spills, and the accumulator is always the addend, else C2 adds a
 * move per product. Where C is not accumulated, zeros take the place of its old values: what they are does not matter, and
 * waiting for them does, since they lie in no near cache. A branch instead leaves the registers of the loop to what C2 has
 * seen of it, and half the speed in one process of several.
 */
final class MicroKernel {
    /** Rows of a tile. */
    static final int ROWS = 4;
    /** Columns of a tile. */
    static final int COLUMNS = 2 * COUNT;

    /** With 512 bits there are 32 registers, otherwise 16. */
    private static final boolean MANY_REGISTERS = COUNT == 16;
    /** Rows of a tall tile. */
    static final int TALL_ROWS = MANY_REGISTERS ? 8 : 6;
    /** Rows of a panel of A: whole tall tiles. */
    static final int PANEL_ROWS = MANY_REGISTERS ? 16 : 6;
    /** Floats between the steps of a panel of A: whole vectors, so that square tiles can be transposed into them. */
    static final int PITCH = Math.max(8, COUNT);

    /** What is added to a row where C is not accumulated. */
    static final float[] ZEROS = new float[COLUMNS];

    private static final boolean FENCES_ARE_FREE = System.getProperty("os.arch").equals("amd64");

    private MicroKernel() {}

    /**
     * Keeps loads of what follows after what precedes. Within a basic block C2 moves loads to the front: all six broadcasts
     * of a step then wait in registers for their products, more than 16 hold, and half the speed is lost to spills. No load
     * passes a fence between loads, and on x86 that fence is no instruction. Other processors have 32 registers.
     */
    static void inOrder() {
        if (FENCES_ARE_FREE) {
            VarHandle.loadLoadFence();
        }
    }

    /**
     * {@code C(4, COLUMNS) = alpha A B (+ C)} with both operands in panels: element (i, p) of A is {@code a[ao + p *
     * PITCH + i]}, row p of B starts at {@code b[bo + p * COLUMNS]}.
     */
    static void panels(
            int k, float[] a, int ao, float[] b, int bo, float alpha, float[] c, int co, int ldc, boolean accumulate) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        for (var p = 0; p < k; p++) {
            var b0 = FloatVector.fromArray(SPECIES, b, bo);
            var b1 = FloatVector.fromArray(SPECIES, b, bo + COUNT);
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
            ao += PITCH;
            bo += COLUMNS;
        }
        var scale = FloatVector.broadcast(SPECIES, alpha);
        float[] old = accumulate ? c : ZEROS;
        int oo = accumulate ? co : 0;
        int ldo = accumulate ? ldc : 0;
        c00.fma(scale, FloatVector.fromArray(SPECIES, old, oo)).intoArray(c, co);
        c01.fma(scale, FloatVector.fromArray(SPECIES, old, oo + COUNT)).intoArray(c, co + COUNT);
        c10.fma(scale, FloatVector.fromArray(SPECIES, old, oo + ldo)).intoArray(c, co + ldc);
        c11.fma(scale, FloatVector.fromArray(SPECIES, old, oo + ldo + COUNT)).intoArray(c, co + ldc + COUNT);
        c20.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 2 * ldo)).intoArray(c, co + 2 * ldc);
        c21.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 2 * ldo + COUNT))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 3 * ldo)).intoArray(c, co + 3 * ldc);
        c31.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 3 * ldo + COUNT))
                .intoArray(c, co + 3 * ldc + COUNT);
    }

    /**
     * As {@link #panels} for {@link #TALL_ROWS} rows. Two vectors of B serve more products: where they straddle cache
     * lines, as they do in most arrays, a tile of four rows waits for them.
     */
    static void tallPanels(
            int k, float[] a, int ao, float[] b, int bo, float alpha, float[] c, int co, int ldc, boolean accumulate) {
        if (MANY_REGISTERS) {
            eightRows(k, a, ao, b, bo, alpha, c, co, ldc, accumulate);
        } else {
            sixRows(k, a, ao, b, bo, alpha, c, co, ldc, accumulate);
        }
    }

    private static void eightRows(
            int k, float[] a, int ao, float[] b, int bo, float alpha, float[] c, int co, int ldc, boolean accumulate) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        FloatVector c40 = zero, c41 = zero, c50 = zero, c51 = zero, c60 = zero, c61 = zero, c70 = zero, c71 = zero;
        for (var p = 0; p < k; p++) {
            var b0 = FloatVector.fromArray(SPECIES, b, bo);
            var b1 = FloatVector.fromArray(SPECIES, b, bo + COUNT);
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
            ao += PITCH;
            bo += COLUMNS;
        }
        var scale = FloatVector.broadcast(SPECIES, alpha);
        float[] old = accumulate ? c : ZEROS;
        int oo = accumulate ? co : 0;
        int ldo = accumulate ? ldc : 0;
        c00.fma(scale, FloatVector.fromArray(SPECIES, old, oo)).intoArray(c, co);
        c01.fma(scale, FloatVector.fromArray(SPECIES, old, oo + COUNT)).intoArray(c, co + COUNT);
        c10.fma(scale, FloatVector.fromArray(SPECIES, old, oo + ldo)).intoArray(c, co + ldc);
        c11.fma(scale, FloatVector.fromArray(SPECIES, old, oo + ldo + COUNT)).intoArray(c, co + ldc + COUNT);
        c20.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 2 * ldo)).intoArray(c, co + 2 * ldc);
        c21.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 2 * ldo + COUNT))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 3 * ldo)).intoArray(c, co + 3 * ldc);
        c31.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 3 * ldo + COUNT))
                .intoArray(c, co + 3 * ldc + COUNT);
        c40.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 4 * ldo)).intoArray(c, co + 4 * ldc);
        c41.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 4 * ldo + COUNT))
                .intoArray(c, co + 4 * ldc + COUNT);
        c50.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 5 * ldo)).intoArray(c, co + 5 * ldc);
        c51.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 5 * ldo + COUNT))
                .intoArray(c, co + 5 * ldc + COUNT);
        c60.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 6 * ldo)).intoArray(c, co + 6 * ldc);
        c61.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 6 * ldo + COUNT))
                .intoArray(c, co + 6 * ldc + COUNT);
        c70.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 7 * ldo)).intoArray(c, co + 7 * ldc);
        c71.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 7 * ldo + COUNT))
                .intoArray(c, co + 7 * ldc + COUNT);
    }

    /**
     * Two steps at a time. A core that runs a second thread beside dispatches half as many instructions, and then their
     * number decides: 22 for 12 products instead of 24 with an index and a branch for each step.
     */
    private static void sixRows(
            int k, float[] a, int ao, float[] b, int bo, float alpha, float[] c, int co, int ldc, boolean accumulate) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        FloatVector c40 = zero, c41 = zero, c50 = zero, c51 = zero;
        int end = ao + k * PITCH;
        int ahead = bo - COLUMNS / PITCH * ao;
        var p = ao;
        for (; p < end - PITCH; p += 2 * PITCH) {
            int q = COLUMNS / PITCH * p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 4]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 5]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            inOrder();
            b0 = FloatVector.fromArray(SPECIES, b, q + COLUMNS);
            b1 = FloatVector.fromArray(SPECIES, b, q + COLUMNS + COUNT);
            x = FloatVector.broadcast(SPECIES, a[p + PITCH]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + PITCH + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + PITCH + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + PITCH + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + PITCH + 4]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + PITCH + 5]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            inOrder();
        }
        for (; p < end; p += PITCH) {
            int q = COLUMNS / PITCH * p + ahead;
            var b0 = FloatVector.fromArray(SPECIES, b, q);
            var b1 = FloatVector.fromArray(SPECIES, b, q + COUNT);
            var x = FloatVector.broadcast(SPECIES, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 4]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            inOrder();
            x = FloatVector.broadcast(SPECIES, a[p + 5]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            inOrder();
        }
        var scale = FloatVector.broadcast(SPECIES, alpha);
        float[] old = accumulate ? c : ZEROS;
        int oo = accumulate ? co : 0;
        int ldo = accumulate ? ldc : 0;
        c00.fma(scale, FloatVector.fromArray(SPECIES, old, oo)).intoArray(c, co);
        c01.fma(scale, FloatVector.fromArray(SPECIES, old, oo + COUNT)).intoArray(c, co + COUNT);
        c10.fma(scale, FloatVector.fromArray(SPECIES, old, oo + ldo)).intoArray(c, co + ldc);
        c11.fma(scale, FloatVector.fromArray(SPECIES, old, oo + ldo + COUNT)).intoArray(c, co + ldc + COUNT);
        c20.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 2 * ldo)).intoArray(c, co + 2 * ldc);
        c21.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 2 * ldo + COUNT))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 3 * ldo)).intoArray(c, co + 3 * ldc);
        c31.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 3 * ldo + COUNT))
                .intoArray(c, co + 3 * ldc + COUNT);
        c40.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 4 * ldo)).intoArray(c, co + 4 * ldc);
        c41.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 4 * ldo + COUNT))
                .intoArray(c, co + 4 * ldc + COUNT);
        c50.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 5 * ldo)).intoArray(c, co + 5 * ldc);
        c51.fma(scale, FloatVector.fromArray(SPECIES, old, oo + 5 * ldo + COUNT))
                .intoArray(c, co + 5 * ldc + COUNT);
    }
}
