package org.jclap.clap.train;

import java.util.List;
import org.jclap.clap.audio.FrontEnd;
import org.jspecify.annotations.Nullable;

/**
 * What a training run is asked to do: the content of its YAML file, over these defaults.
 *
 * @param objective {@code contrastive} for pairs of audio and captions, {@code tagging} to pre-train the audio tower on
 *     labels
 * @param seed decides the start of the weights, the order of clips, the crops and the dropout
 * @param run the directory of the run: configuration, logs, checkpoints
 * @param precision in which type steps compute; weights and the optimizer's moments are F32 always
 */
public record TrainConfig(
        Objective objective,
        long seed,
        String run,
        Precision precision,
        ModelSection model,
        AudioSection audio,
        TextSection text,
        DataSection data,
        LossSection loss,
        OptimizerSection optimizer,
        ScheduleSection schedule,
        FreezeSection freeze,
        LoopSection loop,
        CheckpointSection checkpoint) {

    /** What is minimised. */
    public enum Objective {
        /** The hard or soft contrastive loss of pairs. */
        CONTRASTIVE,
        /** The binary cross-entropy of labels: supervised pre-training of the audio tower. */
        TAGGING
    }

    /** The type of products, convolutions, attention and activations; see {@link org.jclap.tensor.Autocast}. */
    public enum Precision {
        /** As the weights. */
        F32,
        /** The upper half of an F32: its range, three digits. */
        BF16,
        /** Three bits finer than BF16; small gradients need the loss scale that comes with it. */
        F16
    }

    /**
     * The model.
     *
     * @param preset sizes: tiny, small, base
     * @param init checkpoints whose tensors of the same name and shape are the start, later ones over earlier ones
     * @param checkpointing whether blocks are computed again in backward, which takes a third more time and a fraction of
     *     the memory
     */
    public record ModelSection(String preset, List<String> init, boolean checkpointing) {}

    /**
     * How audio becomes log-mel.
     *
     * @param seconds the length of every clip
     * @param crop how clips of other lengths get there in training
     * @param specAugment stripes of silence in time and mel bands (tagging only)
     * @param mixup blends pairs of clips (tagging only)
     */
    public record AudioSection(
            int sampleRate,
            int window,
            int hop,
            int mels,
            double fMin,
            double fMax,
            double seconds,
            String crop,
            boolean specAugment,
            boolean mixup) {
        /** The geometry of the spectrogram. */
        public FrontEnd frontEnd() {
            return new FrontEnd(sampleRate, window, hop, mels, fMin, fMax);
        }
    }

    /**
     * How captions become tokens.
     *
     * @param vocabulary a WordPiece {@code vocab.txt}; null trains one from the captions
     * @param vocabularySize the size of a trained vocabulary
     * @param maxLength the most tokens of a caption, [CLS] and [SEP] included
     */
    public record TextSection(@Nullable String vocabulary, int vocabularySize, int maxLength) {}

    /**
     * The data.
     *
     * @param pairs manifests {@code ID,wav_path,caption}; for tagging {@code ID,wav_path,class_name}
     * @param validation manifests that are held out; empty splits {@code validationShare} off as the reference does
     * @param subset the share of the training part that is used: 0.1 for the 10 % teacher
     * @param curated manifests of curated pairs
     * @param curationProb the chance that a step takes a curated batch instead of an annotated one
     * @param maxBadShare the share of unreadable audio above which the run stops
     * @param cacheMegabytes memory for decoded audio
     * @param threads threads that decode ahead; 0 for one less than the processors, at least one
     */
    public record DataSection(
            List<String> pairs,
            List<String> validation,
            double validationShare,
            double subset,
            List<String> curated,
            double curationProb,
            double maxBadShare,
            int cacheMegabytes,
            int threads) {}

    /**
     * The contrastive loss.
     *
     * @param beta the weight of the teacher's similarities: 0 is hard
     * @param teacher the checkpoint of the teacher; needed when beta is positive
     * @param targets reference, normalised or softened
     * @param temperature of softened targets
     */
    public record LossSection(double beta, @Nullable String teacher, Targets targets, double temperature) {}

    /** What becomes of the teacher's similarities; see {@code org.jclap.tensor.op.Contrastive.Targets}. */
    public enum Targets {
        /** As the reference computes them. */
        REFERENCE,
        /** Rows divided by their sums. */
        NORMALISED,
        /** A softmax with a temperature. */
        SOFTENED
    }

    /** The optimizer: adam, adamw or sgd, and the largest global norm of a step's gradient (0: any). */
    public record OptimizerSection(
            OptimizerName name,
            double lr,
            double beta1,
            double beta2,
            double eps,
            double momentum,
            double weightDecay,
            double clipNorm) {}

    /** The optimizers. */
    public enum OptimizerName {
        /** Adam with weight decay in the gradient. */
        ADAM,
        /** Adam with decoupled weight decay. */
        ADAMW,
        /** Stochastic gradient descent with momentum. */
        SGD
    }

    /**
     * The learning rate over time.
     *
     * @param warmupSteps steps of linear warm-up (cosine)
     * @param floor the smallest learning rate (cosine, plateau)
     * @param factor what a plateau multiplies the rate by
     * @param patience epochs without improvement before that
     * @param holdEpochs epochs before the first drop
     */
    public record ScheduleSection(
            ScheduleName name, int warmupSteps, double floor, double factor, int patience, int holdEpochs) {}

    /** The schedules. */
    public enum ScheduleName {
        /** One rate. */
        CONSTANT,
        /** Linear warm-up, then half a cosine to the floor. */
        COSINE,
        /** A drop when the validation loss stops improving. */
        PLATEAU
    }

    /**
     * Which towers do not learn. A frozen tower runs as in evaluation.
     *
     * @param epochs for so many epochs both towers are frozen and only the projections learn
     */
    public record FreezeSection(boolean audio, boolean text, int epochs) {}

    /**
     * The loop.
     *
     * @param accumulate in how many parts a batch goes through the model, one after the other; their gradients add up. Batch
     *     normalisation sees a part, and so does a contrastive loss: a clip then has only the captions of its part as
     *     negatives
     * @param embeddingCache embed all parts first, contrast the whole batch, then go through each part once more for its
     *     gradient (arXiv 2101.06983): the loss of the whole batch in the memory of a part
     * @param maxSteps stop after so many steps; 0: after the epochs
     * @param nonFinitePatience how many steps in a row may be skipped for a loss or gradient that is not finite
     * @param logEvery steps from one line of the log to the next; only there does the host wait for a device
     */
    public record LoopSection(
            int epochs,
            int batch,
            int accumulate,
            boolean embeddingCache,
            int maxSteps,
            int nonFinitePatience,
            int logEvery) {
        /** The parts that each have a loss of their own. */
        int losses() {
            return embeddingCache ? 1 : accumulate;
        }
    }

    /**
     * Checkpoints.
     *
     * @param keep how many of the best are kept
     * @param by what decides which is best: loss or zeroshot
     * @param everySteps how often the state is saved for a resume within an epoch; 0: only at the end of epochs
     * @param zeroshotLayout layout of a labelled set that is evaluated after every epoch; null: none
     * @param zeroshotData where that set is
     */
    public record CheckpointSection(
            int keep,
            Criterion by,
            int everySteps,
            @Nullable String zeroshotLayout,
            @Nullable String zeroshotData) {}

    /** What makes a checkpoint the best. */
    public enum Criterion {
        /** The smallest validation loss. */
        LOSS,
        /** The highest zero-shot accuracy. */
        ZEROSHOT
    }

    /** The published recipe (arXiv 2305.01864) at the published sizes; {@code data.pairs} has to be given. */
    public static TrainConfig defaults() {
        FrontEnd geometry = FrontEnd.CLAP;
        return new TrainConfig(
                Objective.CONTRASTIVE,
                2022,
                "runs/clap",
                Precision.F32,
                new ModelSection("base", List.of(), false),
                new AudioSection(
                        geometry.sampleRate(),
                        geometry.windowSize(),
                        geometry.hop(),
                        geometry.mels(),
                        geometry.fMin(),
                        geometry.fMax(),
                        5.0,
                        "random+pad-random",
                        false,
                        false),
                new TextSection(null, 8000, 100),
                new DataSection(List.of(), List.of(), 0.17, 1.0, List.of(), 0.5, 0.01, 1024, 0),
                new LossSection(0, null, Targets.REFERENCE, 0.1),
                new OptimizerSection(OptimizerName.ADAM, 1e-4, 0.9, 0.999, 1e-8, 0.9, 0, 5.0),
                new ScheduleSection(ScheduleName.PLATEAU, 0, 1e-8, 0.1, 10, 10),
                new FreezeSection(false, false, 0),
                new LoopSection(20, 32, 1, false, 0, 10, 10),
                new CheckpointSection(3, Criterion.LOSS, 0, null, null));
    }
}
