package org.jclap.clap.analyze;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jclap.tensor.UserException;

/**
 * How well labelled points form separate clusters (Rousseeuw, 1987).
 *
 * <p>For a point with mean distance {@code a} to the others of its class and {@code b} to the nearest other class, the
 * score is {@code (b - a) / max(a, b)} in [-1, 1]. As in scikit-learn, the only member of a class scores 0, as does a
 * point with {@code a = b = 0}.
 *
 * @param metric the distance used
 * @param scores one score per point
 * @param mean the mean of {@code scores}
 * @param classes the classes in ascending order of label
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record Silhouette(Metric metric, double[] scores, double mean, List<ClassScore> classes) {
    /**
     * The mean score of one class.
     *
     * @param label the label as given
     * @param count points with this label
     * @param mean mean score of these points
     */
    public record ClassScore(int label, int count, double mean) {}

    /**
     * Scores every point; O(n^2 dim) time and O(n) memory per thread.
     *
     * @param labels one label per row, of any value
     * @throws UserException unless there are between 2 and n - 1 different labels
     */
    public static Silhouette of(Embeddings points, int[] labels, Metric metric) {
        Embeddings.requireLength("labels", labels.length, points.rows());
        int[] names = Arrays.stream(labels).distinct().sorted().toArray();
        if (names.length < 2 || names.length >= points.rows()) {
            throw new UserException(
                    "a silhouette needs at least two classes, and two points in one of them; of %d points there are %d classes"
                            .formatted(points.rows(), names.length));
        }
        int[] classes = Arrays.stream(labels)
                .map(label -> Arrays.binarySearch(names, label))
                .toArray();
        int[] counts = new int[names.length];
        for (int c : classes) {
            counts[c]++;
        }
        double[] scores = new double[points.rows()];
        Pairwise.distances(points, metric)
                .forEachRow((i, distances) -> scores[i] = score(classes[i], distances, classes, counts));
        return new Silhouette(
                metric,
                scores,
                Arrays.stream(scores).average().orElseThrow(),
                perClass(names, classes, counts, scores));
    }

    private static double score(int own, double[] distances, int[] classes, int[] counts) {
        if (counts[own] == 1) {
            return 0;
        }
        double[] sums = new double[counts.length];
        for (int j = 0; j < distances.length; j++) {
            sums[classes[j]] += distances[j];
        }
        double within = sums[own] / (counts[own] - 1);
        double nearest = Double.POSITIVE_INFINITY;
        for (int c = 0; c < counts.length; c++) {
            if (c != own) {
                nearest = Math.min(nearest, sums[c] / counts[c]);
            }
        }
        double larger = Math.max(within, nearest);
        return larger == 0 ? 0 : (nearest - within) / larger;
    }

    private static List<ClassScore> perClass(int[] names, int[] classes, int[] counts, double[] scores) {
        double[] sums = new double[names.length];
        for (int i = 0; i < scores.length; i++) {
            sums[classes[i]] += scores[i];
        }
        List<ClassScore> result = new ArrayList<>();
        for (int c = 0; c < names.length; c++) {
            result.add(new ClassScore(names[c], counts[c], sums[c] / counts[c]));
        }
        return List.copyOf(result);
    }
}
