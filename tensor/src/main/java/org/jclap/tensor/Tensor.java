package org.jclap.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;
import org.jspecify.annotations.Nullable;

/**
 * A value: a shape, a type, and contiguous row-major elements on a backend.
 *
 * <p>Everything that is computed goes through one funnel, {@link #applyAll}: infer the shapes, allocate in the current
 * scope, let the backend run, tell the recorder. A tensor lives until it or its {@link Scope} is closed; a view shares
 * the storage of its source and keeps it alive.
 */
public final class Tensor implements AutoCloseable {
    /** Who is told of the ops that run; unbound where nothing is recorded. */
    public static final ScopedValue<Recorder> RECORDER = ScopedValue.newInstance();

    private static final Recorder NOBODY = (_, _, _) -> {};

    private final Backend backend;
    private final Shape shape;
    private final int offset;
    private final LeakDetector.@Nullable Watch watch;
    private @Nullable Storage storage;
    private @Nullable Scope owner;
    private int place;

    private Tensor(Backend backend, Shape shape, Storage storage, int offset) {
        this.backend = backend;
        this.shape = shape;
        this.storage = storage;
        this.offset = offset;
        this.watch = LeakDetector.watch(this, storage.dtype() + " " + shape);
        adopt(Scope.current());
    }

    // ---------------------------------------------------------------------------------------------- the funnel

    /** Runs an op that has exactly one output. */
    public static Tensor apply(Op op, Tensor... inputs) {
        List<Tensor> outputs = applyAll(op, List.of(inputs));
        if (outputs.size() != 1) {
            throw new IllegalStateException(op + " has " + outputs.size() + " outputs, use applyAll");
        }
        return outputs.getFirst();
    }

    /**
     * Runs an op: casts its inputs where {@link Autocast} says so, infers the types of its outputs, allocates them in the current scope, has the backend of the inputs
     * compute them, and tells the recorder.
     *
     * @throws org.jclap.tensor.op.ShapeException naming the op, the shapes and what was expected
     */
    public static List<Tensor> applyAll(Op op, List<Tensor> given) {
        List<Tensor> inputs = Autocast.inputs(op, given);
        Backend backend = commonBackend(op, inputs);
        List<TensorType> types = op.infer(inputs.stream().map(Tensor::type).toList());
        op.mutates(inputs.size()).forEach(i -> inputs.get(i).storage().requireVariable());
        List<Tensor> outputs = view(op, inputs, types);
        if (outputs.isEmpty()) {
            outputs = types.stream()
                    .map(t -> empty(backend, t.shape(), t.dtype()))
                    .toList();
            Autocast.compute(backend, op, inputs, outputs);
        }
        RECORDER.orElse(NOBODY).record(op, inputs, outputs);
        return outputs;
    }

    /** Whether somebody is told of the ops that run now, and may want their results later. */
    public static boolean isRecording() {
        return RECORDER.orElse(NOBODY) != NOBODY;
    }

    /** Runs {@code body} with nothing recorded. */
    public static <T> T noGrad(Supplier<T> body) {
        return ScopedValue.where(RECORDER, NOBODY).call(body::get);
    }

    private static Backend commonBackend(Op op, List<Tensor> inputs) {
        Backend backend = inputs.getFirst().backend();
        for (Tensor input : inputs) {
            if (input.backend() != backend) {
                throw new IllegalArgumentException("%s: inputs are on two backends, %s and %s; move one with to()"
                        .formatted(op, backend.name(), input.backend().name()));
            }
        }
        return backend;
    }

    /** Layout ops that only rename elements share the storage of their input; an empty list where there is work to do. */
    private static List<Tensor> view(Op op, List<Tensor> inputs, List<TensorType> types) {
        if (!(op instanceof Layout layout)) {
            return List.of();
        }
        Tensor source = inputs.getFirst();
        int start = layout.viewOffset(source.shape);
        if (start < 0) {
            return List.of();
        }
        source.storage().retain();
        return List.of(new Tensor(source.backend, types.getFirst().shape(), source.storage(), source.offset + start));
    }

    // ---------------------------------------------------------------------------------------------- creation

    /** A tensor with undefined content. */
    public static Tensor empty(Backend backend, Shape shape, DType dtype) {
        int first = backend.firstElement(dtype, shape.size());
        return new Tensor(backend, shape, backend.allocate(dtype, first + shape.size()), first);
    }

    /** A tensor of zeros. */
    public static Tensor zeros(Backend backend, Shape shape, DType dtype) {
        return Ops.fill(empty(backend, shape, dtype), 0);
    }

    /** An F32 tensor with these elements, row-major. */
    public static Tensor of(Backend backend, Shape shape, float... values) {
        return fromHost(backend, shape, DType.F32, values, values.length);
    }

    /** An F64 tensor with these elements, row-major. */
    public static Tensor of(Backend backend, Shape shape, double... values) {
        return fromHost(backend, shape, DType.F64, values, values.length);
    }

    /** An I32 tensor with these elements, row-major. */
    public static Tensor of(Backend backend, Shape shape, int... values) {
        return fromHost(backend, shape, DType.I32, values, values.length);
    }

    /** An I64 tensor with these elements, row-major. */
    public static Tensor of(Backend backend, Shape shape, long... values) {
        return fromHost(backend, shape, DType.I64, values, values.length);
    }

    /** A tensor with the elements of a Java array whose type belongs to {@code dtype}, as in {@link HostStorage}. */
    public static Tensor fromHost(Backend backend, Shape shape, DType dtype, Object array, int length) {
        if (length != shape.size()) {
            throw new IllegalArgumentException(
                    "shape %s needs %d values, %d were given".formatted(shape, shape.size(), length));
        }
        Tensor tensor = empty(backend, shape, dtype);
        HostStorage source = HostStorage.wrap(dtype, array, length);
        backend.upload(source, 0, tensor.storage(), tensor.offset(), length);
        return tensor;
    }

    /** The elements of a storage, which the tensor takes over. */
    static Tensor over(Backend backend, Shape shape, Storage storage) {
        return new Tensor(backend, shape, storage, 0);
    }

    // ---------------------------------------------------------------------------------------------- properties

    /** The dimensions. */
    public Shape shape() {
        return shape;
    }

    /** The element type. */
    public DType dtype() {
        return storage().dtype();
    }

    /** Shape and element type. */
    public TensorType type() {
        return new TensorType(shape, dtype());
    }

    /** The number of elements. */
    public int size() {
        return shape.size();
    }

    /** The backend that holds and computes this tensor. */
    public Backend backend() {
        return backend;
    }

    /** Where the first element lies in {@link #storage}. */
    public int offset() {
        return offset;
    }

    /** The memory; shared with views. */
    public Storage storage() {
        if (storage == null) {
            throw new IllegalStateException("tensor " + shape
                    + " was closed: its scope ended or backward consumed it; keep() what is needed for longer");
        }
        return storage;
    }

    /** The memory of a tensor on a backend that computes on the host. */
    public HostStorage host() {
        return (HostStorage) storage();
    }

    /** Whether the memory has been given up. */
    public boolean isClosed() {
        return storage == null;
    }

    // ---------------------------------------------------------------------------------------------- lifetime

    /** Gives up the memory, or this view's share of it; a second call does nothing. */
    @Override
    public void close() {
        if (storage == null) {
            return;
        }
        adopt(null);
        storage.release();
        storage = null;
        if (watch != null) {
            watch.closed();
        }
    }

    /** Takes the tensor out of every scope: it lives until it is closed. Parameters are made so. */
    public Tensor persistent() {
        moveTo(null);
        return this;
    }

    /**
     * Promises that the elements will never change again, so that backends may keep copies of them in an order that suits
     * them. An op that would change them fails from now on. Views are constant with their source.
     */
    public Tensor constant() {
        storage().makeConstant();
        return this;
    }

    /** Changes who closes this tensor. */
    public void moveTo(@Nullable Scope scope) {
        storage();
        adopt(scope);
    }

    private void adopt(@Nullable Scope scope) {
        if (owner != null) {
            owner.disown(place);
        }
        owner = scope;
        if (scope != null) {
            place = scope.own(this);
        }
    }

    // ---------------------------------------------------------------------------------------------- to the host

    /** A copy of the elements on another backend; the same tensor when it is there already. */
    public Tensor to(Backend target) {
        if (target == backend) {
            return this;
        }
        HostStorage host = HostStorage.create(dtype(), size());
        backend.download(storage(), offset, host, 0, size());
        return fromHost(target, shape, dtype(), host.array(), size());
    }

    /** The elements of a floating tensor as floats, row-major. */
    public float[] toFloats() {
        HostStorage host = toHost();
        if (host.dtype() == DType.F32) {
            return Arrays.copyOf(host.floats(), size());
        }
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) host.get(i);
        }
        return values;
    }

    /** The elements as doubles, row-major; an I64 beyond 2^53 loses its low bits. */
    public double[] toDoubles() {
        HostStorage host = toHost();
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = host.get(i);
        }
        return values;
    }

    /** The only element of a tensor of size 1. */
    public double item() {
        if (size() != 1) {
            throw new IllegalStateException("item() needs one element, shape is " + shape);
        }
        return toHost().get(0);
    }

    /** A copy of the elements in host memory of this tensor's type. */
    public HostStorage toHost() {
        HostStorage host = HostStorage.create(dtype(), size());
        backend.download(storage(), offset, host, 0, size());
        return host;
    }

    @Override
    public String toString() {
        if (isClosed()) {
            return "closed tensor " + shape;
        }
        List<String> first = new ArrayList<>();
        HostStorage host = toHost();
        for (int i = 0; i < Math.min(6, size()); i++) {
            first.add("%.6g".formatted(host.get(i)));
        }
        String rest = size() > 6 ? ", ..." : "";
        return "%s %s on %s [%s%s]".formatted(dtype(), shape, backend().name(), String.join(", ", first), rest);
    }
}
