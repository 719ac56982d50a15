package org.jclap.clap.analyze;

/**
 * Zero-shot classification: each clip goes to the class whose prompt scores highest, of equals to the first.
 *
 * @param accuracy share of clips that are classified rightly (top 1)
 * @param perClass accuracy of each class, NaN for a class without clips
 * @param confusion {@code (classes, classes)} counts, row = true class, column = predicted class
 * @param predictions predicted class of each clip
 * @param correct whether each clip is right: 1 or 0, as {@link Bootstrap#mean} takes it
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record ZeroShotScores(
        double accuracy, double[] perClass, int[][] confusion, int[] predictions, double[] correct) {
    /**
     * Classifies and counts.
     *
     * @param scores {@code (clips, classes)} similarities of clips and prompts
     * @param labels true class of each clip, in {@code [0, classes)}
     */
    public static ZeroShotScores of(ScoreMatrix scores, int[] labels) {
        Embeddings.requireLength("labels", labels.length, scores.rows());
        int classes = scores.columns();
        int[][] confusion = new int[classes][classes];
        int[] counts = new int[classes];
        int[] predictions = new int[labels.length];
        double[] correct = new double[labels.length];
        for (int i = 0; i < labels.length; i++) {
            int label = Embeddings.requireClass(i, labels[i], classes);
            predictions[i] = scores.argmax(i);
            correct[i] = predictions[i] == label ? 1 : 0;
            confusion[label][predictions[i]]++;
            counts[label]++;
        }
        int right = 0;
        double[] perClass = new double[classes];
        for (int c = 0; c < classes; c++) {
            right += confusion[c][c];
            perClass[c] = (double) confusion[c][c] / counts[c];
        }
        return new ZeroShotScores((double) right / labels.length, perClass, confusion, predictions, correct);
    }
}
