package org.jclap.clap.analyze;

import java.util.Arrays;
import org.jclap.tensor.UserException;

/**
 * Nearest-neighbour graph similarity of two spaces that hold the same items (Tavares et al., arXiv 2411.08687).
 *
 * <p>Each item's k nearest neighbours, itself excluded, are found in both spaces; its score is the Jaccard index of the
 * two sets, and the similarity is the mean over the items. The spaces may differ in dimension. The reference library's
 * default metric is Euclidean; its demonstrations use the cosine.
 *
 * @param metric the distance used in both spaces
 * @param k neighbours per item
 * @param scores one Jaccard index per item
 * @param mean the similarity, in [0, 1]
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record Nngs(Metric metric, int k, double[] scores, double mean) {
    /**
     * Compares two spaces.
     *
     * @param k neighbours per item, 1 to n - 1
     */
    public static Nngs of(Embeddings x, Embeddings y, int k, Metric metric) {
        Embeddings.requireLength("second space", y.rows(), x.rows());
        if (k < 1 || k >= x.rows()) {
            throw new UserException("k: %d neighbours asked for, but each of %d items has %d others"
                    .formatted(k, x.rows(), x.rows() - 1));
        }
        int[][] inX = NearestNeighbours.of(x, metric, k);
        int[][] inY = NearestNeighbours.of(y, metric, k);
        double[] scores = new double[x.rows()];
        Arrays.setAll(scores, i -> jaccard(inX[i], inY[i]));
        return new Nngs(metric, k, scores, Arrays.stream(scores).average().orElseThrow());
    }

    /** The neighbour count that is the given share of {@code n} items, at least 1 and at most n - 1. */
    public static int neighbours(double share, int n) {
        if (!(share > 0 && share < 1)) {
            throw new UserException("k: a share of the items lies between 0 and 1, but is " + share);
        }
        return Math.clamp((int) (share * n), 1, Math.max(1, n - 1));
    }

    /** What two unrelated spaces score: the ratio of the expected intersection to the expected union. */
    public double chance() {
        return k / (2.0 * (scores.length - 1) - k);
    }

    private static double jaccard(int[] a, int[] b) {
        int common = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            int order = Integer.compare(a[i], b[j]);
            if (order == 0) {
                common++;
            }
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return (double) common / (a.length + b.length - common);
    }
}
