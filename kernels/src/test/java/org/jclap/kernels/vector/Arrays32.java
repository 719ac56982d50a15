package org.jclap.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Seeded inputs and comparisons for the kernel tests. */
final class Arrays32 {
    /** Lengths around vector widths, tiles and task blocks. */
    static final int[] AWKWARD = {0, 1, 3, 13, 16, 127, 1021, 16384, 40001};

    static final float SENTINEL = 12345.5f;

    private Arrays32() {}

    /** {@code n} values in [-1, 1). */
    static float[] random(int n, long seed) {
        var random = new SplittableRandom(seed);
        var a = new float[n];
        for (var i = 0; i < n; i++) {
            a[i] = (float) (2 * random.nextDouble() - 1);
        }
        return a;
    }

    static float[] filled(int n, float value) {
        var a = new float[n];
        Arrays.fill(a, value);
        return a;
    }

    /** Fails when an element is further from the expected one than {@code tolerance} times the largest magnitude. */
    static void assertClose(double[] expected, float[] actual, int offset, double tolerance, String what) {
        double scale =
                Math.max(1e-30, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        for (var i = 0; i < expected.length; i++) {
            double error = Math.abs(expected[i] - actual[offset + i]) / scale;
            int at = i;
            assertTrue(
                    error <= tolerance,
                    () -> "%s: element %d is %s, expected %s (relative error %.3g, allowed %.3g)"
                            .formatted(what, at, actual[offset + at], expected[at], error, tolerance));
        }
    }

    /** Fails unless a computation gives the same bits with one, two and three threads. */
    static void assertSameForAnyThreads(Function<Workers, float[]> computation) {
        try (var one = new Workers(1);
                var two = new Workers(2);
                var three = new Workers(3)) {
            var expected = computation.apply(one);
            assertArrayEquals(expected, computation.apply(two), "2 threads");
            assertArrayEquals(expected, computation.apply(three), "3 threads");
        }
    }
}
