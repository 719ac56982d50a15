package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.BATCH_NORM;

import java.util.List;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.type.DType;

/** {@code batch_norm.cu}: sums over the rows by chunks, then over the chunks, then a pass over the elements. */
final class BatchNormOps {
    /** Channels of a block that sums. */
    private static final int CHANNELS = 32;

    private static final int LINES = 8;
    private static final int LINES_OVER_CHUNKS = 32;

    /** Blocks that keep the largest device busy. */
    private static final int MANY_BLOCKS = 1024;

    private static final int SHORTEST_CHUNK = 128;

    private final Launcher launcher;
    private final DeviceMemory memory;

    BatchNormOps(Launcher launcher, DeviceMemory memory) {
        this.launcher = launcher;
        this.memory = memory;
    }

    /** {@code (rows, channels)}, and the rows that one block sums: a function of the shape alone, as results depend on it. */
    private record Size(int rows, int channels, int chunk) {
        static Size of(Tensor x) {
            int channels = x.shape().last();
            int rows = channels == 0 ? 0 : x.size() / channels;
            long chunk = Launcher.ceilDiv(rows * Launcher.ceilDiv(channels, CHANNELS), MANY_BLOCKS);
            return new Size(rows, channels, (int) Math.max(SHORTEST_CHUNK, chunk));
        }

        int chunks() {
            return (int) Math.max(1, Launcher.ceilDiv(rows, chunk));
        }

        int blocks() {
            return (int) Launcher.ceilDiv(channels, CHANNELS);
        }

        /** Of the results of the chunks. */
        long bytes() {
            return (long) Float.BYTES * chunks() * channels;
        }
    }

    void training(BatchNorm.Training op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Size size = Size.of(x);
        if (size.channels == 0) {
            return;
        }
        try (Workspace parts = memory.workspace(2 * size.bytes())) {
            long means = parts.address();
            long squares = means + size.bytes();
            kernel("moments", x).tensor(x).address(means).address(squares);
            forChunks(size);
            launcher.grid(size.chunks(), size.blocks(), 1, CHANNELS, LINES);
            launcher.kernel(BATCH_NORM, "statistics", DType.F32)
                    .address(means)
                    .address(squares)
                    .tensor(in.get(3))
                    .tensor(in.get(4))
                    .tensor(out.get(1))
                    .tensor(out.get(2));
            forChunks(size).f32((float) op.eps()).f32((float) op.momentum());
            launcher.grid(size.blocks(), 1, 1, CHANNELS, LINES_OVER_CHUNKS);
            kernel("training", x)
                    .tensor(x)
                    .tensor(in.get(1))
                    .tensor(in.get(2))
                    .tensor(out.get(1))
                    .tensor(out.get(2))
                    .tensor(out.get(0));
            sizes(size).i32(op.relu() ? 1 : 0);
            forElements(x);
        }
    }

    void inference(BatchNorm.Inference op, List<Tensor> in, Tensor y) {
        kernel("inference", y);
        in.forEach(launcher::tensor);
        launcher.tensor(y);
        sizes(Size.of(y)).i32(op.relu() ? 1 : 0).f32((float) op.eps());
        forElements(y);
    }

    void backward(BatchNorm.Backward op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Size size = Size.of(x);
        if (size.channels == 0) {
            return;
        }
        int relu = op.relu() ? 1 : 0;
        try (Workspace parts = memory.workspace(2 * size.bytes())) {
            long dw = parts.address();
            long db = dw + size.bytes();
            kernel("gradient_sums", x).tensor(x);
            in.subList(2, 6).forEach(launcher::tensor);
            launcher.address(dw).address(db);
            forChunks(size).i32(relu).grid(size.chunks(), size.blocks(), 1, CHANNELS, LINES);
            launcher.kernel(BATCH_NORM, "parameter_gradients", DType.F32)
                    .address(dw)
                    .address(db)
                    .tensor(out.get(1))
                    .tensor(out.get(2))
                    .i32(size.chunks())
                    .i32(size.channels)
                    .grid(size.blocks(), 1, 1, CHANNELS, LINES_OVER_CHUNKS);
            kernel("input_gradient", x);
            in.forEach(launcher::tensor);
            launcher.tensor(out.get(1)).tensor(out.get(2)).tensor(out.get(0));
            sizes(size).i32(relu);
            forElements(x);
        }
    }

    private Launcher kernel(String name, Tensor x) {
        return launcher.kernel(BATCH_NORM, name, x.dtype());
    }

    private Launcher sizes(Size size) {
        return launcher.i32(size.rows).i32(size.channels);
    }

    private Launcher forChunks(Size size) {
        return sizes(size).i32(size.chunk);
    }

    /** At least one thread for each pack of a row; a few rows each where there are many. */
    private void forElements(Tensor x) {
        if (x.size() > 0) {
            long perBlock = (long) Launcher.THREADS * Launcher.packWithin(x);
            long blocks = Math.min(Launcher.ceilDiv(x.size(), perBlock), 4 * MANY_BLOCKS);
            long ofRow = Launcher.ceilDiv(x.shape().last(), perBlock);
            launcher.grid((int) Math.max(blocks, ofRow), 1, 1, Launcher.THREADS, 1);
        }
    }
}
