package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Normalisation over the last axis: {@code (x - mean) / sqrt(var + eps) w + b} with the biased variance. Parameters and
 * statistics are F32 where x has 16 bits.
 */
public sealed interface LayerNorm extends Op {
    /** x {@code (..., C)}, w {@code (C)}, b {@code (C)} to y, mean {@code (...)} and 1 / sqrt(var + eps) {@code (...)}. */
    record Forward(double eps) implements LayerNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(3, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            TensorType x = inputs.getFirst();
            ShapeException.unless(channels(x, inputs.subList(1, 3)), this, inputs, "x (..., C), w (C), b (C)");
            return List.of(x, statistics(x), statistics(x));
        }
    }

    /**
     * {@code s = x + dropout(r)}, then as {@link Forward} of s as it is stored: inputs x {@code (..., C)}, r of the same
     * shape, w, b, and the random state when {@code rate > 0} (see {@link Dropout}); outputs y, s, mean, 1 / sqrt(var +
     * eps). The residual step of a transformer in one pass over memory.
     */
    record Residual(double eps, float rate, int stream) implements LayerNorm {
        /** Checks the rate. */
        public Residual {
            Dropout.checkRate(rate);
        }

        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(rate > 0 ? 5 : 4, this, inputs);
            ShapeException.floating(0, 2, this, inputs);
            TensorType x = inputs.getFirst();
            boolean fits = x.equals(inputs.get(1))
                    && channels(x, inputs.subList(2, 4))
                    && (rate == 0 || Dropout.isRandomState(inputs.get(4)));
            ShapeException.unless(fits, this, inputs, "x and r (..., C), w (C), b (C), random state if rate > 0");
            return List.of(x, x, statistics(x), statistics(x));
        }
    }

    /** The normalised x, w, mean, 1 / sqrt(var + eps), dy to dx, dw, db. */
    record Backward() implements LayerNorm {
        @Override
        public List<TensorType> infer(List<TensorType> inputs) {
            ShapeException.count(5, this, inputs);
            ShapeException.floating(0, 1, this, inputs);
            TensorType x = inputs.getFirst();
            boolean fits = channels(x, inputs.subList(1, 2))
                    && inputs.get(2).equals(statistics(x))
                    && inputs.get(3).equals(statistics(x))
                    && inputs.get(4).equals(x);
            ShapeException.unless(fits, this, inputs, "x (..., C), w (C), mean (...), rstd (...), dy (..., C)");
            return List.of(x, inputs.get(1), inputs.get(1));
        }
    }

    private static TensorType statistics(TensorType x) {
        return x.wide(x.shape().without(x.shape().rank() - 1, x.shape().rank()));
    }

    private static boolean channels(TensorType x, List<TensorType> parameters) {
        return x.shape().rank() >= 1
                && parameters.stream().allMatch(x.wide(Shape.of(x.shape().last()))::equals);
    }
}
