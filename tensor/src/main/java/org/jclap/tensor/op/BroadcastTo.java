package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** Repeats axes of extent 1, and adds axes in front, until the input has this shape. */
public record BroadcastTo(Shape shape) implements Op {
    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(1, this, inputs);
        ShapeException.floating(0, 1, this, inputs);
        ShapeException.unless(
                inputs.getFirst().shape().broadcastsTo(shape), this, inputs, "a shape that broadcasts to " + shape);
        return List.of(inputs.getFirst().with(shape));
    }
}
