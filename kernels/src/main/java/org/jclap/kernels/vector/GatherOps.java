package org.jclap.kernels.vector;

import java.util.Arrays;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.Op;

/** Embedding look-up: table {@code (V, D)}, ids {@code (...)}. */
final class GatherOps {
    /** Elements of one task. */
    private static final int TASK = 16 << 10;
    /** Columns of the table's gradient that one task adds up, in the order of the ids. */
    private static final int STRIP = 64;

    private final Workers workers;

    GatherOps(Workers workers) {
        this.workers = workers;
    }

    void forward(Gather.Forward op, Tensor table, Tensor ids, Tensor y) {
        int rows = table.shape().dim(0);
        int width = table.shape().dim(1);
        check(op, ids, rows);
        int[] id = ids.host().ints();
        workers.parallelRanges(ids.size(), Rows.perTask(ids.size(), width), (from, to) -> {
            for (int i = from; i < to; i++) {
                int row = id[ids.offset() + i];
                System.arraycopy(
                        table.host().floats(),
                        table.offset() + row * width,
                        y.host().floats(),
                        y.offset() + i * width,
                        width);
            }
        });
    }

    /** Parallel over strips of columns, so that equal ids meet in one thread, in their order. */
    void backward(Gather.Backward op, Tensor ids, Tensor dy, Tensor dtable) {
        int width = dy.shape().last();
        check(op, ids, op.rows());
        float[] target = dtable.host().floats();
        int start = dtable.offset();
        workers.parallelRanges(dtable.size(), TASK, (from, to) -> Arrays.fill(target, start + from, start + to, 0f));
        int[] id = ids.host().ints();
        workers.parallelRanges(width, STRIP, (from, to) -> {
            for (int i = 0; i < ids.size(); i++) {
                int row = id[ids.offset() + i];
                if (row != op.paddingRow()) {
                    int at = start + row * width + from;
                    Binary.ADD.run(
                            target, at, dy.host().floats(), dy.offset() + i * width + from, target, at, to - from);
                }
            }
        });
    }

    private static void check(Op op, Tensor ids, int rows) {
        int[] id = ids.host().ints();
        for (int i = 0; i < ids.size(); i++) {
            int row = id[ids.offset() + i];
            if (row < 0 || row >= rows) {
                throw new IndexOutOfBoundsException(
                        "%s: id %d at position %d, the table has %d rows".formatted(op.label(), row, i, rows));
            }
        }
    }
}
