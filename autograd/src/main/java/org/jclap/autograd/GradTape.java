package org.jclap.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Recorder;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;
import org.jspecify.annotations.Nullable;

/**
 * Records the ops that depend on watched tensors, and replays them backward.
 *
 * <pre>{@code
 * GradTape tape = new GradTape();
 * tape.watch(model.parameters());
 * Tensor loss = tape.record(() -> model.loss(batch));
 * tape.backward(loss);
 * }</pre>
 *
 * <p>Backward frees what it has consumed: once a step is done, its outputs and their gradients are closed. Watched
 * tensors, roots, and what was named with {@link #keep} stay. A tape serves for one backward pass.
 */
public final class GradTape implements Recorder {
    private static final Recorder NOBODY = (_, _, _) -> {};

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<Tensor, Leaf> leaves = new LinkedHashMap<>();
    private final Set<Tensor> unused = new HashSet<>();
    private final Set<Tensor> tracked = new HashSet<>();
    private final Set<Tensor> kept = new HashSet<>();
    private final Map<Tensor, List<UnaryOperator<Tensor>>> hooks = new HashMap<>();
    private final Map<Tensor, Tensor> gradients = new HashMap<>();
    private final Adjoints adjoints = new Adjoints();
    private boolean consumed;

    /** A step, and the leaves that no earlier step uses: once it was replayed, their gradients are complete. */
    private record Entry(Node node, List<Tensor> completes) {}

    /** A watched tensor; the gradient of a parameter goes to the parameter. */
    record Leaf(String name, @Nullable Parameter parameter) {}

    // ---------------------------------------------------------------------------------------------- forward

    /** Makes a floating tensor a leaf, whose gradient {@link #gradient} will give; returns it. */
    public Tensor watch(Tensor tensor) {
        watch(tensor, new Leaf("leaf " + leaves.size(), null));
        return tensor;
    }

    /** Makes the values of the trainable ones leaves; backward adds to their gradients. */
    public void watch(Collection<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            if (parameter.isTrainable()) {
                watch(parameter.value(), new Leaf(parameter.name(), parameter));
            }
        }
    }

    private void watch(Tensor tensor, Leaf leaf) {
        requireUnconsumed();
        if (!tensor.dtype().isFloating()) {
            throw new IllegalArgumentException("%s %s has no gradient: only floating tensors can be watched"
                    .formatted(leaf.name(), tensor.type()));
        }
        if (!tracked.add(tensor)) {
            throw new IllegalArgumentException(
                    "%s %s is watched or computed on this tape already; onGradient shows its gradient"
                            .formatted(leaf.name(), tensor.type()));
        }
        leaves.put(tensor, leaf);
        unused.add(tensor);
    }

    /** Runs {@code forward} with this tape as the recorder. */
    public <T> T record(Supplier<T> forward) {
        requireUnconsumed();
        return ScopedValue.where(Tensor.RECORDER, this).call(forward::get);
    }

    /** Called by the funnel after every op. */
    @Override
    public void record(Op op, List<Tensor> inputs, List<Tensor> outputs) {
        requireUnconsumed();
        BitSet needs = new BitSet();
        for (int i = 0; i < inputs.size(); i++) {
            needs.set(i, tracked.contains(inputs.get(i)));
        }
        if (needs.isEmpty()) {
            return;
        }
        if (outputs.isEmpty() || op.mutates(inputs.size()).stream().anyMatch(needs::get)) {
            throw new IllegalStateException(
                    "%s works in place on tensors of a recorded graph, which would falsify gradients; run it in Tensor.noGrad"
                            .formatted(op));
        }
        add(new Call(op, List.copyOf(inputs), List.copyOf(outputs), needs));
    }

    /** Appends a step; its floating outputs are tracked from here on. */
    void add(Node node) {
        List<Tensor> completes = node.inputs().stream().filter(unused::remove).toList();
        for (Tensor output : node.outputs()) {
            if (output.dtype().isFloating()) {
                tracked.add(output);
            }
        }
        entries.add(new Entry(node, completes));
    }

    /** Whether a tensor is a leaf or was computed from one. */
    public boolean isTracked(Tensor tensor) {
        return tracked.contains(tensor);
    }

    /** Has backward leave a tensor open, for its scope to close; returns it. */
    public Tensor keep(Tensor tensor) {
        kept.add(tensor);
        return tensor;
    }

    /**
     * Shows the complete gradient of a tensor to {@code hook} before it flows on, and replaces it by the result. The
     * gradient is closed when it has been consumed: copy what has to stay. Several hooks run in the order in which they were added.
     */
    public void onGradient(Tensor tensor, UnaryOperator<Tensor> hook) {
        if (!tracked.contains(tensor)) {
            throw new IllegalArgumentException(
                    "tensor %s has no gradient on this tape: it does not depend on a watched one"
                            .formatted(tensor.shape()));
        }
        hooks.computeIfAbsent(tensor, _ -> new ArrayList<>()).add(hook);
    }

    // ---------------------------------------------------------------------------------------------- backward

    /** Replays from a loss of one element. */
    public void backward(Tensor loss) {
        backward(loss, 1);
    }

    /** Replays from a loss of one element whose gradient is {@code seed}: a loss scale, or a share of a larger batch. */
    public void backward(Tensor loss, double seed) {
        if (loss.size() != 1) {
            throw new IllegalArgumentException(
                    "the loss must have one element, has shape %s; give seeds to start from other tensors"
                            .formatted(loss.shape()));
        }
        try (Tensor one = Tensor.empty(loss.backend(), loss.shape(), loss.dtype())) {
            ScopedValue.where(Tensor.RECORDER, NOBODY).run(() -> Ops.fill(one, seed));
            backward(List.of(loss), List.of(one));
        }
    }

    /** Replays from several tensors with given gradients of the same types, which stay open. */
    public void backward(List<Tensor> roots, List<Tensor> seeds) {
        requireUnconsumed();
        if (roots.size() != seeds.size()) {
            throw new IllegalArgumentException(
                    "%d roots need as many seeds, %d were given".formatted(roots.size(), seeds.size()));
        }
        for (int i = 0; i < roots.size(); i++) {
            requireRoot(roots.get(i), seeds.get(i));
        }
        consumed = true;
        ScopedValue.where(Tensor.RECORDER, NOBODY).run(() -> replay(roots, seeds));
    }

    private void requireRoot(Tensor root, Tensor seed) {
        if (!tracked.contains(root) || leaves.containsKey(root)) {
            throw new IllegalArgumentException(
                    "tensor %s was not recorded: watch the parameters first, and compute it from them inside record()"
                            .formatted(root.shape()));
        }
        if (!root.type().equals(seed.type())) {
            throw new IllegalArgumentException(
                    "a root %s needs a seed of the same type, got %s".formatted(root.type(), seed.type()));
        }
    }

    private void replay(List<Tensor> roots, List<Tensor> seeds) {
        for (int i = 0; i < roots.size(); i++) {
            kept.add(roots.get(i));
            adjoints.add(roots.get(i), Call.alias(seeds.get(i)));
        }
        while (!entries.isEmpty()) {
            Entry entry = entries.removeLast();
            replay(entry.node());
            entry.completes().forEach(this::complete);
        }
    }

    private void replay(Node node) {
        List<@Nullable Tensor> outputGradients = new ArrayList<>();
        boolean reached = false;
        for (Tensor output : node.outputs()) {
            Tensor gradient = completeGradient(output);
            outputGradients.add(gradient);
            reached |= gradient != null;
        }
        if (reached) {
            node.backward(outputGradients, adjoints);
        }
        for (Tensor gradient : outputGradients) {
            if (gradient != null) {
                gradient.close();
            }
        }
        for (Tensor output : node.outputs()) {
            if (!kept.contains(output)) {
                output.close();
            }
        }
    }

    private void complete(Tensor leaf) {
        Tensor gradient = completeGradient(leaf);
        if (gradient == null) {
            return;
        }
        Leaf target = leaves.get(leaf);
        if (target != null && target.parameter() != null) {
            target.parameter().accumulate(gradient);
        } else {
            gradients.put(leaf, gradient);
        }
    }

    private @Nullable Tensor completeGradient(Tensor tensor) {
        Tensor gradient = adjoints.take(tensor);
        if (gradient != null) {
            for (UnaryOperator<Tensor> hook : hooks.getOrDefault(tensor, List.of())) {
                gradient = replaced(gradient, hook);
            }
        }
        return gradient;
    }

    private static Tensor replaced(Tensor gradient, UnaryOperator<Tensor> hook) {
        Tensor result = hook.apply(gradient);
        if (!result.type().equals(gradient.type())) {
            throw new IllegalStateException("a hook turned a gradient %s into %s; the type must stay"
                    .formatted(gradient.type(), result.type()));
        }
        if (result != gradient) {
            gradient.close();
        }
        return result;
    }

    /** The gradient of a watched tensor after backward; null when no root depends on it. */
    public @Nullable Tensor gradient(Tensor leaf) {
        if (!leaves.containsKey(leaf)) {
            throw new IllegalArgumentException("tensor %s was not watched".formatted(leaf.shape()));
        }
        if (!consumed) {
            throw new IllegalStateException("there are no gradients before backward()");
        }
        return gradients.get(leaf);
    }

    // ---------------------------------------------------------------------------------------------- for the package

    /** The sums that backward begins with; {@link Segment} hands over those of the enclosing tape. */
    Adjoints adjoints() {
        return adjoints;
    }

    /** The recorded steps in the order of the forward pass. */
    List<Node> nodes() {
        requireUnconsumed();
        return entries.stream().map(Entry::node).toList();
    }

    /** The watched tensors in the order in which they were named. */
    Map<Tensor, Leaf> leaves() {
        return leaves;
    }

    private void requireUnconsumed() {
        if (consumed) {
            throw new IllegalStateException("this tape has been replayed; make a new one for every backward pass");
        }
    }
}
