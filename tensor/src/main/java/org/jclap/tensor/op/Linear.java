package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * {@code z = x wᵀ + bias}, for x {@code (..., K)}, w {@code (N, K)}, bias {@code (N)}: one output {@code (..., N)}. With
 * {@code gelu} there are two outputs, {@code GELU(z)} and z, which backward needs: the bias and the activation cost no
 * pass of their own over memory.
 */
public record Linear(boolean gelu) implements Op {
    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(3, this, inputs);
        ShapeException.floating(0, 3, this, inputs);
        Shape x = inputs.get(0).shape();
        Shape w = inputs.get(1).shape();
        boolean fits = x.rank() >= 1
                && w.rank() == 2
                && w.dim(1) == x.last()
                && inputs.get(2).shape().equals(Shape.of(w.dim(0)));
        ShapeException.unless(fits, this, inputs, "x (..., K), w (N, K), bias (N)");
        TensorType y = inputs.getFirst().with(x.with(-1, w.dim(0)));
        return gelu ? List.of(y, y) : List.of(y);
    }
}
