package org.jclap.tensor.reference;

import org.jclap.tensor.type.Shape;

/**
 * Says for each element of a row-major result which element of the input it is: the coordinates of the result, each
 * times the distance that a step along that axis covers in the input.
 */
final class IndexMap {
    private final int[] extents;
    private final int[] steps;

    private IndexMap(int[] extents, int[] steps) {
        this.extents = extents;
        this.steps = steps;
    }

    /** Axes are aligned at the end; along an axis that is repeated, a step covers nothing. */
    static IndexMap broadcast(Shape input, Shape result) {
        int[] steps = new int[result.rank()];
        int[] inputSteps = rowMajor(input);
        int added = result.rank() - input.rank();
        for (int axis = 0; axis < input.rank(); axis++) {
            steps[added + axis] = input.dim(axis) == 1 ? 0 : inputSteps[axis];
        }
        return new IndexMap(result.toArray(), steps);
    }

    /** Axis i of the result is axis {@code order[i]} of the input. */
    static IndexMap permute(Shape input, int[] order) {
        int[] extents = new int[order.length];
        int[] steps = new int[order.length];
        int[] inputSteps = rowMajor(input);
        for (int axis = 0; axis < order.length; axis++) {
            extents[axis] = input.dim(order[axis]);
            steps[axis] = inputSteps[order[axis]];
        }
        return new IndexMap(extents, steps);
    }

    private static int[] rowMajor(Shape shape) {
        int[] steps = new int[shape.rank()];
        for (int axis = 0; axis < steps.length; axis++) {
            steps[axis] = shape.product(axis + 1, shape.rank());
        }
        return steps;
    }

    /** The input's element for element {@code index} of the result. */
    int source(int index) {
        int rest = index;
        int source = 0;
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            source += rest % extents[axis] * steps[axis];
            rest /= extents[axis];
        }
        return source;
    }
}
