package org.jclap.models.nn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * The named tensors of a model: parameters that are trained and buffers that are not (running statistics, the mel bank).
 * Names are dotted paths, equal to those in the published checkpoints; {@link #at} narrows the view to a path.
 *
 * <p>Each dropout of a model takes a random stream of its own here, so that masks do not depend on the order of calls.
 */
public final class Weights implements AutoCloseable {
    private final Shared shared;
    private final String prefix;

    private static final class Shared {
        final Backend backend;
        final long seed;
        final boolean blank;
        final Map<String, Tensor> state = new LinkedHashMap<>();
        final Map<String, Parameter> parameters = new LinkedHashMap<>();
        int streams;

        Shared(Backend backend, long seed, boolean blank) {
            this.backend = backend;
            this.seed = seed;
            this.blank = blank;
        }
    }

    /** No weights yet; what is created will be chosen by {@code seed} and its name. */
    public Weights(Backend backend, long seed) {
        this(new Shared(backend, seed, false), "");
    }

    /** No weights yet; parameters that are created will be zero, for a checkpoint to overwrite. */
    public static Weights blank(Backend backend) {
        return new Weights(new Shared(backend, 0, true), "");
    }

    private Weights(Shared shared, String prefix) {
        this.shared = shared;
        this.prefix = prefix;
    }

    /** The view of everything under {@code name.}; what it creates belongs to this model. */
    public Weights at(String name) {
        return new Weights(shared, prefix + name + ".");
    }

    /** Creates a parameter. */
    public Parameter parameter(String name, Shape shape, Init init) {
        String full = prefix + name;
        Tensor value = shared.blank
                ? Tensor.zeros(shared.backend, shape, DType.F32)
                : Tensor.of(shared.backend, shape, init.values(shape.size(), full, shared.seed));
        Parameter parameter = new Parameter(full, value);
        add(full, value);
        shared.parameters.put(full, parameter);
        return parameter;
    }

    /** Creates a buffer with one value everywhere. */
    public Tensor buffer(String name, Shape shape, DType dtype, double value) {
        Tensor buffer = Tensor.zeros(shared.backend, shape, dtype).persistent();
        Ops.fill(buffer, value);
        add(prefix + name, buffer);
        return buffer;
    }

    /** The number of the next dropout's random stream. */
    public int nextStream() {
        return shared.streams++;
    }

    /** The backend that holds the weights. */
    public Backend backend() {
        return shared.backend;
    }

    /** The parameters under this view's path, in order of creation. */
    public List<Parameter> parameters() {
        return shared.parameters.values().stream()
                .filter(p -> p.name().startsWith(prefix))
                .toList();
    }

    /** Every parameter and buffer of the whole model by its full name, in order of creation. */
    public Map<String, Tensor> state() {
        return Collections.unmodifiableMap(shared.state);
    }

    /** The number of elements of all parameters under this view's path. */
    public long parameterCount() {
        return parameters().stream().mapToLong(p -> p.value().size()).sum();
    }

    /**
     * Promises that no weight of the whole model will change again: for inference, which then may keep them in a faster
     * order, in about as much memory again. Training fails from now on.
     */
    public void makeConstant() {
        shared.state.values().forEach(Tensor::constant);
    }

    private void add(String full, Tensor tensor) {
        if (shared.state.putIfAbsent(full, tensor) != null) {
            throw new IllegalArgumentException("two tensors are named " + full);
        }
    }

    /** Closes every tensor of the model. */
    @Override
    public void close() {
        shared.parameters.values().forEach(Parameter::zeroGrad);
        shared.state.values().forEach(Tensor::close);
    }
}
