package org.jclap.bench.peers;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.slf4j.LoggerFactory;

/** PyTorch in this process, with the functions of {@code peer.py}. Tensors live until this is closed. */
final class Torch implements AutoCloseable {
    private static final String SOURCE = "peer.py";
    /** How DJL is told which function to call: the name of an input that the function does not get. */
    private static final String FUNCTION = "module_method:";

    private static final Duration SETTLING = Duration.ofSeconds(4);
    private static final Duration STEADY = Duration.ofSeconds(1);
    private static final long GROWTH = 1 << 20;

    private final PtNDManager manager;
    private final PtSymbolBlock program;

    private Torch(PtNDManager manager, PtSymbolBlock program) {
        this.manager = manager;
        this.program = program;
    }

    /**
     * Loads PyTorch and the functions.
     *
     * @throws UserException when the native library cannot be loaded
     */
    static Torch open(int threads) {
        var manager = manager();
        JniUtils.setNumThreads(threads);
        // Ops run one by one as from Python: the optimizer would try other gradients and fusions first, run by run.
        JniUtils.setGraphExecutorOptimize(false);
        try {
            var archive = new ByteArrayInputStream(TorchScript.archive(SOURCE));
            return new Torch(manager, JniUtils.loadModule(manager, archive, false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PtNDManager manager() {
        // What goes wrong is thrown; the rest is about GPUs and settings that are made here.
        ((Logger) LoggerFactory.getLogger("ai.djl")).setLevel(Level.OFF);
        try {
            return (PtNDManager) NDManager.newBaseManager();
        } catch (EngineException | IllegalStateException | LinkageError e) {
            throw new UserException(
                    "PyTorch's native library cannot be loaded: %s. It is unpacked from a jar to %s, which needs 450 MB of disk and write permission; DJL_CACHE_DIR names another place"
                            .formatted(e.getMessage(), System.getenv("DJL_CACHE_DIR")),
                    e);
        }
    }

    // ---------------------------------------------------------------------------------------------- tensors

    /** A copy in PyTorch's own memory; I32 becomes I64, which PyTorch wants for ids. */
    PtNDArray tensor(Tensor ours) {
        try (var wrapped = switch (ours.dtype()) {
            case F32 ->
                wrap(FloatBuffer.wrap(ours.host().floats(), ours.offset(), ours.size()), ours, DataType.FLOAT32);
            case I32 -> wrap(LongBuffer.wrap(longs(ours)), ours, DataType.INT64);
            case F64, F16, BF16, I64, BOOL -> throw new IllegalArgumentException("no use for " + ours.dtype());
        }) {
            return convert("copy", wrapped);
        }
    }

    private PtNDArray wrap(Buffer elements, Tensor ours, DataType type) {
        return manager.create(elements, shape(ours.shape().toArray()), type);
    }

    private static long[] longs(Tensor ours) {
        return Arrays.stream(ours.toDoubles()).mapToLong(v -> (long) v).toArray();
    }

    /** A copy with respect to which gradients can be asked for. */
    PtNDArray leaf(Tensor ours) {
        return withGradient(tensor(ours));
    }

    /** Lets gradients with respect to this tensor be asked for. */
    static PtNDArray withGradient(PtNDArray x) {
        x.setRequiresGradient(true);
        return x;
    }

    /** A single number. */
    PtNDArray scalar(double value) {
        return (PtNDArray) manager.create((float) value);
    }

    /** Normal numbers, for weights whose values do not matter. */
    PtNDArray random(double deviation, int... dims) {
        return (PtNDArray) manager.randomNormal(0, (float) deviation, shape(dims), DataType.FLOAT32);
    }

    /** Token ids below a bound. */
    PtNDArray ids(int bound, int... dims) {
        return (PtNDArray) manager.randomInteger(1, bound, shape(dims), DataType.INT64);
    }

    private static Shape shape(int... dims) {
        return new Shape(Arrays.stream(dims).asLongStream().toArray());
    }

    /** What a function of one tensor makes of it. */
    PtNDArray convert(String function, PtNDArray x) {
        // Recorded, or the result could never have a gradient.
        return (PtNDArray) recorded(function).with(x).result().singletonOrThrow();
    }

    // ---------------------------------------------------------------------------------------------- calls

    /** A call of a function in which gradients are not needed, and nothing is recorded for them. */
    Call plain(String function) {
        return new Call(function, false);
    }

    /** A call of a function that computes gradients. */
    Call recorded(String function) {
        return new Call(function, true);
    }

    /** A function and its arguments, which are added in their order. */
    final class Call {
        private final NDList inputs = new NDList();
        private final boolean isRecorded;

        private Call(String function, boolean isRecorded) {
            this.isRecorded = isRecorded;
            var marker = scalar(0);
            marker.setName(FUNCTION + function);
            inputs.add(marker);
        }

        /** Adds a tensor. */
        Call with(PtNDArray x) {
            inputs.add(alias(x));
            return this;
        }

        /** Adds a list of tensors; the name only tells lists apart. */
        Call with(String name, List<PtNDArray> tensors) {
            tensors.forEach(x -> inputs.add(named(alias(x), name + "[]")));
            return this;
        }

        /** Adds a dictionary; the name only tells dictionaries apart. */
        Call with(String name, Map<String, PtNDArray> tensors) {
            tensors.forEach((key, x) -> inputs.add(named(alias(x), name + "." + key)));
            return this;
        }

        /** Calls the function and frees what it returns. */
        void run() {
            result().close();
        }

        /**
         * Calls the function until the process no longer grows, for some seconds at most. Small allocations of the Java
         * machine lie between PyTorch's large ones, so for a while outputs need fresh memory, which costs more than the work
         * on it.
         */
        void settle() {
            long end = System.nanoTime() + SETTLING.toNanos();
            long most = ProcessMemory.residentBytes();
            long grown = System.nanoTime();
            do {
                run();
                long now = ProcessMemory.residentBytes();
                if (now > most + GROWTH) {
                    most = now;
                    grown = System.nanoTime();
                }
            } while (System.nanoTime() < Math.min(end, grown + STEADY.toNanos()));
        }

        /** Calls the function and gives the elements of what it returns, row-major. */
        List<float[]> answers() {
            try (var tensors = result()) {
                return tensors.stream().map(this::elements).toList();
            }
        }

        private float[] elements(NDArray tensor) {
            try (var rowMajor = convert("copy", (PtNDArray) tensor)) {
                return rowMajor.toFloatArray();
            }
        }

        private NDList result() {
            // A property of the thread, which DJL has switched off.
            JniUtils.setGradMode(isRecorded);
            return IValueUtils.forward(program, inputs, isRecorded);
        }
    }

    private static PtNDArray named(PtNDArray x, String name) {
        x.setName(name);
        return x;
    }

    /** The same tensor under a handle of its own, since a handle has but one name. */
    private PtNDArray alias(PtNDArray x) {
        try (var value = IValue.from(x)) {
            return value.toTensor(manager);
        }
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
