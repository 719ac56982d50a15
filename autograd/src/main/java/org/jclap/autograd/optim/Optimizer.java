package org.jclap.autograd.optim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * Applies an update rule to parameters that have a gradient, all of them in one call of the backend. The rule's record
 * holds the hyper-parameters; moments are made when a parameter gets its first gradient, so frozen ones cost nothing.
 *
 * <p>Steps are counted for each parameter, as in PyTorch: one that is thawed late gets its own bias correction. The count is
 * kept on the device, where it is decided whether a step counts, once for all parameters that have always had their
 * gradients together; a call of the backend covers those, which is all of them unless some were thawed.
 */
public final class Optimizer implements AutoCloseable {
    private final Update rule;
    private final List<Parameter> parameters;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final List<Cohort> cohorts = new ArrayList<>();
    private final Tensor rate;

    /** What the rule remembers of one parameter. */
    private static final class Slot {
        private final Parameter parameter;
        private final List<Tensor> moments;
        private Cohort cohort;

        Slot(Parameter parameter, int moments, Cohort cohort) {
            this.parameter = parameter;
            this.cohort = cohort;
            this.moments = new ArrayList<>();
            for (int i = 0; i < moments; i++) {
                Tensor value = parameter.value();
                this.moments.add(Tensor.zeros(value.backend(), value.shape(), value.dtype())
                        .persistent());
            }
        }
    }

    /** Parameters of one step count; {@code state} is the rule's: rate, count, factor. */
    private record Cohort(Tensor state) implements AutoCloseable {
        static Cohort of(Backend backend, float step) {
            return new Cohort(Tensor.of(backend, Update.state(), 0, step, 0).persistent());
        }

        Cohort copy() {
            Tensor copy = Tensor.empty(state.backend(), state.shape(), state.dtype());
            return new Cohort(Ops.copy(copy.persistent(), state));
        }

        Tensor count() {
            return Ops.slice(state, 0, 1, 2);
        }

        @Override
        public void close() {
            state.close();
        }
    }

    /**
     * Everything that a resumed run needs: moments by {@code <moment>.<parameter>}, for example {@code
     * exp_avg.logit_scale}, and the number of steps by parameter. The tensors are the optimizer's own.
     */
    public record State(Map<String, Tensor> moments, Map<String, Long> steps) {}

    /** An optimizer without state; there is a parameter, and their names differ. */
    public Optimizer(Update rule, List<Parameter> parameters) {
        Set<String> names = new HashSet<>();
        for (Parameter parameter : parameters) {
            if (!names.add(parameter.name())) {
                throw new IllegalArgumentException("two parameters are named " + parameter.name());
            }
        }
        this.rule = rule;
        this.parameters = List.copyOf(parameters);
        rate = Tensor.of(parameters.getFirst().value().backend(), Shape.of(1), 0f)
                .persistent();
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

    /** The learning rate of the steps to come. */
    public void setLearningRate(double learningRate) {
        upload((float) learningRate, rate, 0);
    }

    /**
     * One step, all of it on the device: parameters without gradient stay as they are, and all do when the monitor decides to
     * skip it, because this loss {@code (1)} or a gradient is not finite.
     */
    public void step(StepMonitor monitor, Tensor loss) {
        Map<Cohort, List<Slot>> groups = withGradient();
        // In the order of the parameters, whatever the cohorts: the sum of their squares has one order.
        List<Tensor> gradients = parameters.stream()
                .map(Parameter::grad)
                .filter(Objects::nonNull)
                .toList();
        if (!gradients.isEmpty()) {
            monitor.decide(
                    rate,
                    gradients,
                    loss,
                    groups.keySet().stream().map(Cohort::state).toList());
            groups.forEach(this::update);
        }
    }

    /** One step with every gradient multiplied by {@code gradScale}, whatever the gradients are. */
    public void step(double learningRate, double gradScale) {
        withGradient().forEach((cohort, group) -> {
            upload((float) learningRate, cohort.state, 0);
            upload((float) gradScale, cohort.state, 2);
            try (Tensor count = cohort.count();
                    Tensor one = Tensor.of(count.backend(), count.shape(), 1f)) {
                Ops.accumulate(count, one, 1);
            }
            update(cohort, group);
        });
    }

    private void update(Cohort cohort, List<Slot> group) {
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(cohort.state);
        for (Slot slot : group) {
            inputs.add(slot.parameter.value());
            inputs.add(gradient(slot));
            inputs.addAll(slot.moments);
        }
        Tensor.applyAll(rule, inputs);
    }

    private static Tensor gradient(Slot slot) {
        return Objects.requireNonNull(slot.parameter.grad());
    }

    private static void upload(float value, Tensor target, int place) {
        HostStorage host = HostStorage.wrap(DType.F32, new float[] {value}, 1);
        target.backend().upload(host, 0, target.storage(), target.offset() + place, 1);
    }

    // ---------------------------------------------------------------------------------------------- who takes part

    /** The parameters that have a gradient, by cohort; a cohort of which only a part has one is divided. */
    private Map<Cohort, List<Slot>> withGradient() {
        Map<Cohort, List<Slot>> groups = new LinkedHashMap<>();
        Cohort born = null;
        for (Parameter parameter : parameters) {
            if (parameter.grad() != null) {
                Slot slot = slots.get(parameter.name());
                if (slot == null) {
                    born = born == null ? cohort(0) : born;
                    slot = new Slot(parameter, momentNames().size(), born);
                    slots.put(parameter.name(), slot);
                }
                groups.computeIfAbsent(slot.cohort, _ -> new ArrayList<>()).add(slot);
            }
        }
        for (Cohort cohort : groups.keySet()) {
            divide(cohort);
        }
        return groups;
    }

    private Cohort cohort(float step) {
        Cohort cohort = Cohort.of(rate.backend(), step);
        cohorts.add(cohort);
        return cohort;
    }

    /** Gives those of a cohort that have no gradient a count of their own. */
    private void divide(Cohort cohort) {
        Cohort rest = null;
        for (Slot slot : slots.values()) {
            if (slot.cohort == cohort && slot.parameter.grad() == null) {
                if (rest == null) {
                    rest = cohort.copy();
                    cohorts.add(rest);
                }
                slot.cohort = rest;
            }
        }
    }

    /** Forgets all gradients. */
    public void zeroGrad() {
        parameters.forEach(Parameter::zeroGrad);
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
        Map<Cohort, Long> counts = new LinkedHashMap<>();
        slots.forEach((name, slot) -> {
            steps.put(name, counts.computeIfAbsent(slot.cohort, Optimizer::count));
            for (int i = 0; i < slot.moments.size(); i++) {
                moments.put(momentNames().get(i) + "." + name, slot.moments.get(i));
            }
        });
        return new State(moments, steps);
    }

    private static long count(Cohort cohort) {
        try (Tensor count = cohort.count()) {
            return (long) count.item();
        }
    }

    /**
     * Goes on from a state; its tensors are copied and may be on another backend.
     *
     * @throws UserException when it belongs to other parameters or another rule; nothing has changed then
     */
    public void load(State state) {
        Map<String, Slot> loaded = new LinkedHashMap<>();
        Map<Long, Cohort> counts = new LinkedHashMap<>();
        try {
            state.steps().forEach((name, step) -> {
                Cohort cohort = counts.computeIfAbsent(step, s -> Cohort.of(rate.backend(), s));
                Slot slot = new Slot(named(name), momentNames().size(), cohort);
                loaded.put(name, slot);
                for (int i = 0; i < slot.moments.size(); i++) {
                    copy(momentNames().get(i) + "." + name, state.moments(), slot.moments.get(i));
                }
            });
            requireNothingElse(state, loaded);
        } catch (RuntimeException e) {
            close(loaded);
            counts.values().forEach(Cohort::close);
            throw e;
        }
        forget();
        slots.putAll(loaded);
        cohorts.addAll(counts.values());
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

    /** Gives up the moments and counts. */
    @Override
    public void close() {
        forget();
        rate.close();
    }

    private void forget() {
        close(slots);
        cohorts.forEach(Cohort::close);
        cohorts.clear();
    }

    private static void close(Map<String, Slot> slots) {
        slots.values().forEach(slot -> slot.moments.forEach(Tensor::close));
        slots.clear();
    }
}
