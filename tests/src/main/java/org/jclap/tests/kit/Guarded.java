package org.jclap.tests.kit;

import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * A tensor in the middle of a larger one: what an op writes outside shows, and so does an op that counts from the
 * beginning of the storage.
 *
 * @param whole the larger tensor
 * @param tensor the part that an op is given
 * @param guard how many elements lie in front of it, and behind
 */
record Guarded(Tensor whole, Tensor tensor, int guard) {
    /** So that no vector load is aligned by luck. */
    static final int ODD = 5;

    /** So that every tensor begins at a multiple of 16 bytes, as those do that have their memory to themselves. */
    static final int ALIGNED = 16;

    /** Exact in every type but BOOL, which makes it true. */
    private static final double SENTINEL = 77;

    /** A copy of a tensor on a backend. */
    static Guarded copy(Tensor source, Backend backend, int guard) {
        HostStorage elements = source.toHost();
        return of(backend, source.shape(), source.dtype(), elements, guard);
    }

    /** A tensor for results: floating types are full of NaN, so that an element that was not written shows. */
    static Guarded poisoned(Backend backend, Shape shape, DType dtype, int guard) {
        HostStorage elements = HostStorage.create(dtype, shape.size());
        for (int i = 0; i < shape.size(); i++) {
            elements.set(i, dtype.isFloating() ? Double.NaN : SENTINEL);
        }
        return of(backend, shape, dtype, elements, guard);
    }

    private static Guarded of(Backend backend, Shape shape, DType dtype, HostStorage elements, int guard) {
        int length = shape.size() + 2 * guard;
        HostStorage host = HostStorage.create(dtype, length);
        for (int i = 0; i < length; i++) {
            host.set(i, SENTINEL);
        }
        System.arraycopy(elements.array(), 0, host.array(), guard, shape.size());
        Tensor whole = Tensor.fromHost(backend, Shape.of(length), dtype, host.array(), length);
        return new Guarded(whole, Ops.reshape(Ops.slice(whole, 0, guard, guard + shape.size()), shape), guard);
    }

    /** Throws when something was written outside the tensor. */
    void check(String what) {
        HostStorage host = whole.toHost();
        double untouched = whole.dtype() == DType.BOOL ? 1 : SENTINEL;
        for (int i = 0; i < guard; i++) {
            int after = host.length() - 1 - i;
            if (host.get(i) != untouched || host.get(after) != untouched) {
                throw new AssertionError(
                        "%s: written outside of its memory, within %d elements".formatted(what, guard));
            }
        }
    }
}
