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

    void accumulate(Assign.Accumulate op, Tensor target, Tensor source) {
        float[] t = target.host().floats();
        float[] s = source.host().floats();
        workers.parallelRanges(
                target.size(),
                Rows.task(target.size()),
                (from, to) ->
                        addScaled((float) op.scale(), s, source.offset() + from, t, target.offset() + from, to - from));
    }

    /** {@code y += scale x}. */
    static void addScaled(float scale, float[] x, int xo, float[] y, int yo, int n) {
        var factor = Lanes.broadcast(scale);
        int whole = Lanes.bound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Lanes.load(x, xo + i).fma(factor, Lanes.load(y, yo + i)).intoArray(y, yo + i);
        }
        for (int i = whole; i < n; i++) {
            y[yo + i] = Math.fma(scale, x[xo + i], y[yo + i]);
        }
    }
}
