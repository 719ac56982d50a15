package org.jclap.clap.analyze;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jclap.tensor.UserException;

/** Confidence intervals by resampling items with replacement: the percentile bootstrap (Efron, 1979). */
public final class Bootstrap {
    private Bootstrap() {}

    /**
     * An estimate with its interval.
     *
     * @param estimate the mean of the items
     * @param low lower end
     * @param high upper end
     * @param level confidence level, for example 0.95
     */
    public record Interval(double estimate, double low, double high, double level) {}

    /**
     * The interval of a mean; with 1 and 0 for right and wrong, of an accuracy.
     *
     * @param values one value per independent item
     * @param level confidence level in (0, 1)
     * @param resamples number of resamples; 10,000 gives two stable digits of a 95 % interval
     */
    public static Interval mean(double[] values, double level, int resamples, long seed) {
        if (values.length == 0 || resamples < 1 || !(level > 0 && level < 1)) {
            throw new UserException("a bootstrap interval needs items (%d), resamples (%d) and a level in (0, 1) (%s)"
                    .formatted(values.length, resamples, level));
        }
        var random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[random.nextInt(values.length)];
            }
            means[r] = sum / values.length;
        }
        Arrays.sort(means);
        double tail = (1 - level) / 2;
        double estimate = Arrays.stream(values).sum() / values.length;
        return new Interval(estimate, quantile(means, tail), quantile(means, 1 - tail), level);
    }

    /** Linear interpolation between order statistics (type 7). */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
