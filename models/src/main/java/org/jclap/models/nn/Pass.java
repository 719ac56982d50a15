package org.jclap.models.nn;

import java.util.Objects;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How a model is run: for training, with dropout and batch statistics, or for evaluation.
 *
 * @param random the step's random state, I64 {@code (2)} = seed and step; null in evaluation
 */
public record Pass(@Nullable Tensor random) {
    private static final Pass EVALUATION = new Pass(null);

    /** No dropout, running statistics. */
    public static Pass evaluation() {
        return EVALUATION;
    }

    /** Dropout decided by this random state, batch statistics. */
    public static Pass training(Tensor random) {
        return new Pass(random);
    }

    /** Whether this pass trains. */
    public boolean isTraining() {
        return random != null;
    }

    /** The dropout rate that applies: 0 in evaluation. */
    public float rate(double rate) {
        return isTraining() ? (float) rate : 0f;
    }

    /** The random state of a training pass. */
    public Tensor randomState() {
        return Objects.requireNonNull(random, "an evaluation has no random state");
    }

    /** Drops elements of x in training. */
    public Tensor dropout(Tensor x, double rate, int stream) {
        return rate(rate) == 0 ? x : Ops.dropout(x, rate(rate), stream, randomState());
    }
}
