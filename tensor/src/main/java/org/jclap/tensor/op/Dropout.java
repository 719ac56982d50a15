package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.TensorType;

/**
 * Inputs {@code x} of any shape and the random state, I64 {@code (2)} = seed and step. Element i is dropped (0) where
 * {@code Philox.uniform(word(seed, step, stream, i)) < rate}, else scaled by 1 / (1 - rate). The same op applied to the
 * gradient is its backward: the mask is recomputed, not stored.
 *
 * @param rate the share that is dropped, in [0, 1)
 * @param stream which random stream of the step; every dropout of a model has its own
 */
public record Dropout(float rate, int stream) implements Op {
    /** Checks the rate. */
    public Dropout {
        checkRate(rate);
    }

    static void checkRate(float rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout rate must be in [0, 1), is " + rate);
        }
    }

    /** Whether a type is that of the random state. */
    static boolean isRandomState(TensorType type) {
        return type.dtype() == DType.I64 && type.shape().size() == 2;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(2, this, inputs);
        ShapeException.floating(0, 1, this, inputs);
        ShapeException.unless(isRandomState(inputs.get(1)), this, inputs, "x and a random state I64(2)");
        return List.of(inputs.getFirst());
    }
}
