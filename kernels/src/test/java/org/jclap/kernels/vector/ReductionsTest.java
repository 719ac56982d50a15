package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.assertClose;
import static org.jclap.kernels.vector.Arrays32.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReductionsTest {
    private static final Workers WORKERS = new Workers(2);
    private static final Reductions REDUCTIONS = new Reductions(WORKERS);

    @AfterAll
    static void close() {
        WORKERS.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 40001, 1",
        "7, 13, 1",
        "3, 5000, 1",
        "1, 1021, 127",
        "1, 300, 1",
        "1, 700, 3",
        "5, 13, 3",
        "2, 600, 300",
        "0, 5, 4",
        "4, 0, 1",
        "3, 0, 2",
        "6, 1, 6"
    })
    void equalTheDefinition(int outer, int reduce, int inner) {
        var x = random(2 + outer * reduce * inner, 1);
        var sum = new double[outer * inner];
        var mean = new double[outer * inner];
        var max = new double[outer * inner];
        Arrays.fill(max, Double.NEGATIVE_INFINITY);
        for (var i = 0; i < outer * reduce * inner; i++) {
            int to = i / (reduce * inner) * inner + i % inner;
            sum[to] += x[2 + i];
            mean[to] += x[2 + i] / (double) reduce;
            max[to] = Math.max(max[to], x[2 + i]);
        }
        var y = new float[outer * inner + 1];
        REDUCTIONS.sum(x, 2, y, 1, outer, reduce, inner);
        assertClose(sum, y, 1, 1e-6, "sum");
        REDUCTIONS.max(x, 2, y, 1, outer, reduce, inner);
        for (var i = 0; i < max.length; i++) {
            assertEquals((float) max[i], y[1 + i], "max");
        }
        if (reduce > 0) {
            REDUCTIONS.mean(x, 2, y, 1, outer, reduce, inner);
            assertClose(mean, y, 1, 1e-6, "mean");
        }
    }

    @Test
    void errorDoesNotGrowWithTheLength() {
        int n = 1 << 22;
        var x = Arrays32.filled(n, 0.1f);
        var y = new float[4];
        REDUCTIONS.sum(x, 0, y, 0, 1, n, 1);
        // Rounding the running sum of a constant is biased: within a block of at most 256 additions, not over millions.
        assertEquals(1.0, y[0] / (n * (double) 0.1f), 1e-5);
        REDUCTIONS.sum(x, 0, y, 0, 1, n / 4, 4);
        assertEquals(1.0, y[3] / (0.25 * n * 0.1f), 1e-5);
        assertEquals(1.0, REDUCTIONS.sumOfSquares(x, 0, n) / (n * (double) 0.1f * 0.1f), 1e-5);
    }

    @Test
    void maximumKeepsNaN() {
        for (var n : new int[] {1, 5, 16, 1021}) {
            var x = random(n, 3);
            x[n - 1] = Float.NaN;
            var y = new float[1];
            REDUCTIONS.max(x, 0, y, 0, 1, n, 1);
            assertTrue(Float.isNaN(y[0]), "length " + n);
        }
    }

    @Test
    void sameBitsForAnyThreads() {
        var x = random(3 * 1000 * 70, 4);
        Arrays32.assertSameForAnyThreads(workers -> {
            var y = new float[3 * 70 + 2];
            var reductions = new Reductions(workers);
            reductions.sum(x, 0, y, 0, 3, 1000, 70);
            reductions.sum(x, 0, y, 210, 1, x.length, 1);
            y[211] = (float) reductions.sumOfSquares(x, 0, x.length);
            return y;
        });
    }
}
