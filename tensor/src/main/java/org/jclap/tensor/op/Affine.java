package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.TensorType;

/** {@code scale x + shift} with constants, elementwise. */
public record Affine(double scale, double shift) implements Op {
    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(1, this, inputs);
        ShapeException.floating(0, 1, this, inputs);
        return inputs;
    }
}
