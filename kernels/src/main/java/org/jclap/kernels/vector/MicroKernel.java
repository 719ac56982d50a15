package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost products: {@value #ROWS} rows times two vectors of columns, kept in eight accumulators, or with more
 * registers {@value #TALL_ROWS} rows in sixteen.
 *
 * <p>The tiles are what C2 allocates registers for without spills (the tall one would lose half on 16 registers, and with
 * three vectors of columns on 32); the loop over k is not unrolled by hand, and the accumulator is always the addend, else C2 adds a move per
 * product. Where C is not accumulated, its old values are blended away, NaN included; a masked load does the same, but
 * its bounds checks make the tall tile too big to be inlined whole, and then it runs a hundred times slower.
 */
final class MicroKernel {
    /** Rows of a tile. */
    static final int ROWS = 4;
    /** Rows of a tall tile. */
    static final int TALL_ROWS = 2 * ROWS;
    /** Whether there are registers for the sixteen accumulators of a tall tile: with 512 bits there are 32. */
    static final boolean TALL = COUNT == 16;
    /** Columns of a tile. */
    static final int COLUMNS = 2 * COUNT;

    private MicroKernel() {}

    /**
     * {@code C(4, COLUMNS) = alpha A B (+ C)} with both operands in panels: element (i, p) of A is {@code a[ao + p *
     * COUNT + i]}, row p of B starts at {@code b[bo + p * COLUMNS]}.
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
            ao += COUNT;
            bo += COLUMNS;
        }
        var scale = FloatVector.broadcast(SPECIES, alpha);
        var old = SPECIES.maskAll(accumulate);
        c00.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co), old)).intoArray(c, co);
        c01.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + COUNT), old))
                .intoArray(c, co + COUNT);
        c10.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + ldc), old))
                .intoArray(c, co + ldc);
        c11.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + ldc + COUNT), old))
                .intoArray(c, co + ldc + COUNT);
        c20.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 2 * ldc), old))
                .intoArray(c, co + 2 * ldc);
        c21.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT), old))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 3 * ldc), old))
                .intoArray(c, co + 3 * ldc);
        c31.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT), old))
                .intoArray(c, co + 3 * ldc + COUNT);
    }

    /**
     * As {@link #panels} for {@link #TALL_ROWS} rows. Two vectors of B serve twice as many products: where they straddle
     * cache lines, as they do in most arrays, a tile of four rows waits for them.
     */
    static void tallPanels(
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
            ao += COUNT;
            bo += COLUMNS;
        }
        var scale = FloatVector.broadcast(SPECIES, alpha);
        var old = SPECIES.maskAll(accumulate);
        c00.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co), old)).intoArray(c, co);
        c01.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + COUNT), old))
                .intoArray(c, co + COUNT);
        c10.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + ldc), old))
                .intoArray(c, co + ldc);
        c11.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + ldc + COUNT), old))
                .intoArray(c, co + ldc + COUNT);
        c20.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 2 * ldc), old))
                .intoArray(c, co + 2 * ldc);
        c21.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT), old))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 3 * ldc), old))
                .intoArray(c, co + 3 * ldc);
        c31.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT), old))
                .intoArray(c, co + 3 * ldc + COUNT);
        c40.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 4 * ldc), old))
                .intoArray(c, co + 4 * ldc);
        c41.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + COUNT), old))
                .intoArray(c, co + 4 * ldc + COUNT);
        c50.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 5 * ldc), old))
                .intoArray(c, co + 5 * ldc);
        c51.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + COUNT), old))
                .intoArray(c, co + 5 * ldc + COUNT);
        c60.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 6 * ldc), old))
                .intoArray(c, co + 6 * ldc);
        c61.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 6 * ldc + COUNT), old))
                .intoArray(c, co + 6 * ldc + COUNT);
        c70.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 7 * ldc), old))
                .intoArray(c, co + 7 * ldc);
        c71.fma(scale, zero.blend(FloatVector.fromArray(SPECIES, c, co + 7 * ldc + COUNT), old))
                .intoArray(c, co + 7 * ldc + COUNT);
    }
}
