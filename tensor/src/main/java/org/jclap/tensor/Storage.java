package org.jclap.tensor;

import org.jclap.tensor.type.DType;

/**
 * A reference-counted block of elements. Tensors that are views share their storage; the last release gives it back to
 * where it came from. Not thread-safe: a step is driven by one thread.
 */
public abstract class Storage {
    private final DType dtype;
    private final int length;
    private int references = 1;
    private boolean constant;

    /** A storage with one reference. */
    protected Storage(DType dtype, int length) {
        this.dtype = dtype;
        this.length = length;
    }

    /** The element type. */
    public final DType dtype() {
        return dtype;
    }

    /** The number of elements. */
    public final int length() {
        return length;
    }

    /** Whether the elements will never change again. */
    public final boolean isConstant() {
        return constant;
    }

    /** Promises that the elements will never change again, so that a backend may keep copies in an order that suits it. */
    public final void makeConstant() {
        constant = true;
    }

    /**
     * Checks that the elements may change.
     *
     * @throws IllegalStateException if the storage is constant
     */
    public final void requireVariable() {
        if (constant) {
            throw new IllegalStateException("constant elements cannot be overwritten");
        }
    }

    /** Adds an owner. */
    public final void retain() {
        if (references == 0) {
            throw new IllegalStateException("storage was already released");
        }
        references++;
    }

    /** Removes an owner; the last one gives the memory back. */
    public final void release() {
        if (references == 0) {
            throw new IllegalStateException("storage was released twice");
        }
        if (--references == 0) {
            free();
        }
    }

    /** Gives the memory back to where it came from. */
    protected abstract void free();
}
