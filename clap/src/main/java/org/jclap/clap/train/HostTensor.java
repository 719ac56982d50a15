package org.jclap.clap.train;

import org.jclap.tensor.Backend;
import org.jclap.tensor.Prefetch;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** What will be a tensor, still in host memory: the elements in a Java array, row-major. */
record HostTensor(Shape shape, DType dtype, Object array) {
    static HostTensor of(Shape shape, float[] values) {
        return new HostTensor(shape, DType.F32, values);
    }

    static HostTensor of(Shape shape, int[] values) {
        return new HostTensor(shape, DType.I32, values);
    }

    Tensor on(Backend backend) {
        return Tensor.fromHost(backend, shape, dtype, array, shape.size());
    }

    /** Begins to bring it to a backend. */
    Prefetch send(Backend backend) {
        return Prefetch.of(backend, shape, dtype, array);
    }
}
