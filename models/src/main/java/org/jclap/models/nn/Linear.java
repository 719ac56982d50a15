package org.jclap.models.nn;

import org.jclap.autograd.Parameter;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** {@code x wᵀ + b} for x {@code (..., in)}, w {@code (out, in)}, b {@code (out)}. */
public final class Linear {
    private final Parameter weight;
    private final Parameter bias;

    /** A layer whose weight is chosen by {@code init} and whose bias starts at zero. */
    public Linear(Weights weights, int in, int out, Init init) {
        weight = weights.parameter("weight", Shape.of(out, in), init);
        bias = weights.parameter("bias", Shape.of(out), Init.zeros());
    }

    /** {@code (..., in)} to {@code (..., out)}. */
    public Tensor forward(Tensor x) {
        return Ops.linear(x, weight.value(), bias.value());
    }

    /** As {@link #forward}, then GELU in the same pass. */
    public Tensor forwardGelu(Tensor x) {
        return Ops.linearGelu(x, weight.value(), bias.value());
    }
}
