package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BroadcastTo;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.type.Shape;

/**
 * Ops that move elements. For those along one axis a tensor is {@code (outer, extent, inner)}: for each outer index, the
 * rows of {@code inner} elements that belong to a range of the axis lie together.
 */
final class LayoutReference {
    private LayoutReference() {}

    static void permute(Layout.Permute op, Tensor input, Tensor output) {
        int[] order = op.order().stream().mapToInt(Integer::intValue).toArray();
        move(IndexMap.permute(input.shape(), order), input, output);
    }

    static void broadcast(BroadcastTo op, Tensor input, Tensor output) {
        move(IndexMap.broadcast(input.shape(), op.shape()), input, output);
    }

    private static void move(IndexMap map, Tensor input, Tensor output) {
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        for (int i = 0; i < y.size(); i++) {
            x.copyTo(map.source(i), y, i, 1);
        }
    }

    static void slice(Layout.Slice op, Tensor input, Tensor output) {
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        int outer = input.shape().product(0, op.axis());
        int row = rowLength(input.shape(), op.axis());
        int inner = inner(input.shape(), op.axis());
        int length = (op.to() - op.from()) * inner;
        for (int o = 0; o < outer; o++) {
            x.copyTo(o * row + op.from() * inner, y, o * length, length);
        }
    }

    static void pad(Layout.Pad op, Tensor input, Tensor output) {
        Elements y = Elements.of(output);
        for (int i = 0; i < y.size(); i++) {
            y.set(i, 0);
        }
        place(input, output, op.axis(), op.before());
    }

    static void concat(Layout.Concat op, List<Tensor> parts, Tensor output) {
        int position = 0;
        for (Tensor part : parts) {
            place(part, output, op.axis(), position);
            position += part.shape().dim(op.axis());
        }
    }

    /** Writes the whole of {@code part} into {@code target}, from index {@code position} of the axis on. */
    private static void place(Tensor part, Tensor target, int axis, int position) {
        Elements x = Elements.of(part);
        Elements y = Elements.of(target);
        int outer = part.shape().product(0, axis);
        int length = rowLength(part.shape(), axis);
        int row = rowLength(target.shape(), axis);
        int start = position * inner(target.shape(), axis);
        for (int o = 0; o < outer; o++) {
            x.copyTo(o * length, y, o * row + start, length);
        }
    }

    private static int inner(Shape shape, int axis) {
        return shape.product(axis + 1, shape.rank());
    }

    private static int rowLength(Shape shape, int axis) {
        return shape.product(axis, shape.rank());
    }
}
