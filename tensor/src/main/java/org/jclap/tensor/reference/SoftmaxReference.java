package org.jclap.tensor.reference;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.type.Shape;

/** Softmax over the last axis of {@code (..., C)}. */
final class SoftmaxReference {
    private SoftmaxReference() {}

    static void forward(Softmax.Forward op, Tensor input, Tensor output) {
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        int channels = input.shape().last();
        double[] row = new double[channels];
        for (int r = 0; r < rows(input.shape()); r++) {
            for (int c = 0; c < channels; c++) {
                row[c] = x.get(r * channels + c);
            }
            double[] p = softmax(row);
            double logSum = logSumExp(row);
            for (int c = 0; c < channels; c++) {
                y.set(r * channels + c, op.log() ? row[c] - logSum : p[c]);
            }
        }
    }

    static void backward(Softmax.Backward op, Tensor result, Tensor gradient, Tensor output) {
        Elements y = Elements.of(result);
        Elements dy = Elements.of(gradient);
        Elements dx = Elements.of(output);
        int channels = result.shape().last();
        for (int r = 0; r < rows(result.shape()); r++) {
            double sum = 0;
            for (int c = r * channels; c < (r + 1) * channels; c++) {
                sum += op.log() ? dy.get(c) : dy.get(c) * y.get(c);
            }
            for (int c = r * channels; c < (r + 1) * channels; c++) {
                dx.set(c, op.log() ? dy.get(c) - Math.exp(y.get(c)) * sum : y.get(c) * (dy.get(c) - sum));
            }
        }
    }

    /** e^x / Σ e^x. */
    static double[] softmax(double[] values) {
        double max = max(values);
        double sum = shiftedSum(values, max);
        double[] p = new double[values.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(values[i] - max) / sum;
        }
        return p;
    }

    /** ln Σ e^x. */
    static double logSumExp(double[] values) {
        double max = max(values);
        return max + Math.log(shiftedSum(values, max));
    }

    /** Σ e^(x - max): no term overflows, and one of them is 1. */
    private static double shiftedSum(double[] values, double max) {
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - max);
        }
        return sum;
    }

    private static double max(double[] values) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            max = Math.max(max, value);
        }
        return max;
    }

    private static int rows(Shape shape) {
        return shape.product(0, shape.rank() - 1);
    }
}
