package org.jclap.kernels.cuda;

import org.jspecify.annotations.Nullable;

/**
 * Whether the device can still be used. After a fault every call of the driver fails, and after the end its handles lead
 * nowhere; so both are known here, and nobody asks the driver any more.
 */
final class Condition {
    private final boolean synchronous;
    private volatile @Nullable CudaException fault;
    private volatile boolean closed;

    /** For ops that are waited for one by one, or not. */
    Condition(boolean synchronous) {
        this.synchronous = synchronous;
    }

    /**
     * Nothing when the device can be used.
     *
     * @throws CudaException when the device's context was lost: the first error is the one to tell
     */
    void require() {
        if (closed) {
            throw new IllegalStateException("the CUDA backend was closed");
        }
        CudaException before = fault;
        if (before != null) {
            throw CudaException.contextLost(before);
        }
    }

    /** A failure with what was going on, which is remembered when it has ended the device's context. */
    CudaException failed(CudaException failure, String what) {
        CudaException told = failure.within(what, synchronous);
        if (told.losesContext() && fault == null) {
            fault = told;
        }
        return told;
    }

    /** Whether there is no device any more. */
    boolean isOver() {
        return closed || fault != null;
    }

    /** From now on nothing is asked of the device; whether that is new. */
    boolean close() {
        boolean open = !closed;
        closed = true;
        return open;
    }
}
