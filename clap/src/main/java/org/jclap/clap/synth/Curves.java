package org.jclap.clap.synth;

import java.util.function.DoubleUnaryOperator;

/** Shapes of pitch, filter and level over the life of a sound: functions of {@code u} in [0, 1]. */
final class Curves {
    private static final int TABLE = 8192;
    /** One period and one guard point. Linear interpolation errs by at most 7.4e-8, below 16-bit resolution. */
    private static final float[] SINE = sineTable();

    private Curves() {}

    private static float[] sineTable() {
        var table = new float[TABLE + 1];
        for (int i = 0; i <= TABLE; i++) {
            table[i] = (float) StrictMath.sin(2 * StrictMath.PI * i / TABLE);
        }
        return table;
    }

    /** Sine of a phase in turns (not negative); {@code Math.sin} may differ between machines and is slower. */
    static float sine(double turns) {
        double position = (turns - (long) turns) * TABLE;
        int index = (int) position;
        float left = SINE[index];
        return left + (SINE[index + 1] - left) * (float) (position - index);
    }

    static DoubleUnaryOperator flat(double value) {
        return _ -> value;
    }

    static DoubleUnaryOperator line(double from, double to) {
        return u -> from + (to - from) * u;
    }

    /** Exponential glide: equal musical intervals in equal times. */
    static DoubleUnaryOperator glide(double from, double to) {
        double octaves = StrictMath.log(to / from);
        return u -> from * StrictMath.exp(octaves * u);
    }

    /** Straight lines through equally spaced points. */
    static DoubleUnaryOperator through(double... points) {
        return u -> {
            double position = u * (points.length - 1);
            int index = Math.min((int) position, points.length - 2);
            return points[index] + (points[index + 1] - points[index]) * (position - index);
        };
    }

    /** {@code base} swinging by {@code depth} (a share of it), {@code cycles} times. */
    static DoubleUnaryOperator wobble(double base, double depth, double cycles) {
        return u -> base * (1 + depth * sine(cycles * u));
    }

    /** Level: up to 1 at {@code peak}, back to 0 at the end, both as straight lines. */
    static DoubleUnaryOperator hump(double peak) {
        return u -> u < peak ? u / peak : (1 - u) / (1 - peak);
    }

    static DoubleUnaryOperator times(DoubleUnaryOperator left, DoubleUnaryOperator right) {
        return u -> left.applyAsDouble(u) * right.applyAsDouble(u);
    }
}
