package org.jclap.autograd;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Op;
import org.jspecify.annotations.Nullable;

/** An op that ran; {@code needs} holds the positions of the inputs whose gradients are wanted. */
record Call(Op op, List<Tensor> inputs, List<Tensor> outputs, BitSet needs) implements Node {
    @Override
    public String label() {
        return op.label();
    }

    @Override
    public void backward(List<@Nullable Tensor> outputGradients, Adjoints adjoints) {
        Tensor dy = onlyFirst(outputGradients);
        List<@Nullable Tensor> gradients;
        try (Scope scope = Scope.open()) {
            gradients = Gradients.of(this, dy);
            for (int i = 0; i < gradients.size(); i++) {
                Tensor gradient = gradients.get(i);
                if (gradient != null) {
                    boolean shared = gradient == dy || gradients.subList(0, i).contains(gradient);
                    gradients.set(i, scope.keep(shared ? alias(gradient) : gradient));
                }
            }
        }
        for (int i = 0; i < gradients.size(); i++) {
            Tensor gradient = gradients.get(i);
            if (gradient != null) {
                adjoints.add(inputs.get(i), gradient);
            }
        }
    }

    /** A second handle on the same storage, so that each owner can close its own. */
    static Tensor alias(Tensor tensor) {
        return Tensor.apply(new Layout.Reshape(tensor.shape()), tensor);
    }

    /** Every op is differentiable in its first output; the others (statistics, pre-activations) only serve backward. */
    private Tensor onlyFirst(List<@Nullable Tensor> outputGradients) {
        IntStream.range(1, outputGradients.size())
                .filter(i -> outputGradients.get(i) != null)
                .findFirst()
                .ifPresent(i -> {
                    throw new UnsupportedOperationException(
                            "%s: a gradient reached output %d, which has none: only output 0 is differentiable"
                                    .formatted(op, i));
                });
        Tensor dy = outputGradients.getFirst();
        if (dy == null) {
            throw new IllegalStateException(op + ": no output has a gradient");
        }
        return dy;
    }
}
