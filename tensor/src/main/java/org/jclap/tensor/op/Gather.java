package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** Embedding look-up: rows of a table by id. */
public sealed interface Gather extends Op {
    /**
     * table {@code (V, D)}, ids I32 {@code (...)} to {@code (..., D)}. An id outside [0, V) is an error.
     *
     * @param paddingRow a row that receives no gradient, or -1
     */
    record Forward(int paddingRow) implements Gather {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            TensorType table = inputs.getFirst();
            TensorType ids = inputs.get(1);
            boolean fits = table.shape().rank() == 2 && ids.dtype() == DType.I32;
            ShapeException.unless(fits, this, inputs, "table (V, D) and ids I32 (...)");
            return List.of(table.with(ids.shape().append(table.shape().dim(1))));
        }
    }

    /** ids and dy {@code (..., D)} to the table's gradient {@code (rows, D)}; equal ids add up in a fixed order. */
    record Backward(int rows, int paddingRow) implements Gather {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(1, 2, this, inputs);
            TensorType ids = inputs.get(0);
            TensorType dy = inputs.get(1);
            boolean fits = ids.dtype() == DType.I32
                    && dy.shape().rank() >= 1
                    && dy.shape().equals(ids.shape().append(dy.shape().last()));
            ShapeException.unless(fits, this, inputs, "ids I32 (...) and dy (..., D)");
            return List.of(dy.with(Shape.of(rows, dy.shape().last())));
        }
    }
}
