package org.jclap.tensor;

import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * A tensor whose elements are brought to a backend ahead of their use, while the backend still computes: begun on any
 * thread, taken by the one that drives the step.
 */
public final class Prefetch implements AutoCloseable {
    private final Backend backend;
    private final Shape shape;
    private final Transfer transfer;

    private Prefetch(Backend backend, Shape shape, Transfer transfer) {
        this.backend = backend;
        this.shape = shape;
        this.transfer = transfer;
    }

    /** Begins with the elements of a Java array, as in {@link Tensor#fromHost}; it must not change before the tensor is taken. */
    public static Prefetch of(Backend backend, Shape shape, DType dtype, Object array) {
        HostStorage source = HostStorage.wrap(dtype, array, shape.size());
        return new Prefetch(backend, shape, backend.transfer(source));
    }

    /** The tensor, in the current scope. Called at most once. */
    public Tensor take() {
        return Tensor.over(backend, shape, transfer.take());
    }

    /** Gives up the elements, unless they were taken. */
    @Override
    public void close() {
        transfer.close();
    }
}
