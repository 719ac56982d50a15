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
        statistics(op.eps(), op.momentum(), size, in, out);
        kernel("training", x);
        normalise(in, out);
        sizes(size).i32(op.relu() ? 1 : 0);
        forElements(x);
    }

    void pooledTraining(BatchNorm.PooledTraining op, List<Tensor> in, List<Tensor> out) {
        Tensor y = out.getFirst();
        Size size = Size.of(in.getFirst());
        if (size.channels == 0) {
            return;
        }
        statistics(op.eps(), op.momentum(), size, in, out);
        kernel("pooled_training", y);
        normalise(in, out);
        sizes(Size.of(y)).struct(PoolingOps.windows(in.getFirst(), op.windowHeight(), op.windowWidth(), y));
        forElements(y);
    }

    /** x, w, b, mean, rstd, y. */
    private void normalise(List<Tensor> in, List<Tensor> out) {
        in.subList(0, 3).forEach(launcher::tensor);
        launcher.tensor(out.get(1)).tensor(out.get(2)).tensor(out.get(0));
    }

    /** Those of the batch and the running ones. */
    private void statistics(double eps, double momentum, Size size, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.getFirst();
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
            forChunks(size).f32((float) eps).f32((float) momentum);
            launcher.grid(size.blocks(), 1, 1, CHANNELS, LINES_OVER_CHUNKS);
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
            kernel("gradient_sums", x).tensor(x);
            in.subList(2, 6).forEach(launcher::tensor);
            sums(size, parts).i32(relu).grid(size.chunks(), size.blocks(), 1, CHANNELS, LINES);
            parameterGradients(size, parts, out);
        }
        kernel("input_gradient", x);
        in.forEach(launcher::tensor);
        gradients(out);
        sizes(size).i32(relu);
        forElements(x);
    }

    void pooledBackward(BatchNorm.PooledBackward op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor dy = in.get(5);
        Size size = Size.of(dy);
        if (size.channels == 0) {
            return;
        }
        int[] windows = PoolingOps.windows(x, op.windowHeight(), op.windowWidth(), dy);
        try (Workspace parts = memory.workspace(2 * size.bytes())) {
            kernel("pooled_gradient_sums", x);
            in.forEach(launcher::tensor);
            sums(size, parts).struct(windows).grid(size.chunks(), size.blocks(), 1, CHANNELS, LINES);
            parameterGradients(size, parts, out);
        }
        kernel("pooled_input_gradient", x);
        in.forEach(launcher::tensor);
        gradients(out);
        sizes(Size.of(x)).struct(windows);
        forElements(x);
    }

    /** Where the sums of the chunks go, and how they are cut. */
    private Launcher sums(Size size, Workspace parts) {
        launcher.address(parts.address()).address(parts.address() + size.bytes());
        return forChunks(size);
    }

    private void parameterGradients(Size size, Workspace parts, List<Tensor> out) {
        launcher.kernel(BATCH_NORM, "parameter_gradients", DType.F32)
                .address(parts.address())
                .address(parts.address() + size.bytes())
                .tensor(out.get(1))
                .tensor(out.get(2))
                .i32(size.chunks())
                .i32(size.channels)
                .grid(size.blocks(), 1, 1, CHANNELS, LINES_OVER_CHUNKS);
    }

    /** dw, db, dx. */
    private void gradients(List<Tensor> out) {
        launcher.tensor(out.get(1)).tensor(out.get(2)).tensor(out.get(0));
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
