package org.jclap.clap.demo;

import java.util.List;
import java.util.Map;
import org.jclap.clap.analyze.Bootstrap;
import org.jclap.clap.analyze.Correlation;

/**
 * Every number of a demo.
 *
 * @param setup where and how it ran
 * @param plan sizes and settings
 * @param corpus what was synthesized
 * @param trainings all trainings, in their order
 * @param curation what was curated
 * @param zeroShot accuracies of all models
 * @param separability the six conditions
 * @param seconds of each stage, by name
 */
public record DemoResults(
        Setup setup,
        DemoPlan plan,
        CorpusSummary corpus,
        List<Training> trainings,
        Curation curation,
        ZeroShotTable zeroShot,
        Separability separability,
        Map<String, Double> seconds) {

    /** Where and how a demo ran. */
    public record Setup(String version, String device, String backend, String java, int threads, String frontEnd) {}

    /**
     * What was synthesized.
     *
     * @param pool clips without captions
     * @param captions captions that a curation may choose from
     */
    public record CorpusSummary(
            int dirtyClips,
            int cleanClips,
            int dirtyClasses,
            int cleanClasses,
            int dirtyPairs,
            int cleanPairs,
            int pool,
            int captions) {}

    /** A training; its settings are those that differ from the other trainings'. */
    public record Training(
            String name,
            List<String> settings,
            long steps,
            List<Double> trainLosses,
            List<Double> validationLosses,
            long skippedSteps,
            double seconds) {}

    /** All curations of one teacher. */
    public record Curation(List<Curated> curated) {}

    /**
     * One curation.
     *
     * @param threshold least similarity, a quantile of all; NaN where each row keeps its best
     * @param rows clips, or captions in a selection by labels
     * @param candidates captions, or labels
     * @param kept pairs, or captions
     * @param covered rows of which something was kept
     * @param used candidates that were kept with some row
     * @param keptMedian median similarity of what was kept
     * @param bestMedian median of every row's highest similarity
     * @param examples some of what was kept
     */
    public record Curated(
            String name,
            double threshold,
            long rows,
            long candidates,
            long kept,
            long covered,
            long used,
            double keptMedian,
            double bestMedian,
            List<String> examples) {}

    /** The zero-shot accuracies of all models on all tasks. */
    public record ZeroShotTable(List<Score> scores, List<Comparison> comparisons) {
        /** The score of a model on a task. */
        public Score score(String model, Task task) {
            return scores.stream()
                    .filter(s -> s.model.equals(model) && s.task == task)
                    .findFirst()
                    .orElseThrow();
        }

        /** The models in the order in which they were evaluated. */
        public List<String> models() {
            return scores.stream().map(Score::model).distinct().toList();
        }
    }

    /** The accuracy of a model on a task, and its confusions: row = true class, column = predicted class. */
    public record Score(
            String model,
            Task task,
            int clips,
            double accuracy,
            Bootstrap.Interval interval,
            double chance,
            List<String> classes,
            int[][] confusion) {}

    /** The accuracy of a student minus that of the model it is compared with, on the same clips. */
    public record Comparison(String model, String against, Task task, Bootstrap.Interval difference) {}

    /** The six conditions, and the correlations over them. */
    public record Separability(
            List<Condition> conditions,
            double nngsChance,
            Correlation silhouetteAndAccuracy,
            Correlation nngsAndLogAccuracy,
            Correlation backboneNngsAndLogAccuracy) {}

    /**
     * One condition.
     *
     * @param training dirty or clean
     * @param preTraining dirty, clean or no
     * @param accuracy zero-shot on ESC-50
     * @param cosine silhouette of the projected audio embeddings
     * @param euclidean the same with the Euclidean distance
     * @param classNngs between class means of projected audio embeddings and embeddings of the label prompts
     * @param itemNngs between audio embeddings before and after the projection, clip by clip
     * @param itemNeighbours k of {@code itemNngs}
     * @param map t-SNE of the projected audio embeddings
     */
    public record Condition(
            String name,
            String training,
            String preTraining,
            double accuracy,
            Bootstrap.Interval interval,
            double cosine,
            double euclidean,
            double classNngs,
            double itemNngs,
            int itemNeighbours,
            ClipMap map) {}

    /** Points of clips in the plane, with the name of each one's class. */
    public record ClipMap(double[] x, double[] y, List<String> classes) {}
}
