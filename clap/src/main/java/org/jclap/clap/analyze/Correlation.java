package org.jclap.clap.analyze;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jclap.tensor.UserException;

/**
 * A correlation coefficient with its two-sided p-value under the hypothesis of none.
 *
 * <p>The p-value is that of t = r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of freedom, as SciPy uses for both
 * coefficients; for ranks it is an approximation. Both are NaN when a variable is constant; p is NaN for two pairs.
 *
 * @param r the coefficient, in [-1, 1]
 * @param p the two-sided p-value
 * @param n number of pairs
 */
public record Correlation(double r, double p, int n) {
    /** Pearson's product-moment coefficient. */
    public static Correlation pearson(double[] x, double[] y) {
        requirePairs(x, y);
        return of(new PearsonsCorrelation().correlation(x, y), x.length);
    }

    /** Spearman's rank coefficient; ties get their average rank. */
    public static Correlation spearman(double[] x, double[] y) {
        requirePairs(x, y);
        return of(new SpearmansCorrelation().correlation(x, y), x.length);
    }

    private static Correlation of(double coefficient, int n) {
        double r = Math.clamp(coefficient, -1, 1);
        return new Correlation(r, pValue(r, n), n);
    }

    private static double pValue(double r, int n) {
        if (n < 3 || Double.isNaN(r)) {
            return Double.NaN;
        }
        if (Math.abs(r) == 1) {
            return 0;
        }
        double t = Math.abs(r) * Math.sqrt((n - 2) / ((1 - r) * (1 + r)));
        return 2 * new TDistribution(n - 2).cumulativeProbability(-t);
    }

    private static void requirePairs(double[] x, double[] y) {
        Embeddings.requireLength("second variable", y.length, x.length);
        if (x.length < 2) {
            throw new UserException("a correlation needs at least two pairs, but there are " + x.length);
        }
        for (int i = 0; i < x.length; i++) {
            if (!Double.isFinite(x[i]) || !Double.isFinite(y[i])) {
                throw new UserException(
                        "a correlation needs finite values, but pair %d is (%s, %s)".formatted(i, x[i], y[i]));
            }
        }
    }
}
