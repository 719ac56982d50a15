package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * The hard and soft contrastive loss of arXiv 2305.01864, fused: the N x N logits are computed in tiles, reduced and
 * forgotten, forward and backward, so that memory grows with N and not with N² (as arXiv 2410.17243 does for hard labels).
 *
 * <p>Logits are {@code S = min(exp(s) A Tᵀ, 100)} for L2-normalised audio A {@code (N, D)} and text T {@code (N, D)} and
 * the scalar s {@code (1)}. With {@code beta = 0} the loss is the mean of the two cross-entropies along rows and columns.
 * Otherwise each side has soft labels from its own teacher, {@code t = (1 - beta) I + beta G}, where G comes from the
 * similarities {@code E Eᵀ} of the L2-normalised teacher embeddings E {@code (N, P)}, and the loss is the mean over both
 * sides of {@code Σ t (ln t - log softmax(S)) / N}. Targets {@code t <= 0} contribute nothing.
 *
 * <p>s, the loss, its gradient and the statistics belong to many elements each, and are F32 where embeddings have 16 bits: a
 * probability is {@code exp(S - lse)}, so what a log-sum-exp is rounded by, up to a quarter near 100 in BF16, would be its
 * relative error.
 */
public sealed interface Contrastive extends Op {
    /** The largest logit; larger ones are clamped and have no gradient. */
    double MAX_LOGIT = 100;

    /** What becomes of the teacher's similarities. */
    enum Targets {
        /** Used as they are; non-positive targets are masked and rows are not renormalised: what the reference computes. */
        REFERENCE,
        /** As {@link #REFERENCE}, then each row is divided by its sum. */
        NORMALISED,
        /** {@code G = softmax(E Eᵀ / temperature)} along rows. */
        SOFTENED
    }

    /**
     * audio, text, s, and with {@code beta > 0} teacher audio {@code (N, P)} and teacher text {@code (N, P')}, to the loss
     * {@code (1)} and statistics {@code (6, N)}: for the audio side the log-sum-exp of each row of S, the sum of its
     * targets, and the normaliser of its targets (the row sum before division for NORMALISED, the log-sum-exp of the
     * teacher's row for SOFTENED, 1 otherwise); then the same three for the text side, along columns of S.
     */
    record Forward(double beta, Targets targets, double temperature) implements Contrastive {
        /** Checks beta and the temperature. */
        public Forward {
            check(beta, temperature);
        }

        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType audio = operands(beta, this, inputs, 3);
            return List.of(audio.wide(Shape.of(1)), statistics(audio));
        }
    }

    /**
     * audio, text, s, statistics, the loss's gradient {@code (1)}, and with {@code beta > 0} the two teachers, to the
     * gradients of audio, text and s. Teachers have no gradient.
     */
    record Backward(double beta, Targets targets, double temperature) implements Contrastive {
        /** Checks beta and the temperature. */
        public Backward {
            check(beta, temperature);
        }

        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType audio = operands(beta, this, inputs, 5);
            boolean fits = inputs.get(3).equals(statistics(audio)) && isWideScalar(inputs.get(4), audio);
            ShapeException.unless(fits, this, inputs, "audio, text, s, statistics (6, N), dloss (1), teachers");
            return List.of(audio, audio, inputs.get(2));
        }
    }

    private static void check(double beta, double temperature) {
        if (!(beta >= 0 && beta <= 1 && temperature > 0)) {
            throw new IllegalArgumentException(
                    "beta must be in [0, 1] and temperature positive, are %s and %s".formatted(beta, temperature));
        }
    }

    private static TensorType operands(double beta, Op op, List<TensorType> inputs, int teachers) {
        ShapeException.count(beta > 0 ? teachers + 2 : teachers, op, inputs);
        ShapeException.floating(0, 2, op, inputs);
        TensorType audio = inputs.getFirst();
        boolean fits = audio.shape().rank() == 2
                && audio.shape().dim(0) > 0
                && inputs.get(1).equals(audio)
                && isWideScalar(inputs.get(2), audio);
        for (TensorType teacher : inputs.subList(teachers, inputs.size())) {
            fits = fits
                    && teacher.dtype() == audio.dtype()
                    && teacher.shape().rank() == 2
                    && teacher.shape().dim(0) == audio.shape().dim(0);
        }
        ShapeException.unless(fits, op, inputs, "audio and text (N, D) with N > 0, s (1), teachers (N, P) if beta > 0");
        return audio;
    }

    private static TensorType statistics(TensorType audio) {
        return audio.wide(Shape.of(6, audio.shape().dim(0)));
    }

    private static boolean isWideScalar(TensorType type, TensorType audio) {
        return type.shape().size() == 1 && type.dtype() == audio.dtype().wide();
    }
}
