package org.jclap.autograd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A checkpointed part of the forward pass: {@code inputs} are the tracked tensors it uses, {@code changed} its side effects. */
record Segment(Supplier<Tensor> body, List<Tensor> inputs, Tensor output, List<Tensor> changed) implements Node {
    @Override
    public String label() {
        return "Checkpoint";
    }

    @Override
    public List<Tensor> outputs() {
        return List.of(output);
    }

    /**
     * Runs the segment again on a tape of its own. That tape goes on with the sums that the enclosing one has so far, so
     * gradients are added in the same order, and are equal bit for bit, with and without a checkpoint.
     */
    @Override
    public void backward(List<@Nullable Tensor> outputGradients, Adjoints adjoints) {
        List<Tensor> seeds = outputGradients.stream()
                .<Tensor>mapMulti((g, sink) -> {
                    if (g != null) {
                        sink.accept(g);
                    }
                })
                .toList();
        Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            GradTape tape = new GradTape();
            inputs.forEach(tape::watch);
            Tensor again = recompute(tape);
            for (Tensor input : inputs) {
                Tensor sum = adjoints.take(input);
                if (sum != null) {
                    tape.adjoints().add(input, sum);
                }
            }
            tape.backward(List.of(again), seeds);
            for (Tensor input : inputs) {
                Tensor gradient = tape.gradient(input);
                if (gradient != null) {
                    gradients.put(input, scope.keep(gradient));
                }
            }
        }
        gradients.forEach(adjoints::add);
    }

    private Tensor recompute(GradTape tape) {
        List<Tensor> before = changed.stream().map(Segment::copy).toList();
        Tensor again = tape.record(body);
        for (int i = 0; i < before.size(); i++) {
            Ops.copy(changed.get(i), before.get(i));
        }
        return again;
    }

    private static Tensor copy(Tensor tensor) {
        return Ops.copy(Tensor.empty(tensor.backend(), tensor.shape(), tensor.dtype()), tensor);
    }
}
