package org.jclap.bench;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * Two programs that did the same work in turns. A slow moment of the machine hits both halves of a round, so the ratio is
 * taken within each round and then summed up.
 *
 * @param ours the median of our milliseconds
 * @param fastest the least of our milliseconds
 * @param peer the median of the other's milliseconds
 * @param ratio the median of (peer / ours) over the rounds: above 1 we are faster
 * @param low the lower quartile of that ratio
 * @param high its upper quartile
 */
public record Comparison(double ours, double fastest, double peer, double ratio, double low, double high) {
    /** From the milliseconds of each round. */
    public static Comparison of(List<Double> ours, List<Double> peer) {
        if (ours.isEmpty() || ours.size() != peer.size()) {
            throw new IllegalArgumentException(
                    "%d and %d times do not make rounds".formatted(ours.size(), peer.size()));
        }
        double[] a = values(ours);
        double[] b = values(peer);
        double[] ratios = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            ratios[i] = b[i] / a[i];
        }
        return new Comparison(
                quantile(a, 50),
                Arrays.stream(a).min().orElseThrow(),
                quantile(b, 50),
                quantile(ratios, 50),
                quantile(ratios, 25),
                quantile(ratios, 75));
    }

    /** Our side of it. */
    public Measurer.Time time() {
        return new Measurer.Time(ours, fastest);
    }

    private static double[] values(List<Double> list) {
        return list.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Interpolates between the sorted values as R and NumPy do. */
    private static double quantile(double[] values, double percent) {
        return new Percentile()
                .withEstimationType(Percentile.EstimationType.R_7)
                .evaluate(values, percent);
    }
}
