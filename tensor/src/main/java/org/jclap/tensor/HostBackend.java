package org.jclap.tensor;

import org.jclap.tensor.type.DType;

/** What backends that compute on the host share: Java arrays from a pool, copied where others ask for them. */
public abstract class HostBackend implements Backend {
    private final HostPool pool = new HostPool();

    /** A backend with an empty pool. */
    protected HostBackend() {}

    @Override
    public final Storage allocate(DType dtype, int length) {
        return pool.allocate(dtype, length);
    }

    @Override
    public final int firstElement(DType dtype, int elements) {
        return CacheLine.first(dtype, elements);
    }

    @Override
    public final void upload(HostStorage source, int sourceOffset, Storage target, int targetOffset, int length) {
        target.requireVariable();
        copy(source, sourceOffset, (HostStorage) target, targetOffset, length);
    }

    @Override
    public final void download(Storage source, int sourceOffset, HostStorage target, int targetOffset, int length) {
        copy((HostStorage) source, sourceOffset, target, targetOffset, length);
    }

    private static void copy(HostStorage source, int sourceOffset, HostStorage target, int targetOffset, int length) {
        if (source.dtype() != target.dtype()) {
            throw new IllegalArgumentException(
                    "cannot copy %s to %s, cast first".formatted(source.dtype(), target.dtype()));
        }
        System.arraycopy(source.array(), sourceOffset, target.array(), targetOffset, length);
    }

    @Override
    public final HostPool.Statistics memory() {
        return pool.statistics();
    }

    @Override
    public final void resetPeak() {
        pool.resetPeak();
    }

    /** Forgets the arrays of the pool; backends with threads stop those too. */
    @Override
    public void close() {
        pool.trim();
    }
}
