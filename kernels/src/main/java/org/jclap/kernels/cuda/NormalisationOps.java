package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.NORMALISATION;

import java.util.List;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.type.Shape;

/** {@code normalisation.cu}: kernels are named for the op and the element type. */
final class NormalisationOps {
    private static final int WARP = 32;
    private static final int ROWS_OF_BLOCK = 8;

    /** Up to so many channels, a warp has a row to itself. */
    private static final int CHANNELS_OF_WARP = 1024;

    /** Rows whose share of the parameters' gradients one block sums. */
    private static final int CHUNK = 256;

    private final Launcher launcher;
    private final DeviceMemory memory;
    private final ReductionOps reductions;

    NormalisationOps(Launcher launcher, DeviceMemory memory, ReductionOps reductions) {
        this.launcher = launcher;
        this.memory = memory;
        this.reductions = reductions;
    }

    void softmax(Softmax.Forward op, Tensor x, Tensor y) {
        kernel(op.log() ? "log_softmax" : "softmax", x).tensor(x).tensor(y);
        forRows(x);
    }

    void softmaxBackward(Softmax.Backward op, Tensor y, Tensor dy, Tensor dx) {
        kernel(op.log() ? "log_softmax_backward" : "softmax_backward", y)
                .tensor(y)
                .tensor(dy)
                .tensor(dx);
        forRows(y);
    }

    void layerNorm(LayerNorm.Forward op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.getFirst();
        tensors(kernel("layer_norm", x), in, out);
        forRows(x, (float) op.eps());
    }

    void residual(LayerNorm.Residual op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.getFirst();
        tensors(kernel("layer_norm_residual", x), in.subList(0, 4), out);
        sizes(x).f32((float) op.eps())
                .struct(DropoutMask.ofLast(op.rate(), op.stream(), in).struct());
        launch(x);
    }

    void layerNormBackward(List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        tensors(kernel("layer_norm_backward", x), in, out.subList(0, 1));
        forRows(x);
        int channels = x.shape().last();
        int chunks = (int) Math.max(1, Launcher.ceilDiv(rows(x), CHUNK));
        long bytes = (long) Float.BYTES * chunks * channels;
        if (channels > 0) {
            try (Workspace parts = memory.workspace(2 * bytes)) {
                kernel("layer_norm_parameters", x)
                        .tensor(x)
                        .tensor(in.get(2))
                        .tensor(in.get(3))
                        .tensor(in.get(4))
                        .address(parts.address())
                        .address(parts.address() + bytes);
                sizes(x).i32(CHUNK).grid(chunks, (int) Launcher.ceilDiv(channels, WARP), 1, WARP, ROWS_OF_BLOCK);
                reductions.sumOfRows(parts.address(), chunks, channels, out.get(1));
                reductions.sumOfRows(parts.address() + bytes, chunks, channels, out.get(2));
            }
        }
    }

    private Launcher kernel(String name, Tensor x) {
        return launcher.kernel(NORMALISATION, name, x.dtype());
    }

    private static void tensors(Launcher launcher, List<Tensor> in, List<Tensor> out) {
        in.forEach(launcher::tensor);
        out.forEach(launcher::tensor);
    }

    private Launcher sizes(Tensor x) {
        return launcher.i32(rows(x)).i32(x.shape().last());
    }

    private void forRows(Tensor x) {
        sizes(x);
        launch(x);
    }

    private void forRows(Tensor x, float parameter) {
        sizes(x).f32(parameter);
        launch(x);
    }

    private void launch(Tensor x) {
        int rows = rows(x);
        if (x.size() == 0) {
            return;
        }
        if (x.shape().last() <= CHANNELS_OF_WARP) {
            launcher.grid((int) Launcher.ceilDiv(rows, ROWS_OF_BLOCK), 1, 1, WARP, ROWS_OF_BLOCK);
        } else {
            launcher.grid(rows, 1, 1, Launcher.THREADS, 1);
        }
    }

    private static int rows(Tensor x) {
        Shape shape = x.shape();
        return shape.product(0, shape.rank() - 1);
    }
}
