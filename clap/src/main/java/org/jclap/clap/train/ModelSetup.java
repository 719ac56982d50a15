package org.jclap.clap.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jclap.autograd.optim.LearningRate;
import org.jclap.autograd.optim.LossScaler;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.text.Vocabulary;
import org.jclap.clap.text.VocabularyTrainer;
import org.jclap.clap.text.WordPiece;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Backend;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/** From a configuration to a model, an objective, an update rule and a schedule. */
final class ModelSetup {
    private ModelSetup() {}

    /** The model at the start of a run, or with the sizes and the vocabulary of a run that goes on. */
    static ClapCheckpoint create(TrainConfig config, TrainingData data, Backend backend, @Nullable Path state) {
        if (state != null && Files.exists(state)) {
            return ClapCheckpoint.load(backend, state);
        }
        WordPiece tokenizer = new WordPiece(vocabulary(config, data));
        ClapConfig sizes = sizes(config, data, tokenizer);
        ClapCheckpoint checkpoint = ClapCheckpoint.create(
                backend,
                sizes,
                config.audio().frontEnd(),
                config.audio().seconds(),
                tokenizer,
                Math.min(config.text().maxLength(), sizes.text().positions()),
                config.seed());
        try {
            if (config.objective() == TrainConfig.Objective.TAGGING) {
                TaggingObjective.startAtFrequencies(checkpoint, data.train());
            }
            for (String init : config.model().init()) {
                checkpoint.initialize(Safetensors.read(Path.of(init)));
            }
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static ClapConfig sizes(TrainConfig config, TrainingData data, WordPiece tokenizer) {
        ClapConfig preset = ClapConfig.preset(config.model().preset());
        Cnn14Config audio = preset.audio();
        int classes =
                data.classes().isEmpty() ? audio.classes() : data.classes().size();
        return new ClapConfig(
                audio.withClasses(classes)
                        .withInput(config.audio().mels(), config.audio().window()),
                preset.text().withVocabulary(tokenizer.vocabulary().size()),
                preset.projection(),
                preset.projectionDropout());
    }

    /** The vocabulary of the file, of the start or the teacher (ids must mean the same), or one made from the captions. */
    private static Vocabulary vocabulary(TrainConfig config, TrainingData data) {
        if (config.text().vocabulary() != null) {
            return Vocabulary.load(Path.of(config.text().vocabulary()));
        }
        for (String init : config.model().init()) {
            Safetensors file = Safetensors.read(Path.of(init));
            if (file.has("caption_encoder.base.embeddings.word_embeddings.weight")) {
                return ClapCheckpoint.vocabulary(file);
            }
        }
        if (config.loss().teacher() != null) {
            return ClapCheckpoint.vocabulary(
                    Safetensors.read(Path.of(config.loss().teacher())));
        }
        List<String> captions = data.captions();
        return VocabularyTrainer.train(captions, config.text().vocabularySize());
    }

    static Objective objective(TrainConfig config, ClapCheckpoint checkpoint) {
        return switch (config.objective()) {
            case TAGGING -> new TaggingObjective(checkpoint, config);
            case CONTRASTIVE -> new ContrastiveObjective(checkpoint, teacher(config, checkpoint), config);
        };
    }

    private static @Nullable ClapCheckpoint teacher(TrainConfig config, ClapCheckpoint student) {
        String file = config.loss().teacher();
        if (config.loss().beta() == 0 || file == null) {
            return null;
        }
        ClapCheckpoint teacher =
                ClapCheckpoint.loadConstant(student.model().weights().backend(), Path.of(file));
        boolean sameInput = teacher.frontEnd().equals(student.frontEnd())
                && teacher.tokenizer()
                        .vocabulary()
                        .tokens()
                        .equals(student.tokenizer().vocabulary().tokens());
        if (!sameInput) {
            teacher.close();
            throw new UserException(
                    "loss.teacher %s has another front end (%s) or vocabulary than the student (%s): teacher and student see the same batches"
                            .formatted(
                                    file,
                                    teacher.frontEnd().fingerprint(),
                                    student.frontEnd().fingerprint()));
        }
        return teacher;
    }

    /**
     * The policy of mixed precision; null for F32. The vector backend is refused: its kernels are F32, so that 16 bits would
     * only be emulated, slower and coarser. The reference takes it, as it takes everything, for comparison.
     */
    static @Nullable Autocast autocast(TrainConfig config, Backend backend) {
        if (config.precision() == TrainConfig.Precision.F32) {
            return null;
        }
        if (backend.name().equals("vector")) {
            throw new UserException(
                    "precision: %s needs a device that computes in 16 bits: choose --device cuda, or precision: f32"
                            .formatted(config.precision().name().toLowerCase(Locale.ROOT)));
        }
        return new Autocast(config.precision() == TrainConfig.Precision.F16 ? DType.F16 : DType.BF16);
    }

    static StepMonitor monitor(TrainConfig config, Backend backend) {
        double norm = config.optimizer().clipNorm();
        boolean scaled = config.precision() == TrainConfig.Precision.F16;
        return new StepMonitor(
                backend, norm > 0 ? norm : Double.POSITIVE_INFINITY, scaled ? LossScaler.dynamic() : LossScaler.none());
    }

    static Update rule(TrainConfig.OptimizerSection section) {
        return switch (section.name()) {
            case ADAM -> new Update.Adam(section.beta1(), section.beta2(), section.eps(), section.weightDecay(), false);
            case ADAMW -> new Update.Adam(section.beta1(), section.beta2(), section.eps(), section.weightDecay(), true);
            case SGD -> new Update.Sgd(section.momentum(), section.weightDecay());
        };
    }

    static LearningRate schedule(TrainConfig config, long totalSteps) {
        TrainConfig.ScheduleSection section = config.schedule();
        double rate = config.optimizer().lr();
        return switch (section.name()) {
            case CONSTANT -> new LearningRate.Constant(rate);
            case COSINE ->
                new LearningRate.WarmupCosine(
                        rate, section.floor(), Math.min(section.warmupSteps(), totalSteps), totalSteps);
            case PLATEAU ->
                new LearningRate.ReduceOnPlateau(
                        section.factor(),
                        section.patience(),
                        section.holdEpochs(),
                        section.floor(),
                        rate,
                        Double.POSITIVE_INFINITY,
                        0);
        };
    }
}
