package org.jclap.clap.train;

import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Tensor;

/** What a step minimises. */
interface Objective extends AutoCloseable {
    /** What the loss reads besides the log-mel, of the batch and, in a step of training, of chance. */
    List<HostTensor> inputs(Batch batch, boolean training, long step);

    /**
     * The loss {@code (1)} of these inputs, with log-mel {@code (B, 1, T, F)}. It asks the same of the backend each time that
     * their shapes are the same: nothing is uploaded and nothing read. {@code epoch} counts from 0 and decides which towers are
     * frozen.
     */
    Tensor loss(List<Tensor> inputs, Tensor logMel, Pass pass, int epoch);

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
