package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** Ops that move elements and change none, for every element type. Where no element moves, the result is a view. */
public sealed interface Layout extends Op {
    /**
     * Where the result begins inside the input, when the result is a contiguous part of it; -1 when elements have to
     * move.
     */
    int viewOffset(Shape input);

    /** The same elements in row-major order under another shape of the same size. Always a view. */
    record Reshape(Shape shape) implements Layout {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            TensorType x = inputs.getFirst();
            ShapeException.unless(x.shape().size() == shape.size(), this, inputs, "as many elements as in " + shape);
            return List.of(x.with(shape));
        }

        @Override
        public int viewOffset(Shape input) {
            return 0;
        }
    }

    /** Axis {@code i} of the result is axis {@code order[i]} of the input. */
    record Permute(List<Integer> order) implements Layout {
        /** Keeps its own copy of the order. */
        public Permute {
            order = List.copyOf(order);
        }

        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            Shape x = inputs.getFirst().shape();
            boolean permutation = order.size() == x.rank()
                    && order.stream().distinct().count() == x.rank()
                    && order.stream().allMatch(a -> a >= 0 && a < x.rank());
            ShapeException.unless(permutation, this, inputs, "an order that names every axis once");
            return List.of(inputs.getFirst()
                    .with(Shape.of(order.stream().mapToInt(x::dim).toArray())));
        }

        @Override
        public int viewOffset(Shape input) {
            int previous = -1;
            for (int axis : order) {
                if (input.dim(axis) != 1) {
                    if (axis < previous) {
                        return -1;
                    }
                    previous = axis;
                }
            }
            return 0;
        }
    }

    /** The indices {@code [from, to)} of one axis. */
    record Slice(int axis, int from, int to) implements Layout {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            Shape x = inputs.getFirst().shape();
            boolean inside = axis >= 0 && axis < x.rank() && from >= 0 && from <= to && to <= x.dim(axis);
            ShapeException.unless(inside, this, inputs, "0 <= from <= to <= extent of the axis");
            return List.of(inputs.getFirst().with(x.with(axis, to - from)));
        }

        @Override
        public int viewOffset(Shape input) {
            int outer = input.product(0, axis);
            return outer == 1 || to - from == input.dim(axis) ? from * input.product(axis + 1, input.rank()) : -1;
        }
    }

    /** Zeros before and after one axis: the backward of {@link Slice}. */
    record Pad(int axis, int before, int after) implements Layout {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(1, this, inputs);
            Shape x = inputs.getFirst().shape();
            boolean legal = axis >= 0 && axis < x.rank() && before >= 0 && after >= 0;
            ShapeException.unless(legal, this, inputs, "an existing axis and non-negative padding");
            return List.of(inputs.getFirst().with(x.with(axis, before + x.dim(axis) + after)));
        }

        @Override
        public int viewOffset(Shape input) {
            return before == 0 && after == 0 ? 0 : -1;
        }
    }

    /** Any number of inputs one after the other along one axis; the other extents are equal. */
    record Concat(int axis) implements Layout {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            TensorType first = inputs.getFirst();
            ShapeException.unless(axis >= 0 && axis < first.shape().rank(), this, inputs, "an existing axis");
            int extent = 0;
            for (TensorType input : inputs) {
                boolean fits = input.shape().rank() == first.shape().rank()
                        && input.with(input.shape().with(axis, 0))
                                .equals(first.with(first.shape().with(axis, 0)));
                ShapeException.unless(fits, this, inputs, "inputs of one type that differ only along the axis");
                extent += input.shape().dim(axis);
            }
            return List.of(first.with(first.shape().with(axis, extent)));
        }

        @Override
        public int viewOffset(Shape input) {
            return -1;
        }
    }
}
