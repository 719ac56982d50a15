package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.TensorType;

/** Inputs that an op cannot take. The message names the op, the shapes, and what was expected. */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private ShapeException(String message) {
        super(message);
    }

    /** Throws unless {@code condition} holds; {@code expectation} completes the sentence "expected ...". */
    static void unless(boolean condition, Op op, List<TensorType> inputs, String expectation) {
        if (!condition) {
            throw new ShapeException("%s of %s: expected %s (%s)".formatted(op.label(), inputs, expectation, op));
        }
    }

    /** Throws unless there are {@code count} inputs. */
    static void count(int count, Op op, List<TensorType> inputs) {
        unless(inputs.size() == count, op, inputs, count + " inputs");
    }

    /** Throws unless the inputs {@code [from, to)} are floating and of one type. */
    static void floating(int from, int to, Op op, List<TensorType> inputs) {
        for (int i = from; i < to; i++) {
            unless(
                    inputs.get(i).dtype().isFloating()
                            && inputs.get(i).dtype() == inputs.get(from).dtype(),
                    op,
                    inputs,
                    "floating inputs of one type");
        }
    }
}
