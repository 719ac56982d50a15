package org.jclap.clap.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as text, the same in every locale. */
public final class Numbers {
    private static final String MISSING = "–";
    private static final char MINUS = '−';

    private Numbers() {}

    /** A fixed number of decimals, thousands separated; a dash for what is not finite. */
    public static String fixed(double value, int decimals) {
        if (!Double.isFinite(value)) {
            return MISSING;
        }
        String text = String.format(Locale.ROOT, "%,." + decimals + "f", Math.abs(value));
        boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
        return value < 0 && !zero ? MINUS + text : text;
    }

    /** Up to four significant digits, in scientific notation when very small or large. */
    public static String compact(double value) {
        if (!Double.isFinite(value)) {
            return MISSING;
        }
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size < 1e-3 || size >= 1e6) {
            return scientific(value);
        }
        String text = fixed(value, Math.max(0, 3 - (int) Math.floor(Math.log10(size))));
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** {@code p = 0.032}, or a bound for tiny values. */
    public static String pValue(double p) {
        if (Double.isNaN(p)) {
            return "p undefined";
        }
        return p < 0.001 ? "p < 0.001" : "p = " + fixed(p, 3);
    }

    static String scientific(double value) {
        var rounded = new BigDecimal(Math.abs(value)).round(new MathContext(4, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        String mantissa = rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return (value < 0 ? String.valueOf(MINUS) : "") + mantissa + "e" + (exponent < 0 ? MINUS : "")
                + Math.abs(exponent);
    }

    /** A coordinate with at most two decimals. */
    static String coordinate(double value) {
        double rounded = Math.rint(value * 100) / 100;
        return rounded == Math.rint(rounded)
                ? Long.toString(Math.round(rounded))
                : BigDecimal.valueOf(rounded).toPlainString();
    }
}
