package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.POOLING;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Pool;

/** {@code pooling.cu}. */
final class PoolingOps {
    private final Launcher launcher;

    PoolingOps(Launcher launcher) {
        this.launcher = launcher;
    }

    void forward(Pool.Forward op, Tensor x, Tensor y) {
        launch("pool", x, y, windows(x, op.windowHeight(), op.windowWidth(), y));
    }

    void backward(Pool.Backward op, Tensor dy, Tensor dx) {
        launch("pool_backward", dy, dx, windows(dx, op.windowHeight(), op.windowWidth(), dy));
    }

    private void launch(String kernel, Tensor from, Tensor to, int[] windows) {
        launcher.kernel(POOLING, kernel, to.dtype())
                .tensor(from)
                .tensor(to)
                .i32(to.size())
                .struct(windows)
                .forEach(to.size(), Launcher.packWithin(to));
    }

    /** The struct {@code Windows}. */
    static int[] windows(Tensor image, int height, int width, Tensor pooled) {
        return new int[] {
            image.shape().dim(1),
            image.shape().dim(2),
            image.shape().dim(3),
            height,
            width,
            pooled.shape().dim(1),
            pooled.shape().dim(2)
        };
    }
}
