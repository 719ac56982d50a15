package org.jclap.models.nn;

import java.util.Objects;
import java.util.function.Supplier;
import org.jclap.autograd.Checkpoint;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How a model is run: for training, with batch statistics and dropout, or for evaluation, with running statistics.
 *
 * @param random the step's random state, I64 {@code (2)} = seed and step; null where nothing is dropped. With a row for each
 *     part of a batch, {@code (parts, 2)}, {@link #part} chooses one
 * @param checkpointing whether the blocks of a model keep only their results for backward and compute the rest again
 */
public record Pass(boolean isTraining, @Nullable Tensor random, boolean checkpointing) {
    private static final Pass EVALUATION = new Pass(false, null, false);

    /** No dropout, running statistics. */
    public static Pass evaluation() {
        return EVALUATION;
    }

    /** Dropout decided by this random state, batch statistics. */
    public static Pass training(Tensor random) {
        return new Pass(true, random, false);
    }

    /** Batch statistics without dropout, to compare gradients with those of other implementations. */
    public static Pass trainingWithoutDropout() {
        return new Pass(true, null, false);
    }

    /** This pass with or without checkpoints. */
    public Pass checkpointing(boolean on) {
        return new Pass(isTraining, random, on);
    }

    /** The pass of one part of a batch, whose masks are its own. */
    public Pass part(int part) {
        return random == null ? this : new Pass(isTraining, Ops.slice(random, 0, part, part + 1), checkpointing);
    }

    /** A block of a model, checkpointed if this pass says so; where nobody records, nothing but its result is kept. */
    public Tensor block(Supplier<Tensor> body) {
        return checkpointing || !Tensor.isRecording() ? Checkpoint.run(body) : body.get();
    }

    /** The dropout rate that applies: 0 where nothing is dropped. */
    public float rate(double rate) {
        return random == null ? 0f : (float) rate;
    }

    /** The random state of a pass with dropout. */
    public Tensor randomState() {
        return Objects.requireNonNull(random, "nothing is dropped in this pass");
    }

    /** Drops elements of x. */
    public Tensor dropout(Tensor x, double rate, int stream) {
        return rate(rate) == 0 ? x : Ops.dropout(x, rate(rate), stream, randomState());
    }
}
