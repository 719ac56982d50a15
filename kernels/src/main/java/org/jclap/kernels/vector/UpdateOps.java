package org.jclap.kernels.vector;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Update;

/** Optimizer steps; the first input is learning rate, step number and the factor on gradients. */
final class UpdateOps {
    /** Elements that are updated at a time: their scaled gradient stays in the cache. */
    private static final int BLOCK = 8 << 10;

    private final Workers workers;
    private final Optimizers kernel;

    UpdateOps(Workers workers) {
        this.workers = workers;
        kernel = new Optimizers(workers);
    }

    void adam(Update.Adam op, List<Tensor> in) {
        float[] state = state(in);
        var settings =
                new Optimizers.Adam(state[0], op.beta1(), op.beta2(), op.eps(), op.weightDecay(), op.decoupled());
        int step = Math.round(state[1]);
        for (int group = 1; group < in.size(); group += op.groupSize()) {
            Tensor p = in.get(group);
            Tensor m = in.get(group + 2);
            Tensor v = in.get(group + 3);
            update(
                    in.get(group + 1),
                    state[2],
                    (from, n, gradient) -> kernel.adam(
                            settings,
                            step,
                            p.host().floats(),
                            p.offset() + from,
                            gradient,
                            0,
                            m.host().floats(),
                            m.offset() + from,
                            v.host().floats(),
                            v.offset() + from,
                            n));
        }
    }

    void sgd(Update.Sgd op, List<Tensor> in) {
        float[] state = state(in);
        var settings = new Optimizers.Sgd(state[0], op.momentum(), op.weightDecay(), false);
        for (int group = 1; group < in.size(); group += op.groupSize()) {
            Tensor p = in.get(group);
            Tensor velocity = in.get(group + 2);
            update(
                    in.get(group + 1),
                    state[2],
                    (from, n, gradient) -> kernel.sgd(
                            settings,
                            p.host().floats(),
                            p.offset() + from,
                            gradient,
                            0,
                            velocity.host().floats(),
                            velocity.offset() + from,
                            n));
        }
    }

    private interface BlockUpdate {
        /** Updates {@code n} elements from {@code from} on with the first {@code n} numbers of {@code gradient}. */
        void run(int from, int n, float[] gradient);
    }

    private void update(Tensor gradient, float factor, BlockUpdate body) {
        workers.parallelRanges(gradient.size(), BLOCK, (from, to) -> {
            float[] scaled = Scratch.take(BLOCK);
            Rows.affine(factor, 0f, gradient.host().floats(), gradient.offset() + from, scaled, 0, to - from);
            body.run(from, to - from, scaled);
            Scratch.give(scaled);
        });
    }

    private static float[] state(List<Tensor> in) {
        return in.getFirst().toFloats();
    }
}
