package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.AWKWARD;
import static org.jclap.kernels.vector.Arrays32.filled;
import static org.jclap.kernels.vector.Arrays32.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementwiseTest {
    private static final Workers WORKERS = new Workers(2);
    private static final Elementwise ELEMENTWISE = new Elementwise(WORKERS);
    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        1e-40f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        0.625f,
        -0.625f,
        88.7f,
        88.8f,
        -87.4f,
        -103.9f,
        -104f,
        0.70710677f,
        0.7071068f,
        16777216f,
        9f,
        -9f,
        1.4142135f
    };

    @AfterAll
    static void close() {
        WORKERS.close();
    }

    static double reference(Unary f, double x) {
        return switch (f) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case SQRT -> Math.sqrt(x);
            case RECIPROCAL -> 1 / x;
            case SQUARE -> x * x;
            case RELU -> Math.max(x, 0);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case GELU -> x == Double.NEGATIVE_INFINITY ? 0 : x * normalCdf(x);
            case LOG_SIGMOID -> Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
        };
    }

    private static double normalCdf(double x) {
        return Double.isInfinite(x) ? (x > 0 ? 1 : 0) : 0.5 * Erf.erfc(-x / Math.sqrt(2));
    }

    private static double geluDerivative(double x) {
        double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        return normalCdf(x) + (density == 0 ? 0 : x * density);
    }

    static double reference(Binary f, double a, double b) {
        return switch (f) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case RELU_BACKWARD -> b > 0 ? a : 0;
            case SIGMOID_BACKWARD -> a * b * (1 - b);
            case TANH_BACKWARD -> a * (1 - b * b);
            case ABS_BACKWARD -> a * Math.signum(b);
            case GELU_BACKWARD -> a * geluDerivative(b);
        };
    }

    /** Special values, every binary order of magnitude with both signs, and values around one. */
    private static float[] wholeRange() {
        var random = new SplittableRandom(11);
        var x = Arrays.copyOf(SPECIAL, SPECIAL.length + 100_001);
        for (var i = SPECIAL.length; i < x.length; i++) {
            x[i] = switch (i % 3) {
                case 0 -> Float.intBitsToFloat(random.nextInt());
                case 1 -> (float) (40 * random.nextDouble() - 20);
                case 2 -> (float) (200 * random.nextDouble() - 100);
                default -> throw new AssertionError();
            };
        }
        return x;
    }

    @ParameterizedTest
    @EnumSource
    void isAccurateOverTheWholeRange(Unary f) {
        var x = wholeRange();
        var y = new float[x.length];
        ELEMENTWISE.map(f, x, 0, y, 0, x.length);
        for (var i = 0; i < x.length; i++) {
            assertNear(reference(f, x[i]), y[i], f, "(" + x[i] + ")");
        }
    }

    /**
     * Within 1e-6 of the value or of the smallest normal float. GELU subtracts x times a probability, whose errors are up to
     * 2.3e-7 near zero and smaller where x is large: 6.3e-7 at most. Its derivative is a difference of two numbers below one.
     * Near zero they are as accurate as those.
     */
    private static void assertNear(double expected, float actual, Enum<?> f, String where) {
        if (Double.isNaN(expected) || Math.abs(expected) > Float.MAX_VALUE) {
            assertEquals((float) expected, actual, f + where);
            return;
        }
        double cancelled = f == Unary.GELU ? 7e-7 : f == Binary.GELU_BACKWARD ? 2e-7 : 0;
        double allowed = 1e-6 * Math.abs(expected) + cancelled + 2e-38;
        assertTrue(
                Math.abs(expected - actual) <= allowed,
                () -> "%s%s = %s, expected %s".formatted(f, where, actual, expected));
    }

    @ParameterizedTest
    @EnumSource
    void unaryHandlesEveryLengthAndOffset(Unary f) {
        for (var n : AWKWARD) {
            var x = random(n + 3, n);
            var y = filled(n + 7, Arrays32.SENTINEL);
            ELEMENTWISE.map(f, x, 3, y, 5, n);
            for (var i = 0; i < n; i++) {
                assertNear(reference(f, x[3 + i]), y[5 + i], f, " of " + n);
            }
            assertEquals(Arrays32.SENTINEL, y[4]);
            assertEquals(Arrays32.SENTINEL, y[5 + n]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void binaryBroadcastsInEveryWay(Binary f) {
        int rows = 37;
        int columns = 29;
        int n = rows * columns;
        var a = random(n, 1);
        var row = random(columns, 2);
        var y = new float[n];
        ELEMENTWISE.map(f, a, 0, y.clone(), 0, y, 0, n);
        ELEMENTWISE.mapRow(f, a, 0, row, 0, y, 0, rows, columns);
        for (var i = 0; i < n; i++) {
            assertNear(reference(f, a[i], row[i % columns]), y[i], f, " row");
        }
        ELEMENTWISE.mapScalar(f, a, 0, 0.75f, y, 0, n);
        for (var i = 0; i < n; i++) {
            assertNear(reference(f, a[i], 0.75f), y[i], f, " scalar");
        }
        // a (rows, columns) against its own transpose read as (rows, columns).
        var turned = new Strided(a, 0, new int[] {rows, columns}, new int[] {1, rows});
        ELEMENTWISE.map(f, turned, Strided.contiguous(a, 0), y, 0, n);
        for (var i = 0; i < n; i++) {
            assertNear(reference(f, a[i / columns + i % columns * rows], a[i]), y[i], f, " strided");
        }
    }

    @ParameterizedTest
    @EnumSource
    void binaryHandlesEveryLength(Binary f) {
        for (var n : AWKWARD) {
            var a = random(n + 1, 3);
            var b = random(n + 2, 4);
            var y = filled(n + 2, Arrays32.SENTINEL);
            ELEMENTWISE.map(f, a, 1, b, 2, y, 1, n);
            for (var i = 0; i < n; i++) {
                assertNear(reference(f, a[1 + i], b[2 + i]), y[1 + i], f, " of " + n);
            }
            assertEquals(Arrays32.SENTINEL, y[0]);
            assertEquals(Arrays32.SENTINEL, y[n + 1]);
        }
    }

    @Test
    void permutesAndMergesDimensions() {
        int[] sizes = {3, 4, 5, 7};
        int[] strides = {35, 0, 7, 1};
        var x = random(3 * 35, 5);
        var y = new float[3 * 4 * 5 * 7];
        ELEMENTWISE.copy(new Strided(x, 0, sizes, strides), y, 0, y.length);
        for (var i = 0; i < y.length; i++) {
            assertEquals(x[i / 140 * 35 + i % 35], y[i]);
        }
        ELEMENTWISE.map(Unary.NEG, new Strided(x, 0, sizes, strides), y, 0, y.length);
        assertEquals(-x[104], y[y.length - 1]);
        assertTrue(new Strided(x, 0, new int[] {3, 1, 35}, new int[] {35, 9, 1}).isContiguous());
    }

    @Test
    void affineAndMultiplyAddFuse() {
        for (var n : AWKWARD) {
            var a = random(n, 6);
            var b = random(n, 7);
            var c = random(n, 8);
            var y = new float[n];
            ELEMENTWISE.multiplyAdd(a, 0, b, 0, c, 0, y, 0, n);
            for (var i = 0; i < n; i++) {
                assertEquals(Math.fma(a[i], b[i], c[i]), y[i]);
            }
            ELEMENTWISE.affine(2.5f, -0.25f, a, 0, y, 0, n);
            for (var i = 0; i < n; i++) {
                assertEquals(Math.fma(2.5f, a[i], -0.25f), y[i]);
            }
        }
    }
}
