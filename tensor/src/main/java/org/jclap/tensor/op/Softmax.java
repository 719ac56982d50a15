package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.TensorType;

/** Softmax over the last axis, or its logarithm, shifted by the largest element so that nothing overflows. */
public sealed interface Softmax extends Op {
    /** x {@code (..., C)} to y of the same shape. */
    record Forward(boolean log) implements Softmax {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            ShapeException.unless(inputs.getFirst().shape().rank() >= 1, this, inputs, "x (..., C)");
            return inputs;
        }
    }

    /** The output y and dy to dx: {@code y (dy - Σ dy y)}, or for the logarithm {@code dy - e^y Σ dy}. */
    record Backward(boolean log) implements Softmax {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            ShapeException.unless(inputs.get(0).equals(inputs.get(1)), this, inputs, "y and dy of one shape");
            return List.of(inputs.getFirst());
        }
    }
}
