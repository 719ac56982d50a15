package org.jclap.clap.train;

import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Tensor;

/** What a step minimises. */
interface Objective extends AutoCloseable {
    /**
     * The loss of a batch with log-mel {@code (B, 1, T, F)}, {@code (1)}. {@code epoch} counts from 0 and decides which
     * towers are frozen.
     */
    Tensor loss(Batch batch, Tensor logMel, Pass pass, int epoch, long step);

    /** Everything that may learn in some epoch. */
    List<Parameter> parameters();

    /** Freezes and thaws parameters for an epoch. */
    void beginEpoch(int epoch);

    /** Whether a tensor of the model belongs into the checkpoints of this objective. */
    boolean exports(String tensor);

    /** The least batch that has a loss. */
    int leastBatch();

    /** Whether batches need captions. */
    boolean needsCaptions();

    @Override
    void close();
}
