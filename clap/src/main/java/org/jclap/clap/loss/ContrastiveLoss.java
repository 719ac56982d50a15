package org.jclap.clap.loss;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jspecify.annotations.Nullable;

/**
 * The hard and soft contrastive loss of arXiv 2305.01864; see {@link Contrastive} for its definition.
 *
 * @param beta the weight of the teacher's similarities; 0 is the hard loss
 */
public record ContrastiveLoss(double beta, Contrastive.Targets targets, double temperature) {
    /** The hard loss. */
    public static ContrastiveLoss hard() {
        return new ContrastiveLoss(0, Contrastive.Targets.REFERENCE, 1);
    }

    /** The soft loss as the reference computes it. */
    public static ContrastiveLoss soft(double beta) {
        return new ContrastiveLoss(beta, Contrastive.Targets.REFERENCE, 1);
    }

    /** The embeddings of a teacher for the same batch, L2-normalised: audio {@code (N, P)} and text {@code (N, P')}. */
    public record Teacher(Tensor audio, Tensor text) {}

    /**
     * The loss of a batch, {@code (1)}.
     *
     * @param audio L2-normalised, {@code (N, D)}
     * @param text L2-normalised, {@code (N, D)}; row i belongs to row i of audio
     * @param logitScale the logarithm of the factor on similarities
     * @param teacher needed when beta is positive
     */
    public Tensor of(Tensor audio, Tensor text, Tensor logitScale, @Nullable Teacher teacher) {
        List<Tensor> inputs = new ArrayList<>(List.of(audio, text, logitScale));
        if (beta > 0) {
            if (teacher == null) {
                throw new IllegalArgumentException("a soft loss (beta %s) needs a teacher".formatted(beta));
            }
            inputs.add(teacher.audio());
            inputs.add(teacher.text());
        }
        return Tensor.applyAll(new Contrastive.Forward(beta, targets, temperature), inputs)
                .getFirst();
    }
}
