package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums, means and maxima over the middle axis of {@code (outer, reduce, inner)}: inner 1 is the last axis, outer 1 the
 * leading ones.
 *
 * <p>Sums run in float within blocks of fixed size and in double across them, so the error grows with the size of a
 * block and not with the length of the axis. Parallel over blocks.
 */
public final class Reductions {
    private enum Kind {
        SUM,
        SQUARES,
        MAX
    }

    /** Elements of one block of a contiguous row. */
    private static final int ROW_BLOCK = 4096;
    /** Rows of one block of a column. */
    private static final int COLUMN_BLOCK = 256;
    /** Columns of one task. */
    private static final int STRIP = 256;
    /** Elements of one task. */
    private static final int TASK = 16 << 10;

    private final Workers workers;

    /** Reductions on the given threads. */
    public Reductions(Workers workers) {
        this.workers = workers;
    }

    /** {@code y[o, i] = sum_r x[o, r, i]}. */
    public void sum(float[] x, int xo, float[] y, int yo, int outer, int reduce, int inner) {
        reduce(Kind.SUM, x, xo, y, yo, outer, reduce, inner);
    }

    /** {@code y[o, i] = sum_r x[o, r, i] / reduce}. */
    public void mean(float[] x, int xo, float[] y, int yo, int outer, int reduce, int inner) {
        sum(x, xo, y, yo, outer, reduce, inner);
        for (var i = 0; i < outer * inner; i++) {
            y[yo + i] /= reduce;
        }
    }

    /** {@code y[o, i] = max_r x[o, r, i]}; NaN wins, and the maximum of nothing is minus infinity. */
    public void max(float[] x, int xo, float[] y, int yo, int outer, int reduce, int inner) {
        reduce(Kind.MAX, x, xo, y, yo, outer, reduce, inner);
    }

    /** {@code sum_i x[i]^2} over n elements. */
    public double sumOfSquares(float[] x, int xo, int n) {
        int blocks = Math.ceilDiv(n, ROW_BLOCK);
        var parts = Scratch.take(blocks);
        workers.parallelRanges(
                n, ROW_BLOCK, (from, to) -> parts[from / ROW_BLOCK] = run(Kind.SQUARES, x, xo + from, to - from));
        var total = 0.0;
        for (var b = 0; b < blocks; b++) {
            total += parts[b];
        }
        Scratch.give(parts);
        return total;
    }

    private void reduce(Kind kind, float[] x, int xo, float[] y, int yo, int outer, int reduce, int inner) {
        if (inner == 1 && outer > 1) {
            workers.parallelRanges(outer, Math.max(1, TASK / Math.max(1, reduce)), (from, to) -> {
                for (var o = from; o < to; o++) {
                    y[yo + o] = row(kind, x, xo + o * reduce, reduce);
                }
            });
            return;
        }
        // Parts (outer, blocks, inner) of blocks of the axis, then their sum.
        int block = inner == 1 ? ROW_BLOCK : COLUMN_BLOCK;
        int blocks = Math.ceilDiv(reduce, block);
        int strips = Math.ceilDiv(inner, STRIP);
        var parts = Scratch.take(Math.multiplyExact(outer * blocks, inner));
        workers.parallelFor(outer * blocks * strips, task -> {
            int part = task / strips;
            int first = part % blocks * block;
            int from = task % strips * STRIP;
            int rows = Math.min(block, reduce - first);
            int at = xo + (part / blocks * reduce + first) * inner;
            if (inner == 1) {
                parts[part] = run(kind, x, at, rows);
            } else {
                columns(kind, x, at + from, rows, inner, Math.min(STRIP, inner - from), parts, part * inner + from);
            }
        });
        workers.parallelRanges(outer * inner, TASK, (from, to) -> {
            for (var i = from; i < to; i++) {
                y[yo + i] = combine(kind, parts, i / inner * blocks * inner + i % inner, blocks, inner);
            }
        });
        Scratch.give(parts);
    }

    /** One contiguous row, block by block. */
    private static float row(Kind kind, float[] x, int xo, int n) {
        if (n <= ROW_BLOCK) {
            return run(kind, x, xo, n);
        }
        double sum = 0;
        float max = Float.NEGATIVE_INFINITY;
        for (var i = 0; i < n; i += ROW_BLOCK) {
            float part = run(kind, x, xo + i, Math.min(ROW_BLOCK, n - i));
            sum += part;
            max = Math.max(max, part);
        }
        return kind == Kind.MAX ? max : (float) sum;
    }

    private static float combine(Kind kind, float[] parts, int from, int count, int stride) {
        if (kind == Kind.MAX) {
            float max = Float.NEGATIVE_INFINITY;
            for (var b = 0; b < count; b++) {
                max = Math.max(max, parts[from + b * stride]);
            }
            return max;
        }
        double sum = 0;
        for (var b = 0; b < count; b++) {
            sum += parts[from + b * stride];
        }
        return (float) sum;
    }

    private static float run(Kind kind, float[] x, int xo, int n) {
        return switch (kind) {
            case SUM -> sum(x, xo, n);
            case SQUARES -> SmallGemm.dot(x, xo, x, xo, n);
            case MAX -> max(x, xo, n);
        };
    }

    /** The sum of a short run, in four interleaved sums per lane. */
    static float sum(float[] x, int xo, int n) {
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0;
        int step = 4 * Lanes.COUNT;
        var i = 0;
        for (; i <= n - step; i += step) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, x, xo + i));
            s1 = s1.add(FloatVector.fromArray(SPECIES, x, xo + i + Lanes.COUNT));
            s2 = s2.add(FloatVector.fromArray(SPECIES, x, xo + i + 2 * Lanes.COUNT));
            s3 = s3.add(FloatVector.fromArray(SPECIES, x, xo + i + 3 * Lanes.COUNT));
        }
        for (; i < n; i += Lanes.COUNT) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, x, xo + i, SPECIES.indexInRange(i, n)));
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3)));
    }

    /** The maximum of a run; NaN wins, and the maximum of nothing is minus infinity. */
    static float max(float[] x, int xo, int n) {
        FloatVector m0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY), m1 = m0, m2 = m0, m3 = m0;
        int step = 4 * Lanes.COUNT;
        var i = 0;
        for (; i <= n - step; i += step) {
            m0 = m0.max(FloatVector.fromArray(SPECIES, x, xo + i));
            m1 = m1.max(FloatVector.fromArray(SPECIES, x, xo + i + Lanes.COUNT));
            m2 = m2.max(FloatVector.fromArray(SPECIES, x, xo + i + 2 * Lanes.COUNT));
            m3 = m3.max(FloatVector.fromArray(SPECIES, x, xo + i + 3 * Lanes.COUNT));
        }
        for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
            m0 = m0.max(FloatVector.fromArray(SPECIES, x, xo + i));
        }
        float result = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            result = Math.max(result, x[xo + i]);
        }
        return result;
    }

    /** Reduces at least one row, of {@code n} columns and {@code stride} apart, into {@code y}, which stays in L1. */
    private static void columns(Kind kind, float[] x, int xo, int rows, int stride, int n, float[] y, int yo) {
        var combine = kind == Kind.MAX ? Binary.MAX : Binary.ADD;
        System.arraycopy(x, xo, y, yo, n);
        for (var r = 1; r < rows; r++) {
            combine.run(y, yo, x, xo + r * stride, y, yo, n);
        }
    }
}
