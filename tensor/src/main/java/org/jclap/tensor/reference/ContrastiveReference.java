package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;

/**
 * The contrastive loss, the mean of its two sides. Backward computes logits and targets again from their definition; the
 * statistics serve backends that go by tiles.
 */
final class ContrastiveReference {
    private ContrastiveReference() {}

    static void forward(Contrastive.Forward op, List<Tensor> in, List<Tensor> out) {
        int n = in.getFirst().shape().dim(0);
        ContrastiveSide audio = side(op, in, 0, 3);
        ContrastiveSide text = side(op, in, 1, 4);
        Elements statistics = Elements.of(out.get(1));
        Elements.of(out.get(0)).set(0, (audio.loss(statistics, 0) + text.loss(statistics, 3 * n)) / 2);
    }

    static void backward(Contrastive.Backward op, List<Tensor> in, List<Tensor> out) {
        Contrastive.Forward forward = new Contrastive.Forward(op.beta(), op.targets(), op.temperature());
        double weight = Elements.of(in.get(4)).get(0) / 2;
        double[] dAudio = new double[out.get(0).size()];
        double[] dText = new double[out.get(1).size()];
        double dLogScale = side(forward, in, 0, 5).gradient(weight, dAudio, dText)
                + side(forward, in, 1, 6).gradient(weight, dText, dAudio);
        Elements.store(dAudio, out.get(0));
        Elements.store(dText, out.get(1));
        Elements.of(out.get(2)).set(0, dLogScale);
    }

    /** The side whose embeddings are input {@code own}, 0 or 1, and whose teacher, if there is one, is another input. */
    private static ContrastiveSide side(Contrastive.Forward op, List<Tensor> in, int own, int teacher) {
        return new ContrastiveSide(
                in.get(own),
                in.get(1 - own),
                in.get(2),
                op.beta() > 0 ? in.get(teacher) : null,
                op.beta(),
                op.targets(),
                op.temperature());
    }
}
