package org.jclap.autograd;

import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A named tensor that training changes, and the gradient that has been collected for it. Lives until it is closed. */
public final class Parameter implements AutoCloseable {
    private final String name;
    private final Tensor value;
    private @Nullable Tensor grad;
    private boolean trainable = true;

    /** A trainable parameter without gradient; takes the tensor out of its scope. */
    public Parameter(String name, Tensor value) {
        this.name = name;
        this.value = value.persistent();
    }

    /** The name in checkpoints. */
    public String name() {
        return name;
    }

    /** The value; optimizers change it in place. */
    public Tensor value() {
        return value;
    }

    /** The sum of the gradients since {@link #zeroGrad}; null when there is none. */
    public @Nullable Tensor grad() {
        return grad;
    }

    /** Whether tapes watch it and optimizers change it. */
    public boolean isTrainable() {
        return trainable;
    }

    /** Freezes or thaws the parameter; a frozen one forgets its gradient. */
    public void setTrainable(boolean trainable) {
        this.trainable = trainable;
        if (!trainable) {
            zeroGrad();
        }
    }

    /** Adds to the gradient; {@code gradient} is taken over. */
    public void accumulate(Tensor gradient) {
        if (!gradient.type().equals(value.type())) {
            throw new IllegalArgumentException(
                    "parameter %s %s cannot take a gradient %s".formatted(name, value.type(), gradient.type()));
        }
        // Never in place: the gradients of two parameters may share one storage.
        Tensor sum = grad == null ? gradient : Ops.add(grad, gradient);
        sum.persistent();
        if (grad != null) {
            grad.close();
            gradient.close();
        }
        grad = sum;
    }

    /** Forgets the gradient. */
    public void zeroGrad() {
        if (grad != null) {
            grad.close();
            grad = null;
        }
    }

    /** Gives up the value and the gradient. */
    @Override
    public void close() {
        zeroGrad();
        value.close();
    }

    @Override
    public String toString() {
        return name + " " + value.shape() + (trainable ? "" : " frozen");
    }
}
