package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** Average pooling of channels-last images with stride = window; a remainder at the end of an axis is dropped. */
public sealed interface Pool extends Op {
    /** x {@code (B, H, W, C)} to {@code (B, H / windowHeight, W / windowWidth, C)}. */
    record Forward(int windowHeight, int windowWidth) implements Pool {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            Shape x = inputs.getFirst().shape();
            ShapeException.unless(x.rank() == 4, this, inputs, "x (B, H, W, C)");
            return List.of(inputs.getFirst()
                    .with(Shape.of(x.dim(0), x.dim(1) / windowHeight, x.dim(2) / windowWidth, x.dim(3))));
        }
    }

    /** dy to dx {@code (B, height, width, C)}; dropped elements have gradient 0. */
    record Backward(int windowHeight, int windowWidth, int height, int width) implements Pool {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            Shape dy = inputs.getFirst().shape();
            boolean fits = dy.rank() == 4 && dy.dim(1) == height / windowHeight && dy.dim(2) == width / windowWidth;
            ShapeException.unless(fits, this, inputs, "dy (B, H', W', C) of the pooled extents");
            return List.of(inputs.getFirst().with(Shape.of(dy.dim(0), height, width, dy.dim(3))));
        }
    }
}
