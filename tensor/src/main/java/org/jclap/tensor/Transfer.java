package org.jclap.tensor;

/** Elements on their way to a backend, begun by {@link Backend#transfer}; {@link Prefetch} makes a tensor of them. */
public interface Transfer extends AutoCloseable {
    /** The elements, for what is asked for from now on: whoever takes them owns them. Called at most once. */
    Storage take();

    /** Gives the elements up, unless they were taken. */
    @Override
    void close();
}
