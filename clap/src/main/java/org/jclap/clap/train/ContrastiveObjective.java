package org.jclap.clap.train;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jclap.autograd.Parameter;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.clap.text.TokenBatch;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of audio and captions, with hard labels or with a teacher that sees the same crops in evaluation mode. A frozen
 * tower runs as in evaluation and is not recorded; its projection still learns.
 */
final class ContrastiveObjective implements Objective {
    private final ClapCheckpoint student;
    private final @Nullable ClapCheckpoint teacher;
    private final ContrastiveLoss loss;
    private final TrainConfig.FreezeSection freeze;

    ContrastiveObjective(ClapCheckpoint student, @Nullable ClapCheckpoint teacher, TrainConfig config) {
        this.student = student;
        this.teacher = teacher;
        this.freeze = config.freeze();
        Contrastive.Targets targets =
                Contrastive.Targets.valueOf(config.loss().targets().name().toUpperCase(Locale.ROOT));
        loss = new ContrastiveLoss(config.loss().beta(), targets, config.loss().temperature());
    }

    /** Ids, types and mask of the captions. A teacher with another vocabulary would need its own: the trainer refuses one. */
    @Override
    public List<HostTensor> inputs(Batch batch, boolean training, long step) {
        TokenBatch tokens = Objects.requireNonNull(batch.tokens());
        Shape shape = Shape.of(tokens.batch(), tokens.length());
        float[] mask = new float[shape.size()];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = tokens.mask()[i];
        }
        return List.of(
                HostTensor.of(shape, tokens.ids()), HostTensor.of(shape, tokens.types()), HostTensor.of(shape, mask));
    }

    @Override
    public Tensor loss(List<Tensor> inputs, Tensor logMel, Pass pass, int epoch) {
        Clap model = student.model();
        TextBatch text = new TextBatch(inputs.get(0), inputs.get(1), inputs.get(2));
        Tensor embedding = tower(
                audioFrozen(epoch),
                pass,
                p -> model.audioBase().forward(logMel, p).embedding());
        Tensor cls = tower(textFrozen(epoch), pass, p -> model.cls(text, p));
        return loss.of(
                model.projectAudio(embedding, pass),
                model.projectText(cls, pass),
                model.logitScale(),
                teach(text, logMel));
    }

    private static Tensor tower(boolean frozen, Pass pass, Function<Pass, Tensor> forward) {
        Supplier<Tensor> evaluation = () -> forward.apply(Pass.evaluation());
        return frozen ? Tensor.noGrad(evaluation) : forward.apply(pass);
    }

    private ContrastiveLoss.@Nullable Teacher teach(TextBatch text, Tensor logMel) {
        if (teacher == null) {
            return null;
        }
        Clap model = teacher.model();
        return Tensor.noGrad(() -> new ContrastiveLoss.Teacher(
                model.embedAudio(logMel, Pass.evaluation()), model.embedText(text, Pass.evaluation())));
    }

    private boolean audioFrozen(int epoch) {
        return freeze.audio() || epoch < freeze.epochs();
    }

    private boolean textFrozen(int epoch) {
        return freeze.text() || epoch < freeze.epochs();
    }

    @Override
    public List<Parameter> parameters() {
        // The tagging head and the pooler have no part in the loss.
        return student.model().weights().parameters().stream()
                .filter(p -> !p.name().contains(".fc_audioset.") && !p.name().contains(".pooler."))
                .toList();
    }

    @Override
    public void beginEpoch(int epoch) {
        for (Parameter parameter : parameters()) {
            boolean audio = parameter.name().startsWith("audio_encoder.base.");
            boolean text = parameter.name().startsWith("caption_encoder.base.");
            parameter.setTrainable(!(audio && audioFrozen(epoch)) && !(text && textFrozen(epoch)));
        }
    }

    @Override
    public boolean exports(String tensor) {
        return true;
    }

    @Override
    public int leastBatch() {
        return 2;
    }

    @Override
    public boolean needsCaptions() {
        return true;
    }

    @Override
    public void close() {
        if (teacher != null) {
            teacher.close();
        }
    }
}
