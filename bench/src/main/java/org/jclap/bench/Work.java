package org.jclap.bench;

/**
 * What a case has to do at least, whatever the algorithm.
 *
 * @param flops floating point operations of its products and convolutions, a multiply-add counting twice; 0 where
 *     arithmetic is not what takes the time
 * @param bytes what must come from or go to main memory, each tensor once; 0 where arithmetic takes the time
 */
public record Work(double flops, double bytes) {
    /** A case of which only the time is of interest. */
    public static final Work UNDECLARED = new Work(0, 0);

    /** Work that is arithmetic alone. */
    public static Work flops(double flops) {
        return new Work(flops, 0);
    }

    /** Work that is passing over F32 tensors with this many elements in sum, those that are updated counted twice. */
    public static Work floats(double count) {
        return new Work(0, count * Float.BYTES);
    }

    /** C = A B of sizes m x k and k x n, in F32. */
    public static Work matmul(double m, double n, double k) {
        return new Work(2 * m * n * k, Float.BYTES * (m * k + k * n + m * n));
    }

    /** Both kinds of work added. */
    public Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
    }

    /** The same work several times. */
    public Work times(double count) {
        return new Work(flops * count, bytes * count);
    }
}
