package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.MATRIX;
import static org.jclap.kernels.cuda.Family.TENSOR_MATRIX;

import java.util.List;
import java.util.Locale;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * {@code matrix.cu} and, on tensor cores, {@code tensor_matrix.cu}: kernels are named for the layouts of both operands, the
 * tile, and the element type. Where cuBLAS is there, it multiplies, and bias and GELU follow in a pass of their own.
 */
final class MatrixOps {
    private static final int MAX_GRID = 65_535;

    private final Launcher launcher;
    private final TensorCores tensorCores;
    private final @Nullable Cublas cublas;

    MatrixOps(Launcher launcher, TensorCores tensorCores, @Nullable Cublas cublas) {
        this.launcher = launcher;
        this.tensorCores = tensorCores;
        this.cublas = cublas;
    }

    /** The sizes of a product, as the struct {@code Product}; the strides are from one matrix of a batch to the next. */
    record Product(int m, int n, int k, int batch, long strideA, long strideB) {
        boolean isEmpty() {
            return m == 0 || n == 0 || batch == 0;
        }

        int[] struct() {
            return new int[] {
                m, n, k, batch, (int) strideA, (int) (strideA >>> 32), (int) strideB, (int) (strideB >>> 32)
            };
        }

        Tile tile(DType type) {
            return type == DType.F32 && Tile.FMA_LARGE.fillsDevice(m, n, batch) ? Tile.FMA_LARGE : Tile.FMA_SMALL;
        }
    }

    void matmul(MatMul op, Tensor a, Tensor b, Tensor y) {
        Shape result = y.shape();
        int batch = result.product(0, result.rank() - 2);
        int m = result.dim(-2);
        int n = result.dim(-1);
        int k = a.shape().dim(op.transposeA() ? -2 : -1);
        boolean shared = b.shape().rank() == 2;
        // One b for all rows: the batch is no more than further rows of a.
        Product product = shared && !op.transposeA()
                ? new Product(batch * m, n, k, 1, 0, 0)
                : new Product(m, n, k, batch, (long) m * k, shared ? 0 : (long) k * n);
        if (product.isEmpty()) {
            return;
        }
        String layouts = (op.transposeA() ? "t" : "n") + (op.transposeB() ? "t" : "n");
        if (cublas != null) {
            cublas.multiply(product, op.transposeA(), op.transposeB(), a, b, y);
        } else if (tensorCores.multiply(y.dtype())) {
            multiplyOnTensorCores(layouts, product, List.of(a, b, y), 0, 0);
        } else {
            multiply("gemm_" + layouts, product, List.of(a, b, y));
        }
    }

    void linear(Linear op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor w = in.get(1);
        Tensor bias = in.get(2);
        int rows = x.shape().product(0, x.shape().rank() - 1);
        Product product = new Product(rows, w.shape().dim(0), w.shape().dim(1), 1, 0, 0);
        if (product.isEmpty()) {
            return;
        }
        if (cublas != null) {
            Tensor z = out.getLast();
            cublas.multiply(product, false, true, x, w, z);
            addBias(op.gelu() ? "bias_gelu" : "bias", out, bias);
        } else if (tensorCores.multiply(x.dtype())) {
            long z = op.gelu() ? CudaStorage.address(out.get(1)) : 0;
            multiplyOnTensorCores("nt", product, List.of(x, w, out.getFirst()), z, CudaStorage.address(bias));
        } else if (op.gelu()) {
            multiply("linear_gelu", product, List.of(x, w, out.get(0), out.get(1), bias));
        } else {
            multiply("linear", product, List.of(x, w, out.get(0), bias));
        }
    }

    /** {@code z += bias} along the last axis, and {@code y = GELU(z)} if asked. */
    private void addBias(String kernel, List<Tensor> out, Tensor bias) {
        Tensor z = out.getLast();
        launcher.kernel(MATRIX, kernel, z.dtype());
        out.forEach(launcher::tensor);
        launcher.tensor(bias).i32(z.size()).i32(bias.size()).forEachPack(z);
    }

    /** Launches a kernel whose parameters are these tensors and the sizes. */
    private void multiply(String kernel, Product product, List<Tensor> tensors) {
        DType type = tensors.getFirst().dtype();
        Tile tile = product.tile(type);
        launcher.kernel(MATRIX, kernel + "_" + tile.label(), type);
        tensors.forEach(launcher::tensor);
        launcher.struct(product.struct())
                .grid(tile.count(product.m, product.n), 1, Math.min(product.batch, MAX_GRID), tile.threads(), 1);
    }

    /** The layouts nt have a bias, and GELU with what it is of in {@code z}, both 0 where there is none. */
    private void multiplyOnTensorCores(String layouts, Product product, List<Tensor> tensors, long z, long bias) {
        boolean linear = layouts.equals("nt");
        DType type = tensors.getFirst().dtype();
        Tile tile = layouts.equals("tt") ? Tile.SMALL : tensorCores.tile(type, product.m, product.n, product.batch);
        launcher.kernel(
                TENSOR_MATRIX,
                "%s_%s_%s"
                        .formatted(linear ? "linear" : "gemm_" + layouts, tile.label(), TensorCores.name(type))
                        .toLowerCase(Locale.ROOT));
        tensors.forEach(launcher::tensor);
        if (linear) {
            launcher.address(z).address(bias);
        }
        launcher.struct(product.struct())
                .shared(tile.shared())
                .grid(tile.count(product.m, product.n), 1, Math.min(product.batch, MAX_GRID), tile.threads(), 1);
    }
}
