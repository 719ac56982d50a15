package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.type.Shape;

/** Reductions: the tensor is seen as {@code (outer, n, inner)}, and n values become one. */
final class ReductionReference {
    private ReductionReference() {}

    static void reduce(Reduction.Reduce op, Tensor input, Tensor output) {
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        Shape shape = input.shape();
        int n = shape.product(op.from(), op.to());
        int inner = shape.product(op.to(), shape.rank());
        for (int i = 0; i < y.size(); i++) {
            int first = first(i, n, inner);
            double sum = 0;
            double max = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < n; k++) {
                double value = x.get(first + k * inner);
                sum += value;
                max = Math.max(max, value);
            }
            y.set(
                    i,
                    switch (op.kind()) {
                        case SUM -> sum;
                        case MEAN -> sum / n;
                        case MAX -> max;
                    });
        }
    }

    static void maxBackward(Reduction.MaxBackward op, Tensor input, Tensor gradient, Tensor output) {
        Elements x = Elements.of(input);
        Elements dy = Elements.of(gradient);
        Elements dx = Elements.of(output);
        Shape shape = input.shape();
        int n = shape.product(op.from(), op.to());
        int inner = shape.product(op.to(), shape.rank());
        for (int i = 0; i < dy.size(); i++) {
            int first = first(i, n, inner);
            int largest = first;
            for (int k = 0; k < n; k++) {
                int j = first + k * inner;
                dx.set(j, 0);
                if (isLarger(x.get(j), x.get(largest))) {
                    largest = j;
                }
            }
            if (n > 0) {
                dx.set(largest, dy.get(i));
            }
        }
    }

    /** The order of {@code Reduce(MAX)}: a NaN is larger than any number. */
    private static boolean isLarger(double a, double b) {
        return a > b || (Double.isNaN(a) && !Double.isNaN(b));
    }

    static void sumOfSquares(List<Tensor> inputs, Tensor output) {
        double sum = 0;
        for (Tensor input : inputs) {
            Elements x = Elements.of(input);
            for (int i = 0; i < x.size(); i++) {
                sum += x.get(i) * x.get(i);
            }
        }
        Elements.of(output).set(0, sum);
    }

    /** Where the values of result {@code i} begin; they are {@code inner} apart. */
    private static int first(int i, int n, int inner) {
        return i / inner * n * inner + i % inner;
    }
}
