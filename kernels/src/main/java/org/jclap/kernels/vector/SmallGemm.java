package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Products with at most {@value #MAX_ROWS} rows. They are bound by reading B once, so B is not packed: its columns are
 * dotted when they are contiguous, its rows are combined otherwise.
 */
final class SmallGemm {
    private static final int MAX_ROWS = 4;
    /** Columns of one task. */
    private static final int TASK = 512;
    /** Elements that one step of an inner product takes. */
    private static final int STRIP = 4 * Lanes.COUNT;

    private SmallGemm() {}

    static boolean suits(int m, int k, Matrix b) {
        return m <= MAX_ROWS && k > 0 && (b.rowStride() == 1 || b.columnStride() == 1);
    }

    /** As {@link Gemm#multiply} for m of at most {@value #MAX_ROWS}; parallel over columns. */
    static void multiply(
            Workers workers,
            int m,
            int n,
            int k,
            float alpha,
            Matrix a,
            Matrix b,
            float[] c,
            int co,
            int ldc,
            boolean accumulate) {
        var rows = Scratch.take(Math.multiplyExact(m, k));
        for (var i = 0; i < m; i++) {
            for (var p = 0; p < k; p++) {
                rows[i * k + p] = alpha * a.data()[a.offset() + i * a.rowStride() + p * a.columnStride()];
            }
        }
        workers.parallelRanges(n, TASK, (from, to) -> {
            for (var i = 0; i < m; i++) {
                if (b.rowStride() == 1) {
                    dots(k, rows, i * k, b, from, to, c, co + i * ldc, accumulate);
                } else {
                    combine(k, rows, i * k, b, from, to, c, co + i * ldc, accumulate);
                }
            }
        });
        Scratch.give(rows);
    }

    private static void dots(
            int k, float[] x, int xo, Matrix b, int from, int to, float[] c, int co, boolean accumulate) {
        for (var j = from; j < to; j++) {
            float dot = dot(x, xo, b.data(), b.offset() + j * b.columnStride(), k);
            c[co + j] = accumulate ? c[co + j] + dot : dot;
        }
    }

    /** The inner product of two contiguous vectors, in four interleaved sums per lane. */
    static float dot(float[] x, int xo, float[] y, int yo, int n) {
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0;
        var i = 0;
        for (; i <= n - STRIP; i += STRIP) {
            s0 = FloatVector.fromArray(SPECIES, x, xo + i).fma(FloatVector.fromArray(SPECIES, y, yo + i), s0);
            s1 = FloatVector.fromArray(SPECIES, x, xo + i + Lanes.COUNT)
                    .fma(FloatVector.fromArray(SPECIES, y, yo + i + Lanes.COUNT), s1);
            s2 = FloatVector.fromArray(SPECIES, x, xo + i + 2 * Lanes.COUNT)
                    .fma(FloatVector.fromArray(SPECIES, y, yo + i + 2 * Lanes.COUNT), s2);
            s3 = FloatVector.fromArray(SPECIES, x, xo + i + 3 * Lanes.COUNT)
                    .fma(FloatVector.fromArray(SPECIES, y, yo + i + 3 * Lanes.COUNT), s3);
        }
        for (; i < n; i += Lanes.COUNT) {
            var mask = SPECIES.indexInRange(i, n);
            s0 = FloatVector.fromArray(SPECIES, x, xo + i, mask)
                    .fma(FloatVector.fromArray(SPECIES, y, yo + i, mask), s0);
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3)));
    }

    /** Adds up scaled rows of B, four at a time: C is kept in L1 and B streams along its rows. */
    private static void combine(
            int k, float[] x, int xo, Matrix b, int from, int to, float[] c, int co, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(c, co + from, co + to, 0f);
        }
        var p = 0;
        for (; p <= k - 4; p += 4) {
            addRows(x, xo + p, b.data(), b.offset() + p * b.rowStride(), b.rowStride(), from, to, c, co);
        }
        for (; p < k; p++) {
            addRow(x[xo + p], b.data(), b.offset() + p * b.rowStride(), from, to, c, co);
        }
    }

    private static void addRows(float[] x, int xo, float[] b, int bo, int ldb, int from, int to, float[] c, int co) {
        int whole = from + Lanes.bound(to - from);
        var x0 = FloatVector.broadcast(SPECIES, x[xo]);
        var x1 = FloatVector.broadcast(SPECIES, x[xo + 1]);
        var x2 = FloatVector.broadcast(SPECIES, x[xo + 2]);
        var x3 = FloatVector.broadcast(SPECIES, x[xo + 3]);
        for (var j = from; j < whole; j += Lanes.COUNT) {
            var sum = x0.fma(FloatVector.fromArray(SPECIES, b, bo + j), FloatVector.fromArray(SPECIES, c, co + j));
            sum = x1.fma(FloatVector.fromArray(SPECIES, b, bo + ldb + j), sum);
            sum = x2.fma(FloatVector.fromArray(SPECIES, b, bo + 2 * ldb + j), sum);
            x3.fma(FloatVector.fromArray(SPECIES, b, bo + 3 * ldb + j), sum).intoArray(c, co + j);
        }
        for (var q = 0; q < 4 && whole < to; q++) {
            addRow(x[xo + q], b, bo + q * ldb, whole, to, c, co);
        }
    }

    private static void addRow(float scale, float[] b, int bo, int from, int to, float[] c, int co) {
        for (var j = from; j < to; j++) {
            c[co + j] = Math.fma(scale, b[bo + j], c[co + j]);
        }
    }
}
