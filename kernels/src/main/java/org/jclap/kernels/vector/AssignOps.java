package org.jclap.kernels.vector;

import java.util.Arrays;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;

/** Ops that change a tensor in place. */
final class AssignOps {
    private final Workers workers;

    AssignOps(Workers workers) {
        this.workers = workers;
    }

    void fill(Assign.Fill op, Tensor target) {
        float[] t = target.host().floats();
        int at = target.offset();
        workers.parallelRanges(
                target.size(),
                Rows.task(target.size()),
                (from, to) -> Arrays.fill(t, at + from, at + to, (float) op.value()));
    }

    void copy(Tensor target, Tensor source) {
        workers.parallelRanges(
                target.size(),
                Rows.task(target.size()),
                (from, to) -> System.arraycopy(
                        source.host().array(),
                        source.offset() + from,
                        target.host().array(),
                        target.offset() + from,
                        to - from));
    }

    /** {@code target += scale source}. */
    void accumulate(Assign.Accumulate op, Tensor target, Tensor source) {
        float[] t = target.host().floats();
        float[] s = source.host().floats();
        int at = target.offset();
        workers.parallelRanges(
                target.size(),
                Rows.task(target.size()),
                (from, to) -> Rows.addScaled(
                        (float) op.scale(), s, source.offset() + from, t, at + from, t, at + from, to - from));
    }
}
