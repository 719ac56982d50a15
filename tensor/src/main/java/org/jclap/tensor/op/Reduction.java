package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** Ops that reduce axes. Sums run in a fixed order in blocks, so that they are reproducible and their error stays small. */
public sealed interface Reduction extends Op {
    /** How several values become one. */
    enum Kind {
        /** The sum; 0 of nothing. */
        SUM,
        /** The arithmetic mean; NaN of nothing. */
        MEAN,
        /** The largest; NaN wins. Of nothing it is an error. */
        MAX
    }

    /** Reduces the axes {@code [from, to)}; they are gone in the result, or have extent 1 with {@code keep}. */
    record Reduce(Kind kind, int from, int to, boolean keep) implements Reduction {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            Shape x = inputs.getFirst().shape();
            ShapeException.unless(from >= 0 && from <= to && to <= x.rank(), this, inputs, "existing axes");
            ShapeException.unless(
                    kind != Kind.MAX || x.product(from, to) > 0, this, inputs, "something to take the maximum of");
            return List.of(inputs.getFirst().with(reduced(x)));
        }

        private Shape reduced(Shape x) {
            if (!keep) {
                return x.without(from, to);
            }
            Shape shape = x;
            for (int axis = from; axis < to; axis++) {
                shape = shape.with(axis, 1);
            }
            return shape;
        }
    }

    /**
     * The gradient of {@code Reduce(MAX, from, to)}: inputs x and dy (the reduced shape, with or without kept axes); dy
     * goes to the first largest element.
     */
    record MaxBackward(int from, int to) implements Reduction {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(2, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            Shape x = inputs.get(0).shape();
            int reduced = x.product(0, from) * x.product(to, x.rank());
            ShapeException.unless(inputs.get(1).shape().size() == reduced, this, inputs, "x and its reduced gradient");
            return List.of(inputs.getFirst());
        }
    }

    /** The sum of the squares of all elements of all inputs, as one number of shape {@code (1)}: a squared norm. */
    record SumOfSquares() implements Reduction {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.floating(0, inputs.size(), this, inputs);
            return List.of(inputs.getFirst().with(Shape.of(1)));
        }
    }
}
