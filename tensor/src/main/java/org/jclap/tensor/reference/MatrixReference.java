package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;

/** Matrix products. */
final class MatrixReference {
    private MatrixReference() {}

    static void matmul(MatMul op, Tensor left, Tensor right, Tensor output) {
        double[] a = Elements.copy(left);
        double[] b = Elements.copy(right);
        Elements y = Elements.of(output);
        int rank = output.shape().rank();
        int batch = output.shape().product(0, rank - 2);
        int rows = output.shape().dim(-2);
        int columns = output.shape().dim(-1);
        int inner = left.shape().dim(op.transposeA() ? -2 : -1);
        boolean shared = right.shape().rank() == 2;
        for (int n = 0; n < batch; n++) {
            int startA = n * rows * inner;
            int startB = shared ? 0 : n * inner * columns;
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    double sum = 0;
                    for (int k = 0; k < inner; k++) {
                        double aik = a[startA + (op.transposeA() ? k * rows + i : i * inner + k)];
                        double bkj = b[startB + (op.transposeB() ? j * inner + k : k * columns + j)];
                        sum += aik * bkj;
                    }
                    y.set((n * rows + i) * columns + j, sum);
                }
            }
        }
    }

    static void linear(Linear op, Tensor input, Tensor weight, Tensor shift, List<Tensor> outputs) {
        double[] x = Elements.copy(input);
        double[] w = Elements.copy(weight);
        Elements bias = Elements.of(shift);
        Elements y = Elements.of(outputs.getFirst());
        int inner = weight.shape().dim(1);
        int columns = weight.shape().dim(0);
        int rows = input.shape().product(0, input.shape().rank() - 1);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double z = bias.get(j);
                for (int k = 0; k < inner; k++) {
                    z += x[i * inner + k] * w[j * inner + k];
                }
                if (op.gelu()) {
                    y.set(i * columns + j, ScalarMath.gelu(z));
                    Elements.of(outputs.get(1)).set(i * columns + j, z);
                } else {
                    y.set(i * columns + j, z);
                }
            }
        }
    }
}
