package org.jclap.bench;

/** A case that is ready to run. */
@FunctionalInterface
public interface Workload extends AutoCloseable {
    /** Does the work once; tensors made meanwhile are closed afterwards. */
    void run();

    @Override
    default void close() {}
}
