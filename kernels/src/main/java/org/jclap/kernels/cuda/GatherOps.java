package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.GATHER;

import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.Op;

/** {@code gather.cu}: ids that are not in the table are reported through {@link Faults}. */
final class GatherOps {
    private static final int WARP = 32;
    private static final int ROWS_OF_BLOCK = 8;

    /** As in the source: ids that a block sorts, runs that a pass merges, rows of the sorted order that a block sums. */
    private static final int TILE = 2048;

    private static final int WAYS = 8;
    private static final int CHUNK = 64;

    private final Launcher launcher;
    private final DeviceMemory memory;
    private final LayoutOps layouts;
    private final Faults faults;

    GatherOps(Launcher launcher, DeviceMemory memory, LayoutOps layouts, Faults faults) {
        this.launcher = launcher;
        this.memory = memory;
        this.layouts = layouts;
        this.faults = faults;
    }

    void forward(Gather.Forward op, Tensor table, Tensor ids, Tensor y) {
        if (ids.size() == 0) {
            return;
        }
        int rows = table.shape().dim(0);
        launcher.kernel(GATHER, "gather_b" + 8 * y.dtype().bytes())
                .tensor(table)
                .tensor(ids)
                .tensor(y)
                .i32(ids.size())
                .i32(rows)
                .i32(table.shape().dim(1))
                .address(fault(op, rows))
                .grid((int) Launcher.ceilDiv(ids.size(), ROWS_OF_BLOCK), 1, 1, WARP, ROWS_OF_BLOCK);
    }

    void backward(Gather.Backward op, Tensor ids, Tensor dy, Tensor dtable) {
        layouts.fill(new Assign.Fill(0), dtable);
        int n = ids.size();
        if (n == 0) {
            return;
        }
        int width = dy.shape().last();
        int chunks = (int) Launcher.ceilDiv(n, CHUNK);
        long parts = (long) Float.BYTES * chunks * width;
        try (Workspace sums = memory.workspace(2 * parts);
                Workspace keys = memory.workspace(2L * Long.BYTES * n)) {
            long heads = sums.address();
            long tails = heads + parts;
            long order = sort(op, ids, keys.address());
            if (width > 0) {
                sorted("gather_sums", op, order, dy).tensor(dy).tensor(dtable);
                columns(heads, tails, chunks, width);
                sorted("gather_join", op, order, dy).tensor(dtable);
                columns(heads, tails, chunks, width);
            }
        }
    }

    /** Sorts by id and position; returns where the n keys are, in one half of {@code work} for twice as many. */
    private long sort(Gather.Backward op, Tensor ids, long work) {
        int n = ids.size();
        long from = work;
        long to = work + (long) Long.BYTES * n;
        launcher.kernel(GATHER, "gather_sort")
                .tensor(ids)
                .address(from)
                .i32(n)
                .i32(op.rows())
                .address(fault(op, op.rows()))
                .grid((int) Launcher.ceilDiv(n, TILE), 1, 1, Launcher.THREADS, 1);
        for (long run = TILE; run < n; run *= WAYS) {
            launcher.kernel(GATHER, "gather_merge")
                    .address(from)
                    .address(to)
                    .i32(n)
                    .i32((int) run)
                    .forEach(n, 1);
            long merged = to;
            to = from;
            from = merged;
        }
        return from;
    }

    private Launcher sorted(String name, Gather.Backward op, long order, Tensor dy) {
        return launcher.kernel(GATHER, name, dy.dtype())
                .address(order)
                .i32(dy.size() / dy.shape().last())
                .i32(op.rows())
                .i32(op.paddingRow());
    }

    private void columns(long heads, long tails, int chunks, int width) {
        int threads = Math.min(Launcher.THREADS, (int) Launcher.ceilDiv(width, WARP) * WARP);
        launcher.address(heads)
                .address(tails)
                .i32(width)
                .grid(chunks, (int) Launcher.ceilDiv(width, threads), 1, threads, 1);
    }

    private long fault(Op op, int rows) {
        return faults.word(op.label() + ": id %d at position %d, the table has " + rows + " rows");
    }
}
