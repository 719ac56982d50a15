package org.jclap.autograd;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Recorder;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;

/**
 * Trades time for memory (Chen et al., arXiv 1604.06174): the tensors inside a segment are freed when it has run, and
 * computed once more when backward reaches it.
 *
 * <p>A segment may capture anything that lives until backward; the recorded tensors among it, parameters included, get
 * their gradients. It has to compute the same again: dropout does, because its streams are numbered and the random state
 * is a tensor. What it changes in place outside itself, such as running statistics, is set back after the second run; its
 * result must not depend on that.
 */
public final class Checkpoint {
    private Checkpoint() {}

    /** Runs a segment, whose result is new; checkpointed when a tape is recording. */
    public static Tensor run(Supplier<Tensor> segment) {
        return Tensor.RECORDER.isBound() && Tensor.RECORDER.get() instanceof GradTape tape
                ? run(Autocast.bind(segment), tape)
                : freed(segment);
    }

    private static Tensor freed(Supplier<Tensor> segment) {
        try (Scope scope = Scope.open()) {
            return scope.keep(segment.get());
        }
    }

    private static Tensor run(Supplier<Tensor> segment, GradTape tape) {
        Probe probe = new Probe(tape);
        Tensor output;
        try (Scope scope = Scope.open()) {
            output = ScopedValue.where(Tensor.RECORDER, probe).call(segment::get);
            if (!probe.made.contains(output)) {
                throw new IllegalArgumentException("a checkpointed segment returned a tensor %s that it did not compute"
                        .formatted(output.shape()));
            }
            scope.keep(output);
        }
        if (!probe.used.isEmpty()) {
            tape.add(new Segment(segment, List.copyOf(probe.used), output, List.copyOf(probe.changed)));
        }
        return output;
    }

    /** Notes what a segment takes from the enclosing tape, what it makes, and what it changes that it did not make. */
    private static final class Probe implements Recorder {
        private final GradTape tape;
        private final Set<Tensor> used = new LinkedHashSet<>();
        private final Set<Tensor> made = new LinkedHashSet<>();
        private final Set<Tensor> changed = new LinkedHashSet<>();

        Probe(GradTape tape) {
            this.tape = tape;
        }

        @Override
        public void record(Op op, List<Tensor> inputs, List<Tensor> outputs) {
            inputs.stream().filter(tape::isTracked).forEach(used::add);
            op.mutates(inputs.size()).stream()
                    .map(inputs::get)
                    .filter(t -> !made.contains(t))
                    .forEach(changed::add);
            made.addAll(outputs);
        }
    }
}
