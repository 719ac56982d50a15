package org.jclap.clap.analyze;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jclap.tensor.UserException;

/**
 * Cross-modal retrieval scores as LAION-CLAP defines them.
 *
 * @param queries number of queries
 * @param meanRank mean rank of the (best) right answer, from 1
 * @param medianRank floor of the median zero-based rank, plus 1
 * @param recallAt1 share of queries with a right answer at rank 1
 * @param recallAt5 share of queries with a right answer in the first 5
 * @param recallAt10 share of queries with a right answer in the first 10
 * @param mapAt10 mean average precision over the first 10
 */
public record Retrieval(
        int queries,
        double meanRank,
        double medianRank,
        double recallAt1,
        double recallAt5,
        double recallAt10,
        double mapAt10) {
    private static final int CUT = 10;

    /**
     * One right answer per query, as in text-to-audio: row = caption, column = clip. A query's average precision is the
     * inverse of its rank within the first 10, otherwise 0.
     *
     * @param targets the right column of each row
     */
    public static Retrieval single(ScoreMatrix scores, int[] targets) {
        Embeddings.requireLength("targets", targets.length, scores.rows());
        int[] ranks = new int[scores.rows()];
        double[] precision = new double[scores.rows()];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = scores.rank(i, Embeddings.requireClass(i, targets[i], scores.columns()));
            precision[i] = averagePrecision(new int[] {ranks[i]});
        }
        return summary(ranks, precision);
    }

    /**
     * Several right answers per query, as in audio-to-text with five captions per clip: row = clip, column = caption.
     * Ranks and recall take the best of a clip's captions; average precision counts every one of them, those after the
     * tenth place as 0. The captions are sorted by rank for it, as the definition asks.
     *
     * @param owners the row to which each column belongs; every row must own one
     */
    public static Retrieval bestOf(ScoreMatrix scores, int[] owners) {
        Embeddings.requireLength("owners", owners.length, scores.columns());
        for (int c = 0; c < owners.length; c++) {
            Embeddings.requireClass(c, owners[c], scores.rows());
        }
        int[] best = new int[scores.rows()];
        double[] precision = new double[scores.rows()];
        for (int i = 0; i < best.length; i++) {
            int row = i;
            int[] ranks = IntStream.range(0, owners.length)
                    .filter(c -> owners[c] == row)
                    .map(c -> scores.rank(row, c))
                    .sorted()
                    .toArray();
            if (ranks.length == 0) {
                throw new UserException("owners: query " + i + " has no right answer");
            }
            best[i] = ranks[0];
            precision[i] = averagePrecision(ranks);
        }
        return summary(best, precision);
    }

    /** The figure by which checkpoints are chosen: the mean of the two directions' mAP@10. */
    public static double selectionScore(Retrieval textToAudio, Retrieval audioToText) {
        return (textToAudio.mapAt10 + audioToText.mapAt10) / 2;
    }

    private static double averagePrecision(int[] sortedRanks) {
        double sum = 0;
        for (int i = 0; i < sortedRanks.length && sortedRanks[i] < CUT; i++) {
            sum += (i + 1.0) / (sortedRanks[i] + 1);
        }
        return sum / sortedRanks.length;
    }

    private static Retrieval summary(int[] ranks, double[] precision) {
        int[] sorted = ranks.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        return new Retrieval(
                n,
                Arrays.stream(ranks).average().orElseThrow() + 1,
                Math.floor(median) + 1,
                shareBelow(ranks, 1),
                shareBelow(ranks, 5),
                shareBelow(ranks, CUT),
                Arrays.stream(precision).average().orElseThrow());
    }

    private static double shareBelow(int[] ranks, int k) {
        return (double) Arrays.stream(ranks).filter(rank -> rank < k).count() / ranks.length;
    }
}
