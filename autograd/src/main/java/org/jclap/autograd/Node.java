package org.jclap.autograd;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** One recorded step of the forward pass. */
sealed interface Node permits Call, Segment {
    /** The name in messages and graphs. */
    String label();

    /** What it read; not every input is tracked. */
    List<Tensor> inputs();

    /** What it made. */
    List<Tensor> outputs();

    /** Adds the gradients of the tracked inputs to {@code adjoints}; a null output gradient means that none arrived. */
    void backward(List<@Nullable Tensor> outputGradients, Adjoints adjoints);
}
