package org.jclap.kernels.vector;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.type.Shape;

/**
 * Ops that move elements. For those along one axis a tensor is {@code (outer, extent, inner)}: for each outer index, the
 * elements that belong to a range of the axis lie together.
 */
final class LayoutOps {
    /** Elements of one task. */
    private static final int TASK = 16 << 10;

    private final Workers workers;
    private final Elementwise kernel;

    LayoutOps(Workers workers) {
        this.workers = workers;
        this.kernel = new Elementwise(workers);
    }

    void permute(Layout.Permute op, Tensor x, Tensor y) {
        int rank = x.shape().rank();
        int[] strides = op.order().stream()
                .mapToInt(axis -> x.shape().product(axis + 1, rank))
                .toArray();
        Strided source = new Strided(x.host().floats(), x.offset(), y.shape().toArray(), strides);
        if (Transpose.suits(source)) {
            Transpose.run(workers, source, y.host().floats(), y.offset());
        } else {
            kernel.copy(source, y.host().floats(), y.offset(), y.size());
        }
    }

    void slice(Layout.Slice op, Tensor x, Tensor y) {
        int inner = inner(x.shape(), op.axis());
        int length = (op.to() - op.from()) * inner;
        int row = x.shape().dim(op.axis()) * inner;
        copyRows(x, op.from() * inner, row, y, 0, length, x.shape().product(0, op.axis()), length);
    }

    void pad(Layout.Pad op, Tensor x, Tensor y) {
        int inner = inner(x.shape(), op.axis());
        int row = y.shape().dim(op.axis()) * inner;
        float[] target = y.host().floats();
        int start = op.before() * inner;
        int end = row - op.after() * inner;
        rows(y.shape().product(0, op.axis()), row, o -> {
            int at = y.offset() + o * row;
            Arrays.fill(target, at, at + start, 0f);
            Arrays.fill(target, at + end, at + row, 0f);
        });
        place(x, y, op.axis(), op.before());
    }

    void concat(Layout.Concat op, List<Tensor> parts, Tensor y) {
        int position = 0;
        for (Tensor part : parts) {
            place(part, y, op.axis(), position);
            position += part.shape().dim(op.axis());
        }
    }

    /** Writes the whole of {@code part} into {@code target}, from index {@code position} of the axis on. */
    private void place(Tensor part, Tensor target, int axis, int position) {
        int inner = inner(part.shape(), axis);
        int length = part.shape().dim(axis) * inner;
        int row = target.shape().dim(axis) * inner;
        copyRows(part, 0, length, target, position * inner, row, part.shape().product(0, axis), length);
    }

    private void copyRows(Tensor x, int xStart, int xStride, Tensor y, int yStart, int yStride, int rows, int length) {
        rows(
                rows,
                length,
                o -> System.arraycopy(
                        x.host().floats(),
                        x.offset() + xStart + o * xStride,
                        y.host().floats(),
                        y.offset() + yStart + o * yStride,
                        length));
    }

    private void rows(int rows, int length, IntConsumer body) {
        workers.parallelRanges(rows, Math.max(1, TASK / Math.max(1, length)), (from, to) -> {
            for (int o = from; o < to; o++) {
                body.accept(o);
            }
        });
    }

    private static int inner(Shape shape, int axis) {
        return shape.product(axis + 1, shape.rank());
    }
}
