package org.jclap.bench;

import java.util.List;
import org.jclap.tensor.Tensor;

/** A case that is ready to run. */
@FunctionalInterface
public interface Workload extends AutoCloseable {
    /** Does the work once and returns what it computed; tensors made meanwhile are closed afterwards. */
    List<Tensor> run();

    @Override
    default void close() {}
}
