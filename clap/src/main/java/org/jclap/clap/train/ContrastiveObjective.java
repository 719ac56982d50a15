package org.jclap.clap.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jclap.autograd.Checkpoint;
import org.jclap.autograd.Parameter;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.clap.text.TokenBatch;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Ops;
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
    private final int cachedParts;

    ContrastiveObjective(ClapCheckpoint student, @Nullable ClapCheckpoint teacher, TrainConfig config) {
        this.student = student;
        this.teacher = teacher;
        this.freeze = config.freeze();
        cachedParts = config.loop().embeddingCache() ? config.loop().accumulate() : 1;
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
        TextBatch text = new TextBatch(inputs.get(0), inputs.get(1), inputs.get(2));
        return loss.of(
                inParts(logMel, pass, (clips, part) -> audio(clips, part, epoch)),
                inParts(text, pass, (captions, part) -> text(captions, part, epoch)),
                student.model().logitScale(),
                teach(text, logMel));
    }

    private Tensor audio(Tensor logMel, Pass pass, int epoch) {
        Clap model = student.model();
        Tensor embedding = tower(
                audioFrozen(epoch),
                pass,
                p -> model.audioBase().forward(logMel, p).embedding());
        return model.projectAudio(embedding, pass);
    }

    private Tensor text(TextBatch text, Pass pass, int epoch) {
        Clap model = student.model();
        return model.projectText(tower(textFrozen(epoch), pass, p -> model.cls(text, p)), pass);
    }

    private static Tensor tower(boolean frozen, Pass pass, Function<Pass, Tensor> forward) {
        Supplier<Tensor> evaluation = () -> forward.apply(Pass.evaluation());
        return frozen ? evaluate(evaluation) : forward.apply(pass);
    }

    /** Without a record, so that nothing but the result is kept. */
    private static Tensor evaluate(Supplier<Tensor> body) {
        return Tensor.noGrad(() -> Checkpoint.run(body));
    }

    // ---------------------------------------------------------------------------------------------- the cache

    private Tensor inParts(Tensor logMel, Pass pass, BiFunction<Tensor, Pass, Tensor> embed) {
        return inParts(logMel.shape().dim(0), pass, (from, to) -> Ops.slice(logMel, 0, from, to), embed);
    }

    private Tensor inParts(TextBatch text, Pass pass, BiFunction<TextBatch, Pass, Tensor> embed) {
        return inParts(
                text.ids().shape().dim(0),
                pass,
                (from, to) -> new TextBatch(
                        Ops.slice(text.ids(), 0, from, to),
                        Ops.slice(text.types(), 0, from, to),
                        Ops.slice(text.mask(), 0, from, to)),
                embed);
    }

    /**
     * The embeddings {@code (B, D)} of a batch; with the cache, of one part after the other. Each part is a checkpoint that
     * leaves nothing but its embeddings, which the loss and its gradient need; backward then computes it once more, with
     * the same masks, for the gradients of the weights.
     */
    private <X> Tensor inParts(int size, Pass pass, Rows<X> rows, BiFunction<X, Pass, Tensor> embed) {
        if (cachedParts == 1) {
            return embed.apply(rows.part(0, size), pass);
        }
        int parts = Math.min(cachedParts, size);
        List<Tensor> embeddings = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            X part = rows.part(i * size / parts, (i + 1) * size / parts);
            Pass own = pass.part(i);
            embeddings.add(Checkpoint.run(() -> embed.apply(part, own)));
        }
        return Ops.concat(0, embeddings);
    }

    /** The clips or captions {@code [from, to)} of a batch. */
    private interface Rows<X> {
        X part(int from, int to);
    }

    private ContrastiveLoss.@Nullable Teacher teach(TextBatch text, Tensor logMel) {
        if (teacher == null) {
            return null;
        }
        Clap model = teacher.model();
        Pass pass = Pass.evaluation();
        return new ContrastiveLoss.Teacher(
                evaluate(() -> inParts(logMel, pass, model::embedAudio)),
                evaluate(() -> inParts(text, pass, model::embedText)));
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
