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
            severalValues(this, inputs);
            return List.of(inputs.getFirst(), inputs.get(1), inputs.get(1));
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

    /**
     * {@link Training} with ReLU, then {@link Pool.Forward}, so that the normalised image is never stored: x {@code (B, H,
     * W, C)}, w, b, running mean and running variance to y {@code (B, H / windowHeight, W / windowWidth, C)}, the batch mean
     * and 1 / sqrt(batch variance + eps). The statistics are those of all of x, also of what no window covers.
     */
    record PooledTraining(double eps, double momentum, int windowHeight, int windowWidth) implements BatchNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType y = pooled(windowHeight, windowWidth, 5, this, inputs);
            severalValues(this, inputs);
            return List.of(y, inputs.get(1), inputs.get(1));
        }

        @Override
        public List<Integer> mutates(int inputs) {
            return List.of(3, 4);
        }
    }

    /**
     * x, w, b, mean, 1 / sqrt(var + eps) and dy of {@link PooledTraining} to dx, dw, db. ReLU's sign is that of the
     * normalised x, computed as forward did.
     */
    record PooledBackward(int windowHeight, int windowWidth) implements BatchNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType y = pooled(windowHeight, windowWidth, 6, this, inputs);
            ShapeException.unless(inputs.get(5).equals(y), this, inputs, "dy " + y);
            return List.of(inputs.getFirst(), inputs.get(1), inputs.get(2));
        }
    }

    /** The type of the pooled image. */
    private static TensorType pooled(int height, int width, int count, Op op, List<TensorType> inputs) {
        channels(count, 1, 5, op, inputs);
        TensorType x = inputs.getFirst();
        boolean fits = x.shape().rank() == 4
                && height >= 1
                && height <= x.shape().dim(1)
                && width >= 1
                && width <= x.shape().dim(2);
        ShapeException.unless(
                fits, op, inputs, "x (B, H, W, C) and windows of at least 1 x 1 that are no larger than the image");
        return new Pool.Forward(height, width).infer(List.of(x)).getFirst();
    }

    private static void severalValues(Op op, List<TensorType> inputs) {
        Shape x = inputs.getFirst().shape();
        ShapeException.unless(x.size() != x.last(), op, inputs, "more than one value a channel when training");
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
