package org.jclap.tensor;

import java.util.List;

/**
 * Work that a backend has recorded and repeats at little cost; see {@link Backend#capture}. It is repeated as it was
 * recorded, on the same memory: what the work reads must live as long as this.
 */
public interface Replay extends AutoCloseable {
    /** Asks for the work once more, in the order of everything else that is asked for. */
    void run();

    /** The results, which each run writes anew; they live as long as this. */
    List<Tensor> outputs();

    /** Gives up the recording and its memory, results included. */
    @Override
    void close();
}
