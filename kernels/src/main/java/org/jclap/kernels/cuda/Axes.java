package org.jclap.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A row-major result and the distances at which its elements lie in one or two operands, with as few axes as will do: the
 * struct {@code Axes} of {@code common.cuh}.
 */
final class Axes {
    private static final int MAX_RANK = 6;

    private final List<Axis> axes;

    private Axes(List<Axis> axes) {
        this.axes = axes;
    }

    /** One axis of the result, and the distance of neighbours on it in each operand. */
    private record Axis(int extent, int a, int b) {
        /** Whether this axis and the next one, further in, are one longer axis in every operand. */
        boolean continuesIn(Axis inner) {
            return a == inner.a * inner.extent && b == inner.b * inner.extent;
        }
    }

    /** Both operands repeated along axes of extent 1 until they have the shape of the result. */
    static Axes broadcast(Shape a, Shape b, Shape result) {
        return of(result, strides(a, result), strides(b, result));
    }

    /** One operand, repeated. */
    static Axes broadcast(Shape operand, Shape result) {
        int[] strides = strides(operand, result);
        return of(result, strides, strides);
    }

    /** One operand whose axis {@code order[i]} is axis i of the result. */
    static Axes permuted(Shape operand, List<Integer> order, Shape result) {
        int[] strides = order.stream()
                .mapToInt(axis -> operand.product(axis + 1, operand.rank()))
                .toArray();
        return of(result, strides, strides);
    }

    private static int[] strides(Shape operand, Shape result) {
        int[] strides = new int[result.rank()];
        int added = result.rank() - operand.rank();
        for (int axis = 0; axis < operand.rank(); axis++) {
            strides[added + axis] = operand.dim(axis) == 1 ? 0 : operand.product(axis + 1, operand.rank());
        }
        return strides;
    }

    private static Axes of(Shape result, int[] a, int[] b) {
        List<Axis> axes = new ArrayList<>();
        for (int i = 0; i < result.rank(); i++) {
            Axis axis = new Axis(result.dim(i), a[i], b[i]);
            if (axis.extent != 1) {
                if (!axes.isEmpty() && axes.getLast().continuesIn(axis)) {
                    axis = new Axis(axes.removeLast().extent * axis.extent, axis.a, axis.b);
                }
                axes.add(axis);
            }
        }
        if (axes.isEmpty()) {
            axes.add(new Axis(1, 0, 0));
        }
        if (axes.size() > MAX_RANK) {
            throw new IllegalArgumentException(
                    "%s needs %d different axes, kernels have %d".formatted(result, axes.size(), MAX_RANK));
        }
        return new Axes(axes);
    }

    /** The extents as {@code (batch, rows, columns)} when the operand is {@code (batch, columns, rows)}; null otherwise. */
    int @Nullable [] transposition() {
        int first = axes.size() - 2;
        if (first < 0 || first > 1) {
            return null;
        }
        Axis rows = axes.get(first);
        Axis columns = axes.get(first + 1);
        int batch = first == 0 ? 1 : axes.getFirst().extent;
        boolean swapped = rows.a == 1
                && columns.a == rows.extent
                && (first == 0 || axes.getFirst().a == rows.extent * columns.extent);
        return swapped ? new int[] {batch, rows.extent, columns.extent} : null;
    }

    /** The fields of the struct, in order. */
    int[] struct() {
        int[] fields = new int[1 + 3 * MAX_RANK];
        fields[0] = axes.size();
        for (int i = 0; i < axes.size(); i++) {
            fields[1 + i] = axes.get(i).extent;
            fields[1 + MAX_RANK + i] = axes.get(i).a;
            fields[1 + 2 * MAX_RANK + i] = axes.get(i).b;
        }
        return fields;
    }
}
