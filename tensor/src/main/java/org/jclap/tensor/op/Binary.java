package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Elementwise functions of two floating tensors, broadcast to their common shape. The {@code ..._BACKWARD} constants are
 * derivatives times the incoming gradient {@code b}; they are made by autograd and have no gradient of their own.
 */
public enum Binary implements Op {
    /** a + b. */
    ADD,
    /** a - b. */
    SUB,
    /** a b. */
    MUL,
    /** a / b. */
    DIV,
    /** b where a > 0, else 0; a is the output of ReLU. */
    RELU_BACKWARD,
    /** b a (1 - a); a is the output of the sigmoid. */
    SIGMOID_BACKWARD,
    /** b (1 - a²); a is the output of tanh. */
    TANH_BACKWARD,
    /** b (Φ(a) + a φ(a)); a is the input of GELU. */
    GELU_BACKWARD,
    /** b sign(a), 0 where a is 0; a is the input of the absolute value. */
    ABS_BACKWARD;

    /** Whether autograd has a rule for it. */
    public boolean isDifferentiable() {
        return switch (this) {
            case ADD, SUB, MUL, DIV -> true;
            case RELU_BACKWARD, SIGMOID_BACKWARD, TANH_BACKWARD, GELU_BACKWARD, ABS_BACKWARD -> false;
        };
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(2, this, inputs);
        ShapeException.floating(0, 2, this, inputs);
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        ShapeException.unless(
                Shape.compatible(a, b), this, inputs, "shapes that broadcast: equal extents or 1, aligned at the end");
        return List.of(inputs.getFirst().with(Shape.broadcast(a, b)));
    }

    @Override
    public String label() {
        return "Binary." + name();
    }
}
