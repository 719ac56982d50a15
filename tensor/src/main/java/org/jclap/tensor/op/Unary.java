package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.TensorType;

/** Elementwise functions of one floating tensor of any shape. Each constant says what it computes. */
public enum Unary implements Op {
    /** -x. */
    NEG,
    /** |x|. */
    ABS,
    /** e^x. */
    EXP,
    /** ln x. */
    LOG,
    /** The square root. */
    SQRT,
    /** 1 / x. */
    RECIPROCAL,
    /** x². */
    SQUARE,
    /** max(x, 0); a NaN stays a NaN. */
    RELU,
    /** 1 / (1 + e^-x). */
    SIGMOID,
    /** The hyperbolic tangent. */
    TANH,
    /** x Φ(x) with the exact normal distribution function, not its tanh approximation. */
    GELU,
    /** ln(1 / (1 + e^-x)), without overflow for large |x|. */
    LOG_SIGMOID;

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(1, this, inputs);
        ShapeException.floating(0, 1, this, inputs);
        return inputs;
    }

    @Override
    public String label() {
        return "Unary." + name();
    }
}
