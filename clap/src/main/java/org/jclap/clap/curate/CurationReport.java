package org.jclap.clap.curate;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a curation kept.
 *
 * @param rows rows that were looked at: clips, or captions in a text-to-text curation
 * @param candidates what each row was compared with: captions, annotated clips, or labels
 * @param threshold least similarity; null for top-k
 * @param k matches per row; null for a threshold
 * @param kept pairs that were written, or captions
 * @param rowsCovered rows of which something was kept
 * @param candidatesUsed candidates that were kept with some row
 * @param keptSimilarities of the pairs that were kept
 * @param bestSimilarities of every row with its best candidate, kept or not: what a threshold can be chosen from
 * @param warning what is suspicious and what to do about it; null when nothing is
 */
public record CurationReport(
        long rows,
        long candidates,
        @Nullable Float threshold,
        @Nullable Integer k,
        long kept,
        long rowsCovered,
        long candidatesUsed,
        SimilarityHistogram.Summary keptSimilarities,
        SimilarityHistogram.Summary bestSimilarities,
        @Nullable String warning) {

    /** Warns when a threshold keeps nothing, or more than this share of what it could. */
    static @Nullable String warning(float threshold, long kept, long possible, double share, SimilarityHistogram best) {
        var median = best.summary().median();
        if (kept == 0) {
            return "nothing was kept: the highest similarity is %s; use a threshold below it, and embeddings of one checkpoint"
                    .formatted(plain(best.largest()));
        }
        if (kept > share * possible) {
            return "%.0f %% of what could be kept was kept at the threshold %s; half of the rows have a best similarity above %s: use a higher threshold"
                    .formatted(100.0 * kept / possible, plain(threshold), plain(median));
        }
        return null;
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
