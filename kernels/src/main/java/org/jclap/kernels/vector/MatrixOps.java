package org.jclap.kernels.vector;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.type.Shape;

/** Products: of matrices, with a bias and an activation, and convolutions. */
final class MatrixOps {
    private final Gemm gemm;
    private final Convolution convolution;
    private final ConstantWeights constants;

    MatrixOps(Workers workers) {
        gemm = new Gemm(workers);
        convolution = new Convolution(workers);
        constants = new ConstantWeights(workers);
    }

    void matmul(MatMul op, Tensor a, Tensor b, Tensor y) {
        Shape result = y.shape();
        int batch = result.product(0, result.rank() - 2);
        int m = result.dim(-2);
        int n = result.dim(-1);
        int k = a.shape().dim(op.transposeA() ? -2 : -1);
        Matrix left = matrix(a, op.transposeA());
        Matrix right = matrix(b, op.transposeB());
        float[] c = y.host().floats();
        if (b.shape().rank() > 2 || op.transposeA()) {
            int shift = b.shape().rank() > 2 ? k * n : 0;
            gemm.multiplyBatch(batch, m, n, k, 1f, left, m * k, right, shift, c, y.offset(), n, m * n, false);
        } else {
            // One b for all: the batch is no more than further rows of a.
            multiply(batch * m, n, k, left, b, right, y, Epilogue.NONE);
        }
    }

    void linear(Linear op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor w = in.get(1);
        Tensor bias = in.get(2);
        Tensor y = out.getFirst();
        int k = w.shape().dim(1);
        int n = w.shape().dim(0);
        int rows = x.shape().product(0, x.shape().rank() - 1);
        Epilogue.Bias epilogue = Epilogue.bias(bias.host().floats(), bias.offset());
        if (op.gelu()) {
            Tensor z = out.get(1);
            epilogue = Epilogue.activated(bias.host().floats(), bias.offset(), Unary.GELU)
                    .keeping(z.host().floats(), z.offset(), n);
        }
        multiply(rows, n, k, matrix(x, false), w, matrix(w, true), y, epilogue);
    }

    /** {@code y(m, n) = epilogue(a b)} with b a view of w. */
    private void multiply(int m, int n, int k, Matrix a, Tensor w, Matrix b, Tensor y, Epilogue epilogue) {
        float[] c = y.host().floats();
        if (w.storage().isConstant() && m > 1) {
            Panels columns = constants.columns(w, b, n, k);
            gemm.multiply(m, n, k, 1f, a.asLeft(), columns, c, y.offset(), n, false, epilogue);
        } else {
            gemm.multiply(m, n, k, 1f, a, b, c, y.offset(), n, false, epilogue);
        }
    }

    /** The last two axes as a matrix; of all leading axes, the first one. */
    private static Matrix matrix(Tensor tensor, boolean transposed) {
        Matrix matrix = Matrix.rowMajor(
                tensor.host().floats(), tensor.offset(), tensor.shape().last());
        return transposed ? matrix.transposed() : matrix;
    }

    void forward(org.jclap.tensor.op.Convolution.Forward op, Tensor x, Tensor w, Tensor y) {
        convolve(shape(x.shape(), w.shape(), op.stride(), op.padding()), x, w, y, Epilogue.NONE);
    }

    void normalized(org.jclap.tensor.op.Convolution.Normalized op, List<Tensor> in, Tensor y) {
        Tensor x = in.get(0);
        Tensor w = in.get(1);
        Epilogue epilogue = Epilogue.Normalisation.of(
                NormOps.array(in.get(2)),
                NormOps.array(in.get(3)),
                NormOps.array(in.get(4)),
                NormOps.array(in.get(5)),
                (float) op.eps(),
                op.relu(),
                y.shape().last());
        convolve(shape(x.shape(), w.shape(), op.stride(), op.padding()), x, w, y, epilogue);
    }

    private void convolve(ConvShape shape, Tensor x, Tensor w, Tensor y, Epilogue epilogue) {
        convolution.forward(
                shape,
                x.host().floats(),
                x.offset(),
                w.host().floats(),
                w.offset(),
                y.host().floats(),
                y.offset(),
                epilogue);
    }

    void backwardInput(org.jclap.tensor.op.Convolution.BackwardInput op, Tensor w, Tensor dy, Tensor dx) {
        ConvShape shape = shape(dx.shape(), w.shape(), op.stride(), op.padding());
        convolution.backwardData(
                shape,
                dy.host().floats(),
                dy.offset(),
                w.host().floats(),
                w.offset(),
                dx.host().floats(),
                dx.offset());
    }

    void backwardWeight(org.jclap.tensor.op.Convolution.BackwardWeight op, Tensor x, Tensor dy, Tensor dw) {
        ConvShape shape = shape(x.shape(), dw.shape(), op.stride(), op.padding());
        convolution.backwardWeights(
                shape,
                x.host().floats(),
                x.offset(),
                dy.host().floats(),
                dy.offset(),
                dw.host().floats(),
                dw.offset());
    }

    /** The sizes of a convolution of x {@code (B, H, W, C_in)} with w {@code (C_out, C_in, KH, KW)}. */
    private static ConvShape shape(Shape x, Shape w, int stride, int padding) {
        return new ConvShape(x.dim(0), x.dim(1), x.dim(2), x.dim(3), w.dim(0), w.dim(2), w.dim(3), stride, padding);
    }
}
