package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost products: {@value #ROWS} rows times two vectors of columns, kept in eight accumulators.
 *
 * <p>The tile is what C2 allocates registers for without spills on 16 and 32 registers (taller ones lose up to half on
 * 16); the loop over k is not unrolled by hand, and the accumulator is always the addend, else C2 adds a move per
 * product. Where C is not accumulated, its old values are masked away, NaN included.
 */
final class MicroKernel {
    /** Rows of a tile. */
    static final int ROWS = 4;
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
        c00.fma(scale, FloatVector.fromArray(SPECIES, c, co, old)).intoArray(c, co);
        c01.fma(scale, FloatVector.fromArray(SPECIES, c, co + COUNT, old)).intoArray(c, co + COUNT);
        c10.fma(scale, FloatVector.fromArray(SPECIES, c, co + ldc, old)).intoArray(c, co + ldc);
        c11.fma(scale, FloatVector.fromArray(SPECIES, c, co + ldc + COUNT, old)).intoArray(c, co + ldc + COUNT);
        c20.fma(scale, FloatVector.fromArray(SPECIES, c, co + 2 * ldc, old)).intoArray(c, co + 2 * ldc);
        c21.fma(scale, FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT, old))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, FloatVector.fromArray(SPECIES, c, co + 3 * ldc, old)).intoArray(c, co + 3 * ldc);
        c31.fma(scale, FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT, old))
                .intoArray(c, co + 3 * ldc + COUNT);
    }

    /**
     * As {@link #panels} with alpha 1 and the rows of A as they lie: element (i, p) of A is {@code a[ao + i * lda +
     * p]}.
     */
    static void rows(
            int k, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc, boolean accumulate) {
        var zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        for (var p = 0; p < k; p++) {
            var b0 = FloatVector.fromArray(SPECIES, b, bo);
            var b1 = FloatVector.fromArray(SPECIES, b, bo + COUNT);
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
            bo += COLUMNS;
        }
        var scale = FloatVector.broadcast(SPECIES, 1f);
        var old = SPECIES.maskAll(accumulate);
        c00.fma(scale, FloatVector.fromArray(SPECIES, c, co, old)).intoArray(c, co);
        c01.fma(scale, FloatVector.fromArray(SPECIES, c, co + COUNT, old)).intoArray(c, co + COUNT);
        c10.fma(scale, FloatVector.fromArray(SPECIES, c, co + ldc, old)).intoArray(c, co + ldc);
        c11.fma(scale, FloatVector.fromArray(SPECIES, c, co + ldc + COUNT, old)).intoArray(c, co + ldc + COUNT);
        c20.fma(scale, FloatVector.fromArray(SPECIES, c, co + 2 * ldc, old)).intoArray(c, co + 2 * ldc);
        c21.fma(scale, FloatVector.fromArray(SPECIES, c, co + 2 * ldc + COUNT, old))
                .intoArray(c, co + 2 * ldc + COUNT);
        c30.fma(scale, FloatVector.fromArray(SPECIES, c, co + 3 * ldc, old)).intoArray(c, co + 3 * ldc);
        c31.fma(scale, FloatVector.fromArray(SPECIES, c, co + 3 * ldc + COUNT, old))
                .intoArray(c, co + 3 * ldc + COUNT);
    }
}
