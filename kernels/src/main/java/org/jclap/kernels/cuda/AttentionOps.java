package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.ATTENTION;
import static org.jclap.kernels.cuda.Family.TENSOR_ATTENTION;

import java.util.List;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;

/**
 * {@code attention.cu} and, on tensor cores, {@code tensor_attention.cu}: kernels are named for the padded width of a head and
 * the element type.
 */
final class AttentionOps {
    private static final int SMALL = 32;
    private static final int MEDIUM = 64;
    private static final int LARGE = 128;

    private final Launcher launcher;
    /** Rows and threads of a block on tensor cores. */
    private static final int TENSOR_ROWS = 64;

    private static final int TENSOR_THREADS = 128;

    private final DeviceMemory memory;
    private final TensorCores tensorCores;

    AttentionOps(Launcher launcher, DeviceMemory memory, TensorCores tensorCores) {
        this.launcher = launcher;
        this.memory = memory;
        this.tensorCores = tensorCores;
    }

    void forward(Attention.Forward op, List<Tensor> in, List<Tensor> out) {
        Heads heads = heads(op, op.heads(), in.getFirst());
        if (heads.isEmpty()) {
            return;
        }
        kernel("attention_", heads, in.subList(0, 4));
        out.forEach(launcher::tensor);
        launch(heads, DropoutMask.ofLast(op.rate(), op.stream(), in), heads.queries());
    }

    void backward(Attention.Backward op, List<Tensor> in, List<Tensor> out) {
        Heads heads = heads(op, op.heads(), in.getFirst());
        if (heads.isEmpty()) {
            return;
        }
        DropoutMask dropout = DropoutMask.ofLast(op.rate(), op.stream(), in);
        Tensor logSums = in.get(5);
        Tensor dy = in.get(6);
        try (Workspace deltas = memory.workspace((long) Float.BYTES * heads.count * heads.length)) {
            kernel("attention_queries_", heads, in.subList(0, 5))
                    .tensor(logSums)
                    .tensor(dy)
                    .tensor(out.get(0))
                    .address(deltas.address());
            launch(heads, dropout, heads.tile());
            kernel("attention_keys_", heads, in.subList(0, 4))
                    .tensor(logSums)
                    .tensor(dy)
                    .address(deltas.address())
                    .tensor(out.get(1))
                    .tensor(out.get(2));
            launch(heads, dropout, heads.tile());
        }
    }

    /**
     * The shapes; {@code count} is that of the heads in all batches together, {@code padded} the width kernels have, {@code
     * tensor} whether they run on tensor cores.
     */
    private record Heads(int count, int heads, int length, int width, int padded, boolean tensor) {
        boolean isEmpty() {
            return count == 0 || length == 0;
        }

        /** Rows that a block of the backward kernels owns. */
        int tile() {
            return tensor ? TENSOR_ROWS : padded == LARGE ? 16 : 32;
        }

        /** Queries that a block of the forward kernel owns. */
        int queries() {
            return tensor ? TENSOR_ROWS : 2 * tile();
        }

        int threads() {
            return tensor ? TENSOR_THREADS : Launcher.THREADS;
        }

        int[] struct() {
            return new int[] {heads, length, width, Float.floatToRawIntBits((float) (1 / Math.sqrt(width)))};
        }
    }

    private Heads heads(Op op, int heads, Tensor q) {
        int width = q.shape().dim(2) / heads;
        if (width > LARGE) {
            throw new UserException(
                    "%s: heads of %d channels are beyond the CUDA kernel's %d; --device vector computes it"
                            .formatted(op.label(), width, LARGE));
        }
        int padded = width <= SMALL ? SMALL : width <= MEDIUM ? MEDIUM : LARGE;
        boolean tensor = padded < LARGE && q.dtype() != DType.F32 && tensorCores.multiply(q.dtype());
        return new Heads(q.shape().dim(0) * heads, heads, q.shape().dim(1), width, padded, tensor);
    }

    private Launcher kernel(String name, Heads heads, List<Tensor> inputs) {
        launcher.kernel(
                heads.tensor ? TENSOR_ATTENTION : ATTENTION,
                name + heads.padded,
                inputs.getFirst().dtype());
        inputs.forEach(launcher::tensor);
        return launcher;
    }

    private void launch(Heads heads, DropoutMask dropout, int rows) {
        launcher.struct(heads.struct())
                .struct(dropout.struct())
                .grid((int) (heads.count * Launcher.ceilDiv(heads.length, rows)), 1, 1, heads.threads(), 1);
    }
}
