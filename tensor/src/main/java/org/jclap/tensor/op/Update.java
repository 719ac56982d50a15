package org.jclap.tensor.op;

import java.util.List;
import java.util.stream.IntStream;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Optimizer steps over many parameters at once, in place, each element read and written once. The first input holds what
 * changes from step to step, F32 {@code (3)}: learning rate, step number counted from 1, and the factor on every gradient
 * (clipping and loss scaling); a factor that is not finite leaves everything as it is. {@link StepControl} writes it. It is
 * followed by groups of equally shaped tensors, one group for each parameter.
 */
public sealed interface Update extends Op {
    /** The shape of the step's state. */
    static Shape state() {
        return Shape.of(3);
    }

    /** How many tensors belong to one parameter. */
    int groupSize();

    /**
     * Adam (arXiv 1412.6980) with bias correction, as in PyTorch: groups of parameter, gradient, first moment, second
     * moment; {@code p -= lr m̂ / (sqrt(v̂) + eps)}. With {@code decoupled}, weight decay is AdamW's (arXiv 1711.05101),
     * {@code p -= lr decay p} before the step; otherwise it is added to the gradient.
     */
    record Adam(double beta1, double beta2, double eps, double weightDecay, boolean decoupled) implements Update {
        @Override
        public int groupSize() {
            return 4;
        }
    }

    /**
     * Stochastic gradient descent with momentum, as in PyTorch: groups of parameter, gradient, velocity; {@code v =
     * momentum v + g + decay p} (in the first step v = g + decay p, which zero velocities give as well), {@code p -= lr v}.
     */
    record Sgd(double momentum, double weightDecay) implements Update {
        @Override
        public int groupSize() {
            return 3;
        }
    }

    @Override
    default List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.unless(
                inputs.getFirst().shape().equals(state()) && (inputs.size() - 1) % groupSize() == 0,
                this,
                inputs,
                "the step state (3) and groups of " + groupSize());
        for (int i = 1; i < inputs.size(); i++) {
            TensorType parameter = inputs.get(i - (i - 1) % groupSize());
            ShapeException.unless(inputs.get(i).equals(parameter), this, inputs, "equal types within a group");
        }
        return List.of();
    }

    /** Everything in a group but the gradient, which is second. */
    @Override
    default List<Integer> mutates(int inputs) {
        return IntStream.range(1, inputs)
                .filter(i -> (i - 1) % groupSize() != 1)
                .boxed()
                .toList();
    }
}
