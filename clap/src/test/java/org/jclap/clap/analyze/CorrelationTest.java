package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class CorrelationTest {
    private static final double[] X = {1, 2, 3, 4, 5};

    /** With 3 degrees of freedom the p-value has a closed form: 1 - 2/pi (atan(s) + s / (1 + s^2)), s = t / sqrt(3). */
    @Test
    void pearsonHasTheExactPValue() {
        var result = Correlation.pearson(X, new double[] {2, 1, 4, 3, 5});
        assertEquals(0.8, result.r(), 1e-12);
        double s = 0.8 / Math.sqrt(1 - 0.64);
        assertEquals(1 - 2 / Math.PI * (Math.atan(s) + s / (1 + s * s)), result.p(), 1e-10);
        assertEquals(5, result.n());
    }

    @Test
    void spearmanSeesOnlyTheOrderAndAveragesTies() {
        assertEquals(
                1, Correlation.spearman(X, new double[] {1, 10, 11, 500, 1e9}).r(), 1e-12);
        double tied = Correlation.spearman(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4})
                .r();
        assertEquals(4.5 / Math.sqrt(4.5 * 5), tied, 1e-12);
    }

    @Test
    void perfectCorrelationHasNoDoubt() {
        var result = Correlation.pearson(X, new double[] {5, 4, 3, 2, 1});
        assertEquals(-1, result.r(), 1e-12);
        assertEquals(0, result.p(), 1e-12);
    }

    @Test
    void constantsAndTwoPairsHaveNoPValue() {
        assertTrue(Double.isNaN(Correlation.pearson(X, new double[5]).r()));
        assertTrue(Double.isNaN(Correlation.pearson(X, new double[5]).p()));
        assertTrue(Double.isNaN(
                Correlation.pearson(new double[] {1, 2}, new double[] {1, 3}).p()));
    }

    @Test
    void refusesMissingValuesAndDifferentLengths() {
        assertThrows(UserException.class, () -> Correlation.pearson(X, new double[] {1, 2, Double.NaN, 4, 5}));
        assertThrows(UserException.class, () -> Correlation.spearman(X, new double[4]));
        assertThrows(UserException.class, () -> Correlation.pearson(new double[1], new double[1]));
    }
}
