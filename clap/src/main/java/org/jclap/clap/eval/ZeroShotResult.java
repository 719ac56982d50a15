package org.jclap.clap.eval;

import java.util.List;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.MultiLabelScores;
import org.jclap.clap.analyze.ScoreMatrix;
import org.jclap.clap.analyze.ZeroShotScores;
import org.jclap.clap.data.LabelledClip;
import org.jclap.clap.embed.SkippedFile;

/**
 * The zero-shot classification of a set.
 *
 * @param classes class names in the order of the columns
 * @param prompts the caption of each class
 * @param clips the clips that were classified
 * @param embeddings of the clips, {@code (clips, D)}
 * @param similarities {@code (clips, classes)}
 * @param scores what follows from the similarities
 * @param skipped audio that could not be read
 */
public record ZeroShotResult(
        List<String> classes,
        List<String> prompts,
        List<LabelledClip> clips,
        Embeddings embeddings,
        ScoreMatrix similarities,
        Scores scores,
        List<SkippedFile> skipped) {
    /** The scores of a set with one label per clip, or of one with several. */
    public sealed interface Scores {
        /** The figure that sums the others up: accuracy, or macro mAP. */
        double value();

        /** Accuracy of each class, or its average precision; NaN for a class without clips. */
        double[] perClass();
    }

    /** One label per clip. */
    public record SingleLabel(ZeroShotScores scores) implements Scores {
        @Override
        public double value() {
            return scores.accuracy();
        }

        @Override
        public double[] perClass() {
            return scores.perClass();
        }
    }

    /** Several labels per clip. */
    public record MultiLabel(MultiLabelScores scores) implements Scores {
        @Override
        public double value() {
            return scores.macroMap();
        }

        @Override
        public double[] perClass() {
            return scores.averagePrecision();
        }
    }

    /** Accuracy, or macro mAP where clips have several labels. */
    public double score() {
        return scores.value();
    }
}
