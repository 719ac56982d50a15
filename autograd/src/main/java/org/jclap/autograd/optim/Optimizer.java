package org.jclap.autograd.optim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.Shape;

/**
 * Applies an update rule to parameters that have a gradient, all of them in one call of the backend. The rule's record
 * holds the hyper-parameters; moments are made when a parameter gets its first gradient, so frozen ones cost nothing.
 *
 * <p>Steps are counted for each parameter, as in PyTorch: one that is thawed late gets its own bias correction. (A call
 * of the backend covers the parameters of equal count, which is all of them unless some were thawed.)
 */
public final class Optimizer implements AutoCloseable {
    private final Update rule;
    private final List<Parameter> parameters;
    private final Map<String, Slot> slots = new LinkedHashMap<>();

    /** What the rule remembers of one parameter. */
    private static final class Slot {
        private final Parameter parameter;
        private final List<Tensor> moments;
        private long step;

        Slot(Parameter parameter, int moments) {
            this.parameter = parameter;
            this.moments = new ArrayList<>();
            for (int i = 0; i < moments; i++) {
                Tensor value = parameter.value();
                this.moments.add(Tensor.zeros(value.backend(), value.shape(), value.dtype())
                        .persistent());
            }
        }
    }

    /**
     * Everything that a resumed run needs: moments by {@code <moment>.<parameter>}, for example {@code
     * exp_avg.logit_scale}, and the number of steps by parameter. The tensors are the optimizer's own.
     */
    public record State(Map<String, Tensor> moments, Map<String, Long> steps) {}

    /** An optimizer without state; parameter names must differ. */
    public Optimizer(Update rule, List<Parameter> parameters) {
        Set<String> names = new HashSet<>();
        for (Parameter parameter : parameters) {
            if (!names.add(parameter.name())) {
                throw new IllegalArgumentException("two parameters are named " + parameter.name());
            }
        }
        this.rule = rule;
        this.parameters = List.copyOf(parameters);
    }

    /** Adam with PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no decay. */
    public static Optimizer adam(List<Parameter> parameters) {
        return new Optimizer(new Update.Adam(0.9, 0.999, 1e-8, 0, false), parameters);
    }

    /** AdamW: Adam with decoupled weight decay. */
    public static Optimizer adamW(double weightDecay, List<Parameter> parameters) {
        return new Optimizer(new Update.Adam(0.9, 0.999, 1e-8, weightDecay, true), parameters);
    }

    /** Gradient descent with momentum. */
    public static Optimizer sgd(double momentum, List<Parameter> parameters) {
        return new Optimizer(new Update.Sgd(momentum, 0), parameters);
    }

    /** One step; parameters without gradient stay as they are. Every gradient is multiplied by {@code gradScale}. */
    public void step(double learningRate, double gradScale) {
        Map<Long, List<Slot>> byStep = new TreeMap<>();
        for (Parameter parameter : parameters) {
            if (parameter.grad() != null) {
                Slot slot = slot(parameter);
                slot.step++;
                byStep.computeIfAbsent(slot.step, _ -> new ArrayList<>()).add(slot);
            }
        }
        byStep.forEach((step, group) -> update(step, group, learningRate, gradScale));
    }

    private void update(long step, List<Slot> group, double learningRate, double gradScale) {
        Backend backend = group.getFirst().parameter.value().backend();
        try (Tensor control = Tensor.of(backend, Shape.of(3), (float) learningRate, (float) step, (float) gradScale)) {
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(control);
            for (Slot slot : group) {
                Tensor gradient = slot.parameter.grad();
                if (gradient != null) {
                    inputs.add(slot.parameter.value());
                    inputs.add(gradient);
                    inputs.addAll(slot.moments);
                }
            }
            Tensor.applyAll(rule, inputs);
        }
    }

    /** Forgets all gradients. */
    public void zeroGrad() {
        parameters.forEach(Parameter::zeroGrad);
    }

    private Slot slot(Parameter parameter) {
        return slots.computeIfAbsent(
                parameter.name(), _ -> new Slot(parameter, momentNames().size()));
    }

    /** PyTorch's names for what the rule remembers. */
    private List<String> momentNames() {
        return switch (rule) {
            case Update.Adam _ -> List.of("exp_avg", "exp_avg_sq");
            case Update.Sgd _ -> List.of("momentum_buffer");
        };
    }

    // ---------------------------------------------------------------------------------------------- resume

    /** The state now, for a checkpoint. */
    public State state() {
        Map<String, Tensor> moments = new LinkedHashMap<>();
        Map<String, Long> steps = new LinkedHashMap<>();
        slots.forEach((name, slot) -> {
            steps.put(name, slot.step);
            for (int i = 0; i < slot.moments.size(); i++) {
                moments.put(momentNames().get(i) + "." + name, slot.moments.get(i));
            }
        });
        return new State(moments, steps);
    }

    /**
     * Goes on from a state; its tensors are copied and may be on another backend.
     *
     * @throws UserException when it belongs to other parameters or another rule; nothing has changed then
     */
    public void load(State state) {
        Map<String, Slot> loaded = new LinkedHashMap<>();
        try {
            state.steps().forEach((name, step) -> {
                Slot slot = new Slot(named(name), momentNames().size());
                loaded.put(name, slot);
                slot.step = step;
                for (int i = 0; i < slot.moments.size(); i++) {
                    copy(momentNames().get(i) + "." + name, state.moments(), slot.moments.get(i));
                }
            });
            requireNothingElse(state, loaded);
        } catch (RuntimeException e) {
            close(loaded);
            throw e;
        }
        close(slots);
        slots.putAll(loaded);
    }

    private Parameter named(String name) {
        return parameters.stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UserException("optimizer state: the model has no parameter " + name));
    }

    private static void copy(String name, Map<String, Tensor> moments, Tensor target) {
        Tensor source = moments.get(name);
        if (source == null) {
            throw new UserException(
                    "optimizer state: %s is missing; it was written by another update rule, or the file is damaged"
                            .formatted(name));
        }
        if (!source.type().equals(target.type())) {
            throw new UserException(
                    "optimizer state: %s is %s, the model needs %s".formatted(name, source.type(), target.type()));
        }
        target.backend().upload(source.toHost(), 0, target.storage(), target.offset(), target.size());
    }

    private void requireNothingElse(State state, Map<String, Slot> loaded) {
        for (String name : state.moments().keySet()) {
            boolean known = momentNames().stream()
                    .anyMatch(m -> name.startsWith(m + ".") && loaded.containsKey(name.substring(m.length() + 1)));
            if (!known) {
                throw new UserException(
                        "optimizer state: %s belongs to no parameter of this optimizer; was it written by another update rule?"
                                .formatted(name));
            }
        }
    }

    /** Gives up the moments. */
    @Override
    public void close() {
        close(slots);
    }

    private static void close(Map<String, Slot> slots) {
        slots.values().forEach(slot -> slot.moments.forEach(Tensor::close));
        slots.clear();
    }
}
