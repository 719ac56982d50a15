package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Two-dimensional cross-correlation without bias. Images are channels-last {@code (B, H, W, C)}; weights keep the
 * published order {@code (C_out, C_in, KH, KW)}. Stride and zero padding are the same on both sides and axes.
 */
public sealed interface Convolution extends Op {
    /** x {@code (B, H, W, C_in)}, w {@code (C_out, C_in, KH, KW)} to y {@code (B, H', W', C_out)}. */
    record Forward(int stride, int padding) implements Convolution {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            return List.of(result(this, inputs, stride, padding));
        }
    }

    /**
     * {@link Forward}, then {@link BatchNorm.Inference} of its result while that is in the cache; for inference, without a
     * gradient. x, w, and {@code (C_out)}: the normalisation's w and b, running mean, running variance, F32 where x has 16
     * bits; to y.
     */
    record Normalized(int stride, int padding, double eps, boolean relu) implements Convolution {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(6, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            TensorType y = result(this, inputs, stride, padding);
            TensorType channels = y.wide(Shape.of(y.shape().last()));
            boolean fits = inputs.subList(2, 6).stream().allMatch(channels::equals);
            ShapeException.unless(fits, this, inputs, "parameters of the normalisation (C_out)");
            return List.of(y);
        }
    }

    /** w and dy {@code (B, H', W', C_out)} to dx {@code (B, height, width, C_in)}. */
    record BackwardInput(int stride, int padding, int height, int width) implements Convolution {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            Shape w = inputs.get(0).shape();
            Shape dy = inputs.get(1).shape();
            boolean fits = w.rank() == 4
                    && dy.rank() == 4
                    && dy.dim(3) == w.dim(0)
                    && dy.dim(1) == extent(height, w.dim(2), stride, padding)
                    && dy.dim(2) == extent(width, w.dim(3), stride, padding);
            ShapeException.unless(fits, this, inputs, "w (C_out, C_in, KH, KW), dy (B, H', W', C_out)");
            return List.of(inputs.getFirst().with(Shape.of(dy.dim(0), height, width, w.dim(1))));
        }
    }

    /** x and dy to dw {@code (C_out, C_in, kernelHeight, kernelWidth)}. */
    record BackwardWeight(int stride, int padding, int kernelHeight, int kernelWidth) implements Convolution {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            Shape x = inputs.get(0).shape();
            Shape dy = inputs.get(1).shape();
            boolean fits = x.rank() == 4
                    && dy.rank() == 4
                    && x.dim(0) == dy.dim(0)
                    && dy.dim(1) == extent(x.dim(1), kernelHeight, stride, padding)
                    && dy.dim(2) == extent(x.dim(2), kernelWidth, stride, padding);
            ShapeException.unless(fits, this, inputs, "x (B, H, W, C_in), dy (B, H', W', C_out)");
            return List.of(inputs.getFirst().with(Shape.of(dy.dim(3), x.dim(3), kernelHeight, kernelWidth)));
        }
    }

    /** What a convolution makes of x and w, the first inputs. */
    private static TensorType result(Op op, List<TensorType> inputs, int stride, int padding) {
        Shape x = inputs.get(0).shape();
        Shape w = inputs.get(1).shape();
        boolean fits = x.rank() == 4 && w.rank() == 4 && x.dim(3) == w.dim(1);
        ShapeException.unless(fits, op, inputs, "x (B, H, W, C_in), w (C_out, C_in, KH, KW)");
        int height = extent(x.dim(1), w.dim(2), stride, padding);
        int width = extent(x.dim(2), w.dim(3), stride, padding);
        ShapeException.unless(height >= 0 && width >= 0, op, inputs, "a padded image no smaller than the kernel");
        return inputs.getFirst().with(Shape.of(x.dim(0), height, width, w.dim(0)));
    }

    /** The extent of the result along one axis; negative when the kernel does not fit. */
    private static int extent(int input, int kernel, int stride, int padding) {
        return Math.floorDiv(input + 2 * padding - kernel, stride) + 1;
    }
}
