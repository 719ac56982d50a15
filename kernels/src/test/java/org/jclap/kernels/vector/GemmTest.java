package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.assertClose;
import static org.jclap.kernels.vector.Arrays32.filled;
import static org.jclap.kernels.vector.Arrays32.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmTest {
    private static final Workers WORKERS = new Workers(2);
    private static final Gemm GEMM = new Gemm(WORKERS);

    @AfterAll
    static void close() {
        WORKERS.close();
    }

    /** (rows, columns) with a margin of three floats around each row, at an offset of five. */
    private static Matrix matrix(int rows, int columns, boolean transposed, long seed) {
        var stored = transposed ? new int[] {columns, rows} : new int[] {rows, columns};
        var m = Matrix.rowMajor(random(5 + stored[0] * (stored[1] + 3), seed), 5, stored[1] + 3);
        return transposed ? m.transposed() : m;
    }

    private static double at(Matrix m, int i, int j) {
        return m.data()[m.offset() + i * m.rowStride() + j * m.columnStride()];
    }

    private static double dot(Matrix a, Matrix b, int i, int j, int k) {
        double sum = 0;
        for (var p = 0; p < k; p++) {
            sum += at(a, i, p) * at(b, p, j);
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 3, 3",
        "3, 0, 3",
        "1, 1, 1",
        "1, 127, 13",
        "3, 1021, 127",
        "4, 64, 1030",
        "4, 5, 3",
        "5, 1, 7",
        "13, 13, 13",
        "16, 32, 64",
        "17, 33, 65",
        "100, 127, 129",
        "127, 1, 1021",
        "97, 1100, 70",
        "1600, 40, 9",
        "70, 70, 1100"
    })
    void equalsTheDefinitionForAllTransposes(int m, int n, int k) {
        for (var transposedA : new boolean[] {false, true}) {
            for (var transposedB : new boolean[] {false, true}) {
                for (var accumulate : new boolean[] {false, true}) {
                    check(m, n, k, transposedA, transposedB, accumulate);
                }
            }
        }
    }

    private static void check(int m, int n, int k, boolean transposedA, boolean transposedB, boolean accumulate) {
        var a = matrix(m, k, transposedA, 1);
        var b = matrix(k, n, transposedB, 2);
        int ldc = n + 2;
        float start = accumulate ? 0.5f : Float.NaN;
        var c = filled(7 + m * ldc, start);
        GEMM.multiply(m, n, k, -1.5f, a, b, c, 7, ldc, accumulate, Epilogue.NONE);
        var expected = new double[m * n];
        var actual = new float[m * n];
        for (var i = 0; i < m; i++) {
            System.arraycopy(c, 7 + i * ldc, actual, i * n, n);
            for (var j = 0; j < n; j++) {
                expected[i * n + j] = -1.5 * dot(a, b, i, j, k) + (accumulate ? start : 0);
            }
            assertEquals(start, c[7 + i * ldc + n], "written beyond the row");
        }
        assertClose(expected, actual, 0, 1e-7 * Math.sqrt(k) + 1e-6, "%dx%dx%d".formatted(m, n, k));
        assertArrayEquals(filled(7, start), Arrays.copyOf(c, 7));
    }

    @ParameterizedTest
    @CsvSource({"5, 1, 7", "2, 33, 65", "3, 31, 600", "100, 127, 1100", "9, 1100, 70", "1600, 70, 530", "7, 2050, 513"})
    void panelsThatExistGiveTheSameBits(int m, int n, int k) {
        for (var transposed : new boolean[] {false, true}) {
            var a = matrix(m, k, false, 8).asLeft();
            var b = matrix(k, n, transposed, 9).asRight();
            var expected = new float[m * n];
            GEMM.multiply(m, n, k, 1f, a, b, expected, 0, n, false, Epilogue.NONE);
            var panels = filled(Panels.packedSize(n, k), Float.NaN);
            b.packAll(WORKERS, n, k, panels);
            var actual = new float[m * n];
            GEMM.multiply(m, n, k, 1f, a, new Panels.Packed(b, panels), actual, 0, n, false, Epilogue.NONE);
            assertArrayEquals(expected, actual);
        }
    }

    @Test
    void sumsOverNothingAreZero() {
        var c = filled(6, Float.NaN);
        GEMM.multiply(2, 3, 0, Matrix.rowMajor(new float[0], 0, 0), Matrix.rowMajor(new float[0], 0, 3), c, 0, 3);
        assertArrayEquals(new float[6], c);
    }

    @ParameterizedTest
    @CsvSource({"2, 37, 40", "50, 70, 600"})
    void epilogueAddsBiasKeepsAndActivates(int m, int n, int k) {
        var a = matrix(m, k, false, 3);
        var b = matrix(k, n, true, 4);
        var bias = random(n + 2, 5);
        var c = new float[m * n];
        var z = new float[m * n];
        GEMM.multiply(
                m,
                n,
                k,
                1f,
                a,
                b,
                c,
                0,
                n,
                false,
                Epilogue.activated(bias, 2, Unary.RELU).keeping(z, 0, n));
        var expected = new double[m * n];
        for (var i = 0; i < m * n; i++) {
            expected[i] = dot(a, b, i / n, i % n, k) + bias[2 + i % n];
        }
        assertClose(expected, z, 0, 1e-5, "before the activation");
        for (var i = 0; i < m * n; i++) {
            assertEquals(Math.max(0f, z[i]), c[i]);
        }
    }

    @Test
    void batchesShareAnOperand() {
        int m = 5;
        int n = 9;
        int k = 21;
        int batch = 11;
        var a = random(batch * m * k, 6);
        var b = random(k * n, 7);
        var c = new float[batch * m * n];
        GEMM.multiplyBatch(
                batch,
                m,
                n,
                k,
                2f,
                Matrix.rowMajor(a, 0, k),
                m * k,
                Matrix.rowMajor(b, 0, n),
                0,
                c,
                0,
                n,
                m * n,
                false);
        var expected = new float[batch * m * n];
        GEMM.multiply(
                batch * m,
                n,
                k,
                2f,
                Matrix.rowMajor(a, 0, k),
                Matrix.rowMajor(b, 0, n),
                expected,
                0,
                n,
                false,
                Epilogue.NONE);
        assertClose(toDouble(expected), c, 0, 1e-6, "batch");
    }

    private static double[] toDouble(float[] a) {
        var d = new double[a.length];
        for (var i = 0; i < a.length; i++) {
            d[i] = a[i];
        }
        return d;
    }

    @Test
    void sameBitsForAnyThreads() {
        for (var m : new int[] {3, 130}) {
            Arrays32.assertSameForAnyThreads(workers -> {
                var c = new float[m * 700];
                new Gemm(workers)
                        .multiply(m, 700, 1030, matrix(m, 1030, false, 8), matrix(1030, 700, m == 3, 9), c, 0, 700);
                return c;
            });
        }
    }
}
