package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class SilhouetteTest {
    /** Values of scikit-learn 1.x. */
    @Test
    void matchesTheReference() {
        var points = new Embeddings(6, 2, TestPoints.CLUSTERS);
        assertEquals(0.61095593, mean(points, Metric.EUCLIDEAN), 1e-7);
        float[] shifted = TestPoints.CLUSTERS.clone();
        float[] unit = new float[shifted.length];
        for (int i = 0; i < shifted.length; i += 2) {
            shifted[i] += 0.5f;
            shifted[i + 1] += 0.25f;
            double norm = Math.hypot(shifted[i], shifted[i + 1]);
            unit[i] = (float) (shifted[i] / norm);
            unit[i + 1] = (float) (shifted[i + 1] / norm);
        }
        assertEquals(0.16761936, mean(new Embeddings(6, 2, shifted), Metric.COSINE), 1e-7);
        assertEquals(0.23550178, mean(new Embeddings(6, 2, unit), Metric.EUCLIDEAN), 1e-6);
    }

    @Test
    void blocksAndTilesAgreeWithThePlainDefinition() {
        long seed = 7;
        var points = TestPoints.clouds(151, 37, 5, 3, seed);
        int[] labels = TestPoints.cloudLabels(151, 5);
        double[] scores = Silhouette.of(points, labels, Metric.EUCLIDEAN).scores();
        for (int i = 0; i < 151; i++) {
            assertEquals(plainScore(points, labels, i), scores[i], 1e-10, "seed " + seed + ", point " + i);
        }
    }

    private static double plainScore(Embeddings points, int[] labels, int i) {
        double[] sums = new double[5];
        int[] counts = new int[5];
        for (int j = 0; j < points.rows(); j++) {
            double squared = 0;
            for (int k = 0; k < points.dim(); k++) {
                squared += Math.pow(
                        (double) points.values()[i * points.dim() + k] - points.values()[j * points.dim() + k], 2);
            }
            sums[labels[j]] += Math.sqrt(squared);
            counts[labels[j]] += j == i ? 0 : 1;
        }
        double[] means = new double[5];
        Arrays.setAll(means, c -> sums[c] / counts[c]);
        double within = means[labels[i]];
        means[labels[i]] = Double.POSITIVE_INFINITY;
        double nearest = Arrays.stream(means).min().orElseThrow();
        return (nearest - within) / Math.max(within, nearest);
    }

    @Test
    void theOnlyMemberOfAClassScoresZero() {
        var result = Silhouette.of(new Embeddings(3, 1, new float[] {0, 1, 9}), new int[] {4, 4, -2}, Metric.EUCLIDEAN);
        assertArrayEquals(new double[] {8.0 / 9, 7.0 / 8, 0}, result.scores(), 1e-12);
        assertEquals(new Silhouette.ClassScore(-2, 1, 0), result.classes().getFirst());
        assertEquals(4, result.classes().getLast().label());
        assertEquals((8.0 / 9 + 7.0 / 8) / 2, result.classes().getLast().mean(), 1e-12);
    }

    @Test
    void coincidingPointsScoreZero() {
        var result = Silhouette.of(new Embeddings(4, 1, new float[4]), new int[] {0, 0, 1, 1}, Metric.COSINE);
        assertEquals(0, result.mean());
    }

    @Test
    void isTheSameForAnyNumberOfThreads() throws Exception {
        var points = TestPoints.clouds(300, 19, 4, 1, 11);
        int[] labels = TestPoints.cloudLabels(300, 4);
        var one = TestPoints.withThreads(1, () -> Silhouette.of(points, labels, Metric.COSINE));
        var many = TestPoints.withThreads(5, () -> Silhouette.of(points, labels, Metric.COSINE));
        assertArrayEquals(one.scores(), many.scores());
        assertEquals(one.mean(), many.mean());
    }

    @Test
    void refusesOneClassAndOnlySingletons() {
        var points = new Embeddings(3, 1, new float[] {1, 2, 3});
        assertThrows(UserException.class, () -> Silhouette.of(points, new int[3], Metric.EUCLIDEAN));
        assertThrows(UserException.class, () -> Silhouette.of(points, new int[] {0, 1, 2}, Metric.EUCLIDEAN));
    }

    private static double mean(Embeddings points, Metric metric) {
        return Silhouette.of(points, TestPoints.CLUSTER_LABELS, metric).mean();
    }
}
