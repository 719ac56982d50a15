package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Update;

/** Optimizer steps; the first input is learning rate, step number and the factor on gradients. */
final class UpdateReference {
    private UpdateReference() {}

    static void adam(Update.Adam op, List<Tensor> in) {
        Elements state = Elements.of(in.getFirst());
        if (!Double.isFinite(state.get(2))) {
            return;
        }
        double rate = state.get(0);
        double correction1 = 1 - Math.pow(op.beta1(), state.get(1));
        double correction2 = 1 - Math.pow(op.beta2(), state.get(1));
        for (int group = 1; group < in.size(); group += op.groupSize()) {
            Elements p = Elements.of(in.get(group));
            Elements gradient = Elements.of(in.get(group + 1));
            Elements m = Elements.of(in.get(group + 2));
            Elements v = Elements.of(in.get(group + 3));
            for (int i = 0; i < p.size(); i++) {
                double g = gradient.get(i) * state.get(2) + (op.decoupled() ? 0 : op.weightDecay() * p.get(i));
                double start = op.decoupled() ? p.get(i) * (1 - rate * op.weightDecay()) : p.get(i);
                double mean = op.beta1() * m.get(i) + (1 - op.beta1()) * g;
                double square = op.beta2() * v.get(i) + (1 - op.beta2()) * g * g;
                double step = mean / correction1 / (Math.sqrt(square / correction2) + op.eps());
                p.set(i, start - rate * step);
                m.set(i, mean);
                v.set(i, square);
            }
        }
    }

    static void sgd(Update.Sgd op, List<Tensor> in) {
        Elements state = Elements.of(in.getFirst());
        if (!Double.isFinite(state.get(2))) {
            return;
        }
        for (int group = 1; group < in.size(); group += op.groupSize()) {
            Elements p = Elements.of(in.get(group));
            Elements gradient = Elements.of(in.get(group + 1));
            Elements velocity = Elements.of(in.get(group + 2));
            for (int i = 0; i < p.size(); i++) {
                double g = gradient.get(i) * state.get(2) + op.weightDecay() * p.get(i);
                double v = op.momentum() * velocity.get(i) + g;
                p.set(i, p.get(i) - state.get(0) * v);
                velocity.set(i, v);
            }
        }
    }
}
