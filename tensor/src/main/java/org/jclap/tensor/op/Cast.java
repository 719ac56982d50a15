package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.TensorType;

/** The same values in another element type, rounded to nearest, ties to even. */
public record Cast(DType to) implements Op {
    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(1, this, inputs);
        return List.of(new TensorType(inputs.getFirst().shape(), to));
    }
}
