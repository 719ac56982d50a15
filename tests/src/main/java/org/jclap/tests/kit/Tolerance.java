package org.jclap.tests.kit;

import org.jclap.tensor.type.DType;

/**
 * How far two computations of one tensor in F32 may lie apart: {@code slack · 2^-23 · sqrt(terms)} times the largest
 * magnitude in the tensor.
 *
 * <p>A sum of n terms makes about n rounding errors of random sign, each of at most half a unit in the last place of a
 * partial sum, so their total grows with sqrt(n). The largest magnitude is the yardstick because elements that cancel to
 * something small keep the errors of their terms. Where even the whole tensor may cancel, {@code magnitude} states the
 * size of the terms.
 *
 * <p>A tensor of a narrower type is computed in F32 all the same and then rounded, so what comes on top does not grow with
 * the number of terms: {@code storage} times the largest magnitude.
 *
 * @param terms the length of the longest sum behind one element
 * @param slack how many such errors; 4 is enough for elementwise functions, more where errors pass through several steps
 * @param magnitude the yardstick where the tensor's largest magnitude is smaller
 * @param storage the rounding of a type narrower than F32
 */
public record Tolerance(int terms, double slack, double magnitude, double storage) {
    /** The distance of neighbours in F32, relative to their size. */
    private static final double EPSILON = 0x1p-23;

    /** For functions of single elements. */
    public static final Tolerance ELEMENTWISE = new Tolerance(1, 4, 0);

    /** A tolerance of results in F32. */
    public Tolerance(int terms, double slack, double magnitude) {
        this(terms, slack, magnitude, 0);
    }

    /** A tolerance relative to the largest magnitude that is not made of rounding errors, as a published bound. */
    public static Tolerance relative(double bound) {
        return new Tolerance(1, bound / EPSILON, 0);
    }

    /** This tolerance with a yardstick of at least that size. */
    public Tolerance atLeast(double size) {
        return new Tolerance(terms, slack, Math.max(magnitude, size), storage);
    }

    /** This tolerance for tensors of another floating type: two of its steps more, for a result may be rounded on the way. */
    public Tolerance in(DType type) {
        double step = switch (type) {
            case F16 -> 0x1p-10;
            case BF16 -> 0x1p-7;
            case F32, F64, I32, I64, BOOL -> 0;
        };
        return new Tolerance(terms, slack, magnitude, 2 * step);
    }

    /**
     * Throws unless {@code actual} is as near as it has to be; NaN and infinities must be the same.
     *
     * @return what of the permitted difference the worst element takes, at most 1
     */
    public double check(String what, double[] expected, double[] actual) {
        if (expected.length != actual.length) {
            throw new AssertionError(
                    "%s: expected %d elements, are %d".formatted(what, expected.length, actual.length));
        }
        double bound = bound(expected);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            // Equal infinities differ by NaN.
            double difference = Double.compare(expected[i], actual[i]) == 0 ? 0 : Math.abs(expected[i] - actual[i]);
            largest = Math.max(largest, difference);
            if (!(difference <= bound)) {
                throw new AssertionError("%s: element %d of %d is %s, expected %s within %.3g (worst difference %.3g)"
                        .formatted(what, i, expected.length, actual[i], expected[i], bound, worst(expected, actual)));
            }
        }
        return largest == 0 ? 0 : largest / bound;
    }

    private double bound(double[] expected) {
        double largest = 0;
        for (double value : expected) {
            if (Double.isFinite(value)) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return slack * EPSILON * Math.sqrt(Math.max(1, terms)) * Math.max(largest, magnitude) + storage * largest;
    }

    private static double worst(double[] expected, double[] actual) {
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
        }
        return worst;
    }
}
