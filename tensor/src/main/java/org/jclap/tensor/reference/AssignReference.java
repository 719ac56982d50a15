package org.jclap.tensor.reference;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;

/** Ops that change a tensor in place. */
final class AssignReference {
    private AssignReference() {}

    static void fill(Assign.Fill op, Tensor target) {
        Elements t = Elements.of(target);
        for (int i = 0; i < t.size(); i++) {
            t.set(i, op.value());
        }
    }

    static void copy(Tensor source, Tensor target) {
        Elements.of(source).copyTo(0, Elements.of(target), 0, source.size());
    }

    static void accumulate(Assign.Accumulate op, Tensor target, Tensor source) {
        Elements t = Elements.of(target);
        Elements s = Elements.of(source);
        for (int i = 0; i < t.size(); i++) {
            t.set(i, t.get(i) + op.scale() * s.get(i));
        }
    }
}
