package org.jclap.tensor;

import java.util.List;
import org.jclap.tensor.op.Op;

/** Is told of every op that ran in its scope; autograd's tape is one. Bound with {@link Tensor#RECORDER}. */
@FunctionalInterface
public interface Recorder {
    /** {@code op} has turned {@code inputs} into {@code outputs}. */
    void record(Op op, List<Tensor> inputs, List<Tensor> outputs);
}
