package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Normalisation of each channel over all other axes, for channels-last x {@code (..., C)}; every other operand is {@code
 * (C)} and F32 where x has 16 bits. With {@code relu} the result is clamped at 0 in the same pass. Semantics of PyTorch: the batch is normalised with
 * the biased variance, the running variance is updated with the unbiased one.
 */
public sealed interface BatchNorm extends Op {
    /**
     * x, w, b, running mean and running variance (both updated in place: {@code (1 - momentum) old + momentum new}) to y,
     * the batch mean, and 1 / sqrt(batch variance + eps). Needs more than one value a channel.
     */
    record Training(double eps, double momentum, boolean relu) implements BatchNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            channels(5, 1, 5, this, inputs);
            TensorType x = inputs.getFirst();
            ShapeException.unless(
                    x.shape().size() != x.shape().last(), this, inputs, "more than one value a channel when training");
            return List.of(x, inputs.get(1), inputs.get(1));
        }

        @Override
        public List<Integer> mutates(int inputs) {
            return List.of(3, 4);
        }
    }

    /** x, w, b, running mean, running variance to y. */
    record Inference(double eps, boolean relu) implements BatchNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            channels(5, 1, 5, this, inputs);
            return List.of(inputs.getFirst());
        }
    }

    /** x, w, mean, 1 / sqrt(var + eps), y and dy of {@link Training} to dx, dw, db; y serves as ReLU's sign. */
    record Backward(boolean relu) implements BatchNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            channels(6, 1, 4, this, inputs);
            TensorType x = inputs.getFirst();
            boolean fits = inputs.get(4).equals(x) && inputs.get(5).equals(x);
            ShapeException.unless(fits, this, inputs, "x, w (C), mean (C), rstd (C), y and dy of x's shape");
            return List.of(x, inputs.get(1), inputs.get(1));
        }
    }

    private static void channels(int count, int from, int to, Op op, List<TensorType> inputs) {
        ShapeException.count(count, op, inputs);
        ShapeException.floating(0, 1, op, inputs);
        TensorType x = inputs.getFirst();
        boolean fits = x.shape().rank() >= 1
                && inputs.subList(from, to).stream()
                        .allMatch(x.wide(Shape.of(x.shape().last()))::equals);
        ShapeException.unless(fits, op, inputs, "x (..., C) and parameters (C), which are F32 where x has 16 bits");
    }
}
