package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * {@code op(a) op(b)} over the last two axes. Both inputs have the same leading axes, or {@code b} is a matrix that every
 * batch shares. With {@code transposeA}, a is {@code (..., K, M)}; with {@code transposeB}, b is {@code (..., N, K)}; the
 * result is {@code (..., M, N)}. K may be 0: the result is then 0.
 */
public record MatMul(boolean transposeA, boolean transposeB) implements Op {
    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(2, this, inputs);
        ShapeException.floating(0, 2, this, inputs);
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        ShapeException.unless(a.rank() >= 2 && b.rank() >= 2, this, inputs, "two inputs of rank 2 or more");
        int inner = a.dim(transposeA ? -2 : -1);
        ShapeException.unless(inner == b.dim(transposeB ? -1 : -2), this, inputs, "equal inner extents");
        Shape batchA = a.without(a.rank() - 2, a.rank());
        Shape batchB = b.without(b.rank() - 2, b.rank());
        ShapeException.unless(
                batchB.rank() == 0 || batchA.equals(batchB), this, inputs, "equal leading axes, or a matrix b");
        int rows = a.dim(transposeA ? -1 : -2);
        int columns = b.dim(transposeB ? -2 : -1);
        return List.of(inputs.getFirst().with(batchA.append(rows).append(columns)));
    }
}
