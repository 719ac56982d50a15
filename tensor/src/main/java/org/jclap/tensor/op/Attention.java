package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Scaled dot-product attention with several heads (Vaswani et al., arXiv 1706.03762), never holding more scores than a
 * tile. Head h of q, k, v {@code (B, L, E)} is the slice {@code [h E / heads, (h + 1) E / heads)} of the last axis; scores
 * are scaled by 1 / sqrt(E / heads). The mask {@code (B, L)} is 1 for a key that counts and 0 for padding, whose score
 * becomes the lowest float, as in the reference implementation of BERT. Dropout applies to the probabilities; element
 * {@code ((b heads + h) L + query) L + key} of its stream decides.
 */
public sealed interface Attention extends Op {
    /**
     * q, k, v, mask, and the random state when {@code rate > 0}, to the output {@code (B, L, E)} and the log of the sum of
     * the exponentials of the scores {@code (B, heads, L)}, F32 where q has 16 bits, which backward needs.
     */
    record Forward(int heads, float rate, int stream) implements Attention {
        /** Checks the rate. */
        public Forward {
            Dropout.checkRate(rate);
        }

        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType q = operands(heads, rate, this, inputs, rate > 0 ? 5 : 4);
            return List.of(q, statistics(q, heads));
        }
    }

    /**
     * q, k, v, mask, output, log-sum-exp, the gradient of the output, and the random state when {@code rate > 0}, to dq,
     * dk, dv.
     */
    record Backward(int heads, float rate, int stream) implements Attention {
        /** Checks the rate. */
        public Backward {
            Dropout.checkRate(rate);
        }

        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType q = operands(heads, rate, this, inputs, rate > 0 ? 8 : 7);
            boolean fits = inputs.get(4).equals(q)
                    && inputs.get(5).equals(statistics(q, heads))
                    && inputs.get(6).equals(q);
            ShapeException.unless(fits, this, inputs, "q, k, v, mask, out, lse (B, heads, L), dout");
            return List.of(q, q, q);
        }
    }

    private static TensorType operands(int heads, float rate, Op op, List<TensorType> inputs, int count) {
        ShapeException.count(count, op, inputs);
        ShapeException.floating(0, 4, op, inputs);
        TensorType q = inputs.getFirst();
        Shape shape = q.shape();
        boolean fits = shape.rank() == 3
                && heads > 0
                && shape.dim(2) % heads == 0
                && inputs.get(1).equals(q)
                && inputs.get(2).equals(q)
                && inputs.get(3).equals(q.with(Shape.of(shape.dim(0), shape.dim(1))))
                && (rate == 0 || Dropout.isRandomState(inputs.getLast()));
        ShapeException.unless(fits, op, inputs, "q, k, v (B, L, E) with E a multiple of heads, mask (B, L)");
        return q;
    }

    private static TensorType statistics(TensorType q, int heads) {
        return q.wide(Shape.of(q.shape().dim(0), heads, q.shape().dim(1)));
    }
}
