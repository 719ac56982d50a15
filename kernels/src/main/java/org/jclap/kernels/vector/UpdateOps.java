package org.jclap.kernels.vector;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Update;

/** Optimizer steps; the first input is learning rate, step number and the factor on gradients. */
final class UpdateOps {
    private final Optimizers kernel;

    UpdateOps(Workers workers) {
        kernel = new Optimizers(workers);
    }

    void adam(Update.Adam op, List<Tensor> in) {
        float[] state = state(in);
        if (!Float.isFinite(state[2])) {
            return;
        }
        var settings =
                new Optimizers.Adam(state[0], op.beta1(), op.beta2(), op.eps(), op.weightDecay(), op.decoupled());
        int step = Math.round(state[1]);
        for (int group = 1; group < in.size(); group += op.groupSize()) {
            Tensor p = in.get(group);
            Tensor g = in.get(group + 1);
            Tensor m = in.get(group + 2);
            Tensor v = in.get(group + 3);
            kernel.adam(
                    settings,
                    step,
                    state[2],
                    p.host().floats(),
                    p.offset(),
                    g.host().floats(),
                    g.offset(),
                    m.host().floats(),
                    m.offset(),
                    v.host().floats(),
                    v.offset(),
                    p.size());
        }
    }

    void sgd(Update.Sgd op, List<Tensor> in) {
        float[] state = state(in);
        if (!Float.isFinite(state[2])) {
            return;
        }
        var settings = new Optimizers.Sgd(state[0], op.momentum(), op.weightDecay(), false);
        for (int group = 1; group < in.size(); group += op.groupSize()) {
            Tensor p = in.get(group);
            Tensor g = in.get(group + 1);
            Tensor velocity = in.get(group + 2);
            kernel.sgd(
                    settings,
                    state[2],
                    p.host().floats(),
                    p.offset(),
                    g.host().floats(),
                    g.offset(),
                    velocity.host().floats(),
                    velocity.offset(),
                    p.size());
        }
    }

    private static float[] state(List<Tensor> in) {
        return in.getFirst().toFloats();
    }
}
