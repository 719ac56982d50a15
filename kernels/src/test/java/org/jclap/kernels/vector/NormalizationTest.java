package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.assertClose;
import static org.jclap.kernels.vector.Arrays32.filled;
import static org.jclap.kernels.vector.Arrays32.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalizationTest {
    private static final Workers WORKERS = new Workers(2);
    private static final double EPS = 1e-5;

    @AfterAll
    static void close() {
        WORKERS.close();
    }

    private static double[] softmax(float[] x, int from, int n) {
        var y = new double[n];
        for (var i = 0; i < n; i++) {
            y[i] = x[from + i];
        }
        double max = Arrays.stream(y).max().orElse(0);
        double sum = Arrays.stream(y).map(v -> Math.exp(v - max)).sum();
        return Arrays.stream(y).map(v -> Math.exp(v - max) / sum).toArray();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 13", "40, 127", "5, 1021", "0, 7"})
    void softmaxForwardAndBackward(int rows, int columns) {
        var softmax = new Softmax(WORKERS);
        var x = random(rows * columns, 1);
        for (var i = 0; i < x.length; i++) {
            x[i] *= 5;
        }
        var dy = random(rows * columns, 2);
        var y = new float[x.length];
        var logY = new float[x.length];
        var dx = new float[x.length];
        var logDx = new float[x.length];
        softmax.forward(x, 0, y, 0, rows, columns);
        softmax.backward(y, 0, dy, 0, dx, 0, rows, columns);
        softmax.logForward(x, 0, logY, 0, rows, columns);
        softmax.logBackward(logY, 0, dy, 0, logDx, 0, rows, columns);
        for (var r = 0; r < rows; r++) {
            int at = r * columns;
            var p = softmax(x, at, columns);
            double dot = 0;
            double sum = 0;
            for (var c = 0; c < columns; c++) {
                dot += p[c] * dy[at + c];
                sum += dy[at + c];
            }
            var expected = new double[columns];
            var expectedLog = new double[columns];
            for (var c = 0; c < columns; c++) {
                expected[c] = p[c] * (dy[at + c] - dot);
                expectedLog[c] = dy[at + c] - p[c] * sum;
            }
            assertClose(p, y, at, 2e-6, "softmax");
            assertClose(Arrays.stream(p).map(Math::log).toArray(), logY, at, 2e-6, "log-softmax");
            // At one column the gradient is 0 and only rounding is left: the scale is that of dy.
            if (columns > 1) {
                assertClose(expected, dx, at, 1e-5, "softmax gradient");
                assertClose(expectedLog, logDx, at, 1e-5, "log-softmax gradient");
            }
        }
    }

    @Test
    void softmaxOfMinusInfinityIsZeroAndNaNSpreadsOverItsRow() {
        int columns = 35;
        var x = random(3 * columns, 3);
        Arrays.fill(x, 4, columns, Float.NEGATIVE_INFINITY);
        x[columns + 33] = Float.NaN;
        x[2 * columns] = -1e30f;
        var y = new float[x.length];
        new Softmax(WORKERS).forward(x, 0, y, 0, 3, columns);
        assertClose(softmax(x, 0, columns), y, 0, 2e-6, "the masked row");
        for (var c = 0; c < columns; c++) {
            assertTrue(Float.isNaN(y[columns + c]), "column " + c);
        }
        assertClose(softmax(x, 2 * columns, columns), y, 2 * columns, 2e-6, "the last row");
    }

    /** The deviations about an outlier are nearly all of its size, and what distinguishes them would be lost in F32. */
    @ParameterizedTest
    @CsvSource({"-3000, 0", "3000, 1", "100000, 7", "0, 100"})
    void layerNormHoldsWhereTheFirstElementIsFarFromTheMean(float first, float mean) {
        int rows = 3;
        int columns = 1031;
        var x = random(rows * columns, 5);
        for (var i = 0; i < x.length; i++) {
            x[i] = i % columns == 0 ? first : x[i] + mean;
        }
        var ones = filled(columns, 1f);
        var y = new float[x.length];
        var zeros = new float[columns];
        var rstd = new float[rows];
        new LayerNorm(WORKERS)
                .forward(x, 0, ones, 0, zeros, 0, (float) EPS, y, 0, new float[rows], rstd, rows, columns);
        for (var r = 0; r < rows; r++) {
            assertClose(standardized(x, r * columns, 1, columns), y, r * columns, 5e-6, "y");
            assertEquals(1, rstd[r] * deviation(x, r * columns, 1, columns), 3e-6, "rstd times deviation");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 13", "100, 127", "70, 768"})
    void layerNormForwardAndBackward(int rows, int columns) {
        var layerNorm = new LayerNorm(WORKERS);
        var x = random(rows * columns, 1);
        var w = random(columns, 2);
        var b = random(columns, 3);
        var dy = random(rows * columns, 4);
        for (var i = 0; i < x.length; i++) {
            x[i] += 3;
        }
        var y = new float[x.length];
        var dx = new float[x.length];
        var mean = new float[rows];
        var rstd = new float[rows];
        var dw = new float[columns];
        var db = new float[columns];
        layerNorm.forward(x, 0, w, 0, b, 0, (float) EPS, y, 0, mean, rstd, rows, columns);
        layerNorm.backward(x, 0, w, 0, mean, rstd, dy, 0, dx, 0, dw, 0, db, 0, rows, columns);
        var expectedW = new double[columns];
        var expectedB = new double[columns];
        for (var r = 0; r < rows; r++) {
            var hat = standardized(x, r * columns, 1, columns);
            double s = 1 / deviation(x, r * columns, 1, columns);
            var expectedY = new double[columns];
            double g = 0;
            double gHat = 0;
            for (var c = 0; c < columns; c++) {
                int at = r * columns + c;
                expectedY[c] = hat[c] * w[c] + b[c];
                expectedW[c] += dy[at] * hat[c];
                expectedB[c] += dy[at];
                g += dy[at] * (double) w[c] / columns;
                gHat += dy[at] * (double) w[c] * hat[c] / columns;
            }
            var expectedX = new double[columns];
            for (var c = 0; c < columns; c++) {
                expectedX[c] = s * (dy[r * columns + c] * (double) w[c] - g - hat[c] * gHat);
            }
            assertClose(expectedY, y, r * columns, 5e-6, "y");
            if (columns > 2) {
                assertClose(expectedX, dx, r * columns, 2e-5, "dx");
            }
        }
        assertClose(expectedW, dw, 0, 1e-5, "dw");
        assertClose(expectedB, db, 0, 1e-5, "db");
    }

    private static double mean(float[] x, int from, int step, int n) {
        double sum = 0;
        for (var i = 0; i < n; i++) {
            sum += x[from + i * step];
        }
        return sum / n;
    }

    private static double variance(float[] x, int from, int step, int n) {
        double mean = mean(x, from, step, n);
        double sum = 0;
        for (var i = 0; i < n; i++) {
            sum += (x[from + i * step] - mean) * (x[from + i * step] - mean);
        }
        return sum / n;
    }

    private static double deviation(float[] x, int from, int step, int n) {
        return Math.sqrt(variance(x, from, step, n) + EPS);
    }

    private static double[] standardized(float[] x, int from, int step, int n) {
        double mean = mean(x, from, step, n);
        double deviation = deviation(x, from, step, n);
        var hat = new double[n];
        for (var i = 0; i < n; i++) {
            hat[i] = (x[from + i * step] - mean) / deviation;
        }
        return hat;
    }

    @ParameterizedTest
    @CsvSource({"2, 1, false", "300, 3, true", "1021, 17, false", "600, 64, true", "70, 130, true"})
    void batchNormForwardAndBackward(int rows, int channels, boolean relu) {
        var batchNorm = new BatchNorm(WORKERS);
        int n = rows * channels;
        var x = random(n, 1);
        for (var i = 0; i < n; i++) {
            x[i] = 2 * x[i] + 5;
        }
        var gamma = random(channels, 2);
        var beta = random(channels, 3);
        var dy = random(n, 4);
        var runningMean = random(channels, 5);
        var runningVariance = random(channels, 6);
        var oldMean = runningMean.clone();
        var oldVariance = runningVariance.clone();
        var y = new float[n];
        var dx = new float[n];
        var mean = new float[channels];
        var rstd = new float[channels];
        var dgamma = new float[channels];
        var dbeta = new float[channels];
        batchNorm.forwardTraining(
                x,
                0,
                gamma,
                beta,
                runningMean,
                runningVariance,
                0.1f,
                (float) EPS,
                relu,
                y,
                0,
                mean,
                rstd,
                rows,
                channels);
        batchNorm.backward(x, 0, relu ? y : null, 0, gamma, mean, rstd, dy, 0, dx, 0, dgamma, dbeta, rows, channels);
        var expectedY = new double[n];
        var expectedX = new double[n];
        var expectedGamma = new double[channels];
        var expectedBeta = new double[channels];
        var expectedMean = new double[channels];
        var expectedVariance = new double[channels];
        for (var c = 0; c < channels; c++) {
            var hat = standardized(x, c, channels, rows);
            double s = gamma[c] / deviation(x, c, channels, rows);
            for (var r = 0; r < rows; r++) {
                int at = r * channels + c;
                double z = hat[r] * gamma[c] + beta[c];
                expectedY[at] = relu ? Math.max(z, 0) : z;
                double g = relu && y[at] <= 0 ? 0 : dy[at];
                expectedBeta[c] += g;
                expectedGamma[c] += g * hat[r];
            }
            for (var r = 0; r < rows; r++) {
                int at = r * channels + c;
                double g = relu && y[at] <= 0 ? 0 : dy[at];
                expectedX[at] = s * (g - expectedBeta[c] / rows - hat[r] * expectedGamma[c] / rows);
            }
            expectedMean[c] = 0.9 * oldMean[c] + 0.1 * mean(x, c, channels, rows);
            expectedVariance[c] = 0.9 * oldVariance[c] + 0.1 * variance(x, c, channels, rows) * rows / (rows - 1);
        }
        assertClose(expectedY, y, 0, 1e-5, "y");
        assertClose(expectedMean, runningMean, 0, 1e-6, "running mean");
        assertClose(expectedVariance, runningVariance, 0, 1e-6, "running variance");
        assertClose(expectedGamma, dgamma, 0, 1e-5, "dgamma");
        assertClose(expectedBeta, dbeta, 0, 1e-5, "dbeta");
        if (rows > 2) {
            assertClose(expectedX, dx, 0, 1e-5, "dx");
        }
        for (var c = 0; c < channels; c++) {
            runningVariance[c] = Math.abs(runningVariance[c]);
        }
        batchNorm.forwardInference(
                x, 0, gamma, beta, runningMean, runningVariance, (float) EPS, relu, y, 0, rows, channels);
        for (var i = 0; i < n; i++) {
            int c = i % channels;
            double z = (x[i] - (double) runningMean[c]) / Math.sqrt(runningVariance[c] + EPS) * gamma[c] + beta[c];
            expectedY[i] = relu ? Math.max(z, 0) : z;
        }
        assertClose(expectedY, y, 0, 1e-5, "inference");
    }

    @Test
    void sameBitsForAnyThreads() {
        int rows = 1000;
        int columns = 70;
        int n = rows * columns;
        Arrays32.assertSameForAnyThreads(workers -> {
            var all = new float[3 * n + 4 * columns];
            var x = random(n, 1);
            var ones = filled(columns, 1f);
            var mean = new float[rows];
            var rstd = new float[rows];
            var dw = new float[columns];
            var db = new float[columns];
            new Softmax(workers).forward(x, 0, all, 0, rows, columns);
            new LayerNorm(workers).forward(x, 0, ones, 0, ones, 0, 1e-5f, all, n, mean, rstd, rows, columns);
            new LayerNorm(workers)
                    .backward(x, 0, ones, 0, mean, rstd, x, 0, all, n, all, 3 * n, all, 3 * n + columns, rows, columns);
            new BatchNorm(workers)
                    .forwardTraining(
                            x, 0, ones, ones, dw, db, 0.1f, 1e-5f, true, all, 2 * n, mean, rstd, rows, columns);
            System.arraycopy(dw, 0, all, 3 * n + 2 * columns, columns);
            System.arraycopy(db, 0, all, 3 * n + 3 * columns, columns);
            return all;
        });
    }
}
