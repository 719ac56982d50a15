package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.type.Shape;

/** The scores of every head of q and k {@code (B, L, E)}; a head of a batch is counted {@code b heads + h}. */
final class AttentionHeads {
    /** The score of a key that does not count. */
    private static final double MASKED = -Float.MAX_VALUE;

    private final int heads;
    private final int batch;
    private final int length;
    private final int width;
    private final double scale;
    private final double[] q;
    private final double[] k;
    private final double[] mask;

    /** The heads of an op whose first inputs are q, k, v, mask. */
    AttentionHeads(int heads, List<Tensor> in) {
        Shape shape = in.getFirst().shape();
        this.heads = heads;
        this.batch = shape.dim(0);
        this.length = shape.dim(1);
        this.width = shape.dim(2) / heads;
        this.scale = 1 / Math.sqrt(width);
        this.q = Elements.copy(in.get(0));
        this.k = Elements.copy(in.get(1));
        this.mask = Elements.copy(in.get(3));
    }

    /** How many heads there are in all batches together. */
    int count() {
        return batch * heads;
    }

    /** L. */
    int length() {
        return length;
    }

    /** E / heads. */
    int width() {
        return width;
    }

    /** Where element {@code d} of a head lies at one position of the sequence. */
    int at(int head, int position, int d) {
        return (head / heads * length + position) * heads * width + head % heads * width + d;
    }

    /** The number of a probability in the stream of {@link Attention}'s dropout. */
    int element(int head, int query, int key) {
        return (head * length + query) * length + key;
    }

    /** The scores of one query against every key. */
    double[] scores(int head, int query) {
        double[] scores = new double[length];
        for (int key = 0; key < length; key++) {
            double dot = 0;
            for (int d = 0; d < width; d++) {
                dot += q[at(head, query, d)] * k[at(head, key, d)];
            }
            scores[key] = counts(head, key) ? scale * dot : MASKED;
        }
        return scores;
    }

    /** Adds what the gradient of one score gives to those of q and k; a masked score depends on neither. */
    void scoreGradient(int head, int query, int key, double gradient, double[] dq, double[] dk) {
        if (counts(head, key)) {
            for (int d = 0; d < width; d++) {
                dq[at(head, query, d)] += scale * gradient * k[at(head, key, d)];
                dk[at(head, key, d)] += scale * gradient * q[at(head, query, d)];
            }
        }
    }

    private boolean counts(int head, int key) {
        return mask[head / heads * length + key] != 0;
    }
}
