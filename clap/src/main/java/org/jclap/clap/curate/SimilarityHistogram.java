package org.jclap.clap.curate;

/** Counts similarities in bins of a thousandth over [-1, 1]; what lies outside counts in the first or the last bin. */
public final class SimilarityHistogram {
    private static final int PER_UNIT = 1000;

    private final long[] counts = new long[2 * PER_UNIT];
    private long total;
    private float largest = Float.NEGATIVE_INFINITY;

    /** Counts a similarity. */
    public void add(float similarity) {
        var bin = (int) Math.floor((similarity + 1) * PER_UNIT);
        counts[Math.clamp(bin, 0, counts.length - 1)]++;
        total++;
        largest = Math.max(largest, similarity);
    }

    /** How many were counted. */
    public long total() {
        return total;
    }

    /** The largest of them, exactly; negative infinity when there are none. */
    public float largest() {
        return largest;
    }

    /** Quantiles to the width of a bin, and the counts. */
    public Summary summary() {
        return new Summary(
                total,
                quantile(0.05),
                quantile(0.25),
                quantile(0.5),
                quantile(0.75),
                quantile(0.95),
                total == 0 ? Double.NaN : largest,
                -1,
                1.0 / PER_UNIT,
                counts.clone());
    }

    /** The centre of the bin in which this share of the counted lies or below; NaN when nothing was counted. */
    private double quantile(double share) {
        if (total == 0) {
            return Double.NaN;
        }
        var rank = Math.max(1, (long) Math.ceil(share * total));
        var bin = 0;
        for (var seen = counts[0]; seen < rank; seen += counts[bin]) {
            bin++;
        }
        return (bin + 0.5) / PER_UNIT - 1;
    }

    /**
     * The distribution as it is reported.
     *
     * @param count how many similarities
     * @param binFrom lower end of the first bin
     * @param binWidth width of every bin
     * @param bins counts
     */
    public record Summary(
            long count,
            double q05,
            double q25,
            double median,
            double q75,
            double q95,
            double max,
            double binFrom,
            double binWidth,
            long[] bins) {}
}
