package org.jclap.tensor.reference;

import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Unary;

/** The definitions of the elementwise functions, and the special functions they need, in double precision. */
public final class ScalarMath {
    private static final double SQRT_2 = Math.sqrt(2);
    private static final double SQRT_PI = Math.sqrt(Math.PI);

    /** From here on the continued fraction for erfc converges quickly, and 1 - erf would lose digits. */
    private static final double SERIES_LIMIT = 2;

    /** Enough for full double precision at {@link #SERIES_LIMIT}; fewer would do further out. */
    private static final int FRACTION_TERMS = 100;

    private ScalarMath() {}

    /** A {@link Unary} function of one number. */
    public static double unary(Unary function, double x) {
        return switch (function) {
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
            case GELU -> gelu(x);
            // ln σ(x) = min(x, 0) - ln(1 + e^-|x|): the exponent is never positive, so nothing overflows.
            case LOG_SIGMOID -> Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
        };
    }

    /** A {@link Binary} function of two numbers. */
    public static double binary(Binary function, double a, double b) {
        return switch (function) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case RELU_BACKWARD -> a > 0 ? b : 0;
            case SIGMOID_BACKWARD -> b * a * (1 - a);
            case TANH_BACKWARD -> b * (1 - a * a);
            case GELU_BACKWARD -> b * (normalDistribution(a) + a * normalDensity(a));
            case ABS_BACKWARD -> a == 0 ? 0 : b * Math.signum(a);
        };
    }

    /** x Φ(x), the exact Gaussian error linear unit (arXiv 1606.08415). */
    public static double gelu(double x) {
        return x * normalDistribution(x);
    }

    /** Φ(x), by erfc so that the far left tail keeps its digits. */
    private static double normalDistribution(double x) {
        return 0.5 * erfc(-x / SQRT_2);
    }

    private static double normalDensity(double x) {
        return Math.exp(-0.5 * x * x) / (SQRT_2 * SQRT_PI);
    }

    /** The error function, absolute error about 1e-16. */
    public static double erf(double x) {
        return Math.abs(x) < SERIES_LIMIT ? erfSeries(x) : Math.signum(x) * (1 - erfcFraction(Math.abs(x)));
    }

    /** 1 - erf(x), with small relative error for large x. */
    public static double erfc(double x) {
        if (Math.abs(x) < SERIES_LIMIT) {
            return 1 - erfSeries(x);
        }
        return x > 0 ? erfcFraction(x) : 2 - erfcFraction(-x);
    }

    /**
     * {@code 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3·5···(2n+1))} (Abramowitz and Stegun, Handbook of Mathematical Functions,
     * 7.1.6): all terms have one sign, so none cancel.
     */
    private static double erfSeries(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > Math.ulp(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / SQRT_PI * Math.exp(-x * x) * sum;
    }

    /**
     * {@code e^(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...))))} for positive x (ibid., 7.1.14), evaluated from
     * the innermost term.
     */
    private static double erfcFraction(double x) {
        double fraction = x;
        for (int k = FRACTION_TERMS; k >= 1; k--) {
            fraction = x + 0.5 * k / fraction;
        }
        return Math.exp(-x * x) / (SQRT_PI * fraction);
    }
}
