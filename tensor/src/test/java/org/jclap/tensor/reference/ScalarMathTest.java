package org.jclap.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Unary;
import org.junit.jupiter.api.Test;

/** Expected values of erf and erfc are those of the C library, to all digits of a double. */
final class ScalarMathTest {
    @Test
    void erfMatchesTheCLibrary() {
        double[][] known = {
            {0, 0},
            {0.1, 0.1124629160182849},
            {0.5, 0.5204998778130465},
            {1, 0.8427007929497149},
            {2, 0.9953222650189527},
            {3, 0.9999779095030014},
            {1e-8, 1.1283791670955126e-8}
        };
        for (double[] pair : known) {
            assertEquals(pair[1], ScalarMath.erf(pair[0]), 2e-16 * (1 + pair[0]));
            assertEquals(-pair[1], ScalarMath.erf(-pair[0]), 2e-16 * (1 + pair[0]));
        }
    }

    @Test
    void erfcKeepsItsDigitsFarOut() {
        double[][] known = {
            {2, 0.004677734981047265},
            {3, 2.2090496998585438e-05},
            {5, 1.5374597944280351e-12},
            {10, 2.088487583762545e-45},
            {26, 5.663192408856143e-296}
        };
        for (double[] pair : known) {
            assertEquals(1, ScalarMath.erfc(pair[0]) / pair[1], 2e-15);
        }
        assertEquals(0, ScalarMath.erfc(Double.POSITIVE_INFINITY));
        assertEquals(2, ScalarMath.erfc(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(ScalarMath.erfc(Double.NaN)));
    }

    @Test
    void geluDerivativeIsItsSlope() {
        double h = 1e-5;
        for (double x = -5; x <= 5; x += 0.37) {
            double slope = (ScalarMath.gelu(x + h) - ScalarMath.gelu(x - h)) / (2 * h);
            assertEquals(slope, ScalarMath.binary(Binary.GELU_BACKWARD, x, 1), 1e-9);
        }
    }

    @Test
    void logSigmoidDoesNotOverflow() {
        assertEquals(-1000, ScalarMath.unary(Unary.LOG_SIGMOID, -1000));
        assertEquals(-Math.exp(-40), ScalarMath.unary(Unary.LOG_SIGMOID, 40), 1e-30);
        assertEquals(-Math.log(2), ScalarMath.unary(Unary.LOG_SIGMOID, 0), 1e-16);
    }

    @Test
    void reluKeepsNan() {
        assertTrue(Double.isNaN(ScalarMath.unary(Unary.RELU, Double.NaN)));
    }
}
