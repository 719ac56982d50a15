package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * Maps over whole arrays: contiguous, with one operand a scalar or a row, and general strided ones. Parallel over fixed
 * blocks.
 */
public final class Elementwise {
    /** Elements of an operand that are gathered or repeated at a time; they stay in L1. */
    private static final int CHUNK = 1024;

    private final Workers workers;

    /** Maps on the given threads. */
    public Elementwise(Workers workers) {
        this.workers = workers;
    }

    /** {@code y[i] = f(x[i])} for n elements. */
    public void map(Unary f, float[] x, int xo, float[] y, int yo, int n) {
        workers.parallelRanges(n, Rows.task(n), (from, to) -> f.run(x, xo + from, y, yo + from, to - from));
    }

    /** {@code y[i] = f(a[i], b[i])} for n elements. */
    public void map(Binary f, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        workers.parallelRanges(
                n, Rows.task(n), (from, to) -> f.run(a, ao + from, b, bo + from, y, yo + from, to - from));
    }

    /** {@code y[i] = f(a[i], scalar)} for n elements. */
    public void mapScalar(Binary f, float[] a, int ao, float scalar, float[] y, int yo, int n) {
        map(f, Strided.contiguous(a, ao), Strided.scalar(scalar), y, yo, n);
    }

    /** {@code y[r, c] = f(a[r, c], row[c])} for a contiguous (rows, columns). */
    public void mapRow(
            Binary f, float[] a, int ao, float[] row, int rowOffset, float[] y, int yo, int rows, int columns) {
        map(
                f,
                Strided.contiguous(a, ao),
                new Strided(row, rowOffset, new int[] {rows, columns}, new int[] {0, 1}),
                y,
                yo,
                rows * columns);
    }

    /** {@code y[i] = f(x_i)} with x in any strided order; y is contiguous. */
    public void map(Unary f, Strided x, float[] y, int yo, int n) {
        if (x.isContiguous()) {
            map(f, x.data(), x.offset(), y, yo, n);
            return;
        }
        chunks(n, (from, size) -> {
            x.gather(from, size, y, yo + from);
            f.run(y, yo + from, y, yo + from, size);
        });
    }

    /**
     * {@code y[i] = f(a_i, b_i)} with operands in any strided order; y is contiguous and overlaps neither unless equal.
     */
    public void map(Binary f, Strided a, Strided b, float[] y, int yo, int n) {
        chunks(n, (from, size) -> {
            var restA = a.isContiguous() ? a.data() : Scratch.take(CHUNK);
            var restB = b.isContiguous() ? b.data() : Scratch.take(CHUNK);
            f.run(restA, a.fetch(from, size, restA), restB, b.fetch(from, size, restB), y, yo + from, size);
            if (!b.isContiguous()) {
                Scratch.give(restB);
            }
            if (!a.isContiguous()) {
                Scratch.give(restA);
            }
        });
    }

    /** {@code y[i] = x_i}: a strided copy. */
    public void copy(Strided x, float[] y, int yo, int n) {
        workers.parallelRanges(n, Rows.task(n), (from, to) -> x.gather(from, to - from, y, yo + from));
    }

    /** {@code y[i] = a x[i] + b}. */
    public void affine(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        workers.parallelRanges(n, Rows.task(n), (from, to) -> Rows.affine(a, b, x, xo + from, y, yo + from, to - from));
    }

    /** {@code y[i] = a[i] b[i] + c[i]}. */
    public void multiplyAdd(float[] a, int ao, float[] b, int bo, float[] c, int co, float[] y, int yo, int n) {
        workers.parallelRanges(n, Rows.task(n), (from, to) -> {
            var i = from;
            for (; i <= to - Lanes.COUNT; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .fma(FloatVector.fromArray(SPECIES, b, bo + i), FloatVector.fromArray(SPECIES, c, co + i))
                        .intoArray(y, yo + i);
            }
            for (; i < to; i++) {
                y[yo + i] = Math.fma(a[ao + i], b[bo + i], c[co + i]);
            }
        });
    }

    private interface ChunkBody {
        void accept(int from, int size);
    }

    private void chunks(int n, ChunkBody body) {
        workers.parallelRanges(n, Rows.task(n), (from, to) -> {
            for (var i = from; i < to; i += CHUNK) {
                body.accept(i, Math.min(CHUNK, to - i));
            }
        });
    }
}
