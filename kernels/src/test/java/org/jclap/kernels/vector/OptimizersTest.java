package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.assertClose;
import static org.jclap.kernels.vector.Arrays32.random;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizersTest {
    private static final int SIZE = 20_011;

    private static double[] toDouble(float[] a) {
        var d = new double[a.length];
        for (var i = 0; i < a.length; i++) {
            d[i] = a[i];
        }
        return d;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void adamFollowsTheFormula(boolean decoupled) {
        var settings = new Optimizers.Adam(1e-2, 0.9, 0.999, 1e-8, 0.1, decoupled);
        var p = random(SIZE, 1);
        var m = new float[SIZE];
        var v = new float[SIZE];
        var expected = toDouble(p);
        var em = new double[SIZE];
        var ev = new double[SIZE];
        try (var workers = new Workers(2)) {
            for (var step = 1; step <= 5; step++) {
                var g = random(SIZE, 10 + step);
                new Optimizers(workers).adam(settings, step, 0.5f, p, 0, g, 0, m, 0, v, 0, SIZE);
                for (var i = 0; i < SIZE; i++) {
                    double gradient = 0.5 * g[i] + (decoupled ? 0 : 0.1 * expected[i]);
                    if (decoupled) {
                        expected[i] *= 1 - 1e-2 * 0.1;
                    }
                    em[i] = 0.9 * em[i] + 0.1 * gradient;
                    ev[i] = 0.999 * ev[i] + 0.001 * gradient * gradient;
                    double denominator = Math.sqrt(ev[i] / (1 - Math.pow(0.999, step))) + 1e-8;
                    expected[i] -= 1e-2 * em[i] / (1 - Math.pow(0.9, step)) / denominator;
                }
            }
        }
        assertClose(em, m, 0, 1e-6, "first moment");
        assertClose(ev, v, 0, 1e-6, "second moment");
        assertClose(expected, p, 0, 3e-6, "parameter");
    }

    @ParameterizedTest
    @CsvSource({"0, 0, false", "0.9, 0, false", "0.9, 0.1, true"})
    void sgdFollowsTheFormula(double momentum, double decay, boolean nesterov) {
        var settings = new Optimizers.Sgd(0.1, momentum, decay, nesterov);
        var p = random(SIZE, 1);
        var b = new float[SIZE];
        var expected = toDouble(p);
        var eb = new double[SIZE];
        try (var workers = new Workers(2)) {
            for (var step = 1; step <= 4; step++) {
                var g = random(SIZE, 20 + step);
                new Optimizers(workers).sgd(settings, 0.5f, p, 0, g, 0, b, 0, SIZE);
                for (var i = 0; i < SIZE; i++) {
                    double gradient = 0.5 * g[i] + decay * expected[i];
                    eb[i] = momentum * eb[i] + gradient;
                    expected[i] -= 0.1 * (nesterov ? gradient + momentum * eb[i] : eb[i]);
                }
            }
        }
        assertClose(expected, p, 0, 1e-6, "parameter");
    }
}
