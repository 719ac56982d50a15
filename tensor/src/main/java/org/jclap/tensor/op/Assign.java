package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.TensorType;

/** Ops that change their first input in place and have no output. They are not differentiable. */
public sealed interface Assign extends Op {
    /** target = value, everywhere. */
    record Fill(double value) implements Assign {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            return List.of();
        }
    }

    /** target = source: inputs of the same shape and type. */
    record Copy() implements Assign {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            return sameTypes(this, inputs);
        }
    }

    /** target += scale source: floating inputs of the same shape and type. */
    record Accumulate(double scale) implements Assign {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.floating(0, inputs.size(), this, inputs);
            return sameTypes(this, inputs);
        }
    }

    @Override
    default List<Integer> mutates(int inputs) {
        return List.of(0);
    }

    private static List<TensorType> sameTypes(Op op, List<TensorType> inputs) {
        ShapeException.count(2, op, inputs);
        ShapeException.unless(
                inputs.get(0).equals(inputs.get(1)), op, inputs, "target and source of the same shape and type");
        return List.of();
    }
}
