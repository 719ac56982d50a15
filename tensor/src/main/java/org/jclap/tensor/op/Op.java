package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.TensorType;

/**
 * One thing a backend can compute. An op is a value: its fields are the constants of the computation, its inputs are
 * tensors. Families are sealed, so every switch over ops is checked for completeness by the compiler.
 *
 * <p>Image-like tensors are channels-last, {@code (B, T, F, C)}. Floating inputs of one op share one type, which is also
 * the type of its floating outputs unless the op says otherwise.
 */
public sealed interface Op
        permits Unary,
                Binary,
                Affine,
                Cast,
                Dropout,
                Assign,
                Layout,
                BroadcastTo,
                Reduction,
                MatMul,
                Linear,
                Convolution,
                Pool,
                Softmax,
                LayerNorm,
                BatchNorm,
                Gather,
                Attention,
                Contrastive,
                LogMel,
                StepControl,
                Update {

    /**
     * The shape rule: the types of the outputs for inputs of these types.
     *
     * @throws ShapeException naming the op, the shapes and what was expected
     */
    List<TensorType> infer(List<TensorType> inputs);

    /** The positions, among that many inputs, of those that the op changes in place. */
    default List<Integer> mutates(int inputs) {
        return List.of();
    }

    /** The op's name in messages and tables, for example {@code Convolution.Forward}. */
    default String label() {
        Class<?> family = getClass().getEnclosingClass();
        String own = getClass().getSimpleName();
        return family == null ? own : family.getSimpleName() + "." + own;
    }
}
