package org.jclap.clap.analyze;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Multi-label classification: how well each class's scores rank the clips that carry the class.
 *
 * @param averagePrecision per class, NaN for a class that no clip carries
 * @param macroMap mean over the classes that some clip carries, NaN when there is none
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record MultiLabelScores(double[] averagePrecision, double macroMap) {
    /**
     * Average precision as scikit-learn computes it: the sum over score thresholds of the gain in recall times the
     * precision, without interpolation; equal scores share one threshold.
     *
     * @param scores {@code (clips, classes)}
     * @param relevant {@code clips * classes} flags, row-major
     */
    public static MultiLabelScores of(ScoreMatrix scores, boolean[] relevant) {
        Embeddings.requireLength("relevance flags", relevant.length, scores.rows() * scores.columns());
        double[] precision = IntStream.range(0, scores.columns())
                .mapToDouble(c -> averagePrecision(scores, relevant, c))
                .toArray();
        double mean = Arrays.stream(precision)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
        return new MultiLabelScores(precision, mean);
    }

    private static double averagePrecision(ScoreMatrix scores, boolean[] relevant, int column) {
        int[] order = IntStream.range(0, scores.rows())
                .boxed()
                .sorted(Comparator.comparingDouble(row -> -scores.at(row, column)))
                .mapToInt(row -> row)
                .toArray();
        double sum = 0;
        int found = 0;
        int foundBefore = 0;
        for (int i = 0; i < order.length; i++) {
            found += relevant[order[i] * scores.columns() + column] ? 1 : 0;
            boolean lastOfTie = i + 1 == order.length || scores.at(order[i + 1], column) != scores.at(order[i], column);
            if (lastOfTie) {
                sum += (found - foundBefore) * ((double) found / (i + 1));
                foundBefore = found;
            }
        }
        return sum / found;
    }
}
