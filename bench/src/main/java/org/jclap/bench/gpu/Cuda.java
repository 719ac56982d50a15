package org.jclap.bench.gpu;

import java.util.SplittableRandom;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Opens the device, and fills its memory without waiting for the processor. */
final class Cuda {
    private static final String VENDOR = "jclap.cuda.vendor";

    /** What is uploaded of a tensor's numbers; the rest repeats them. */
    private static final int NUMBERS = 1 << 20;

    private Cuda() {}

    /** The device with NVIDIA's libraries where they are found. */
    static Backend open() {
        return Backends.open("cuda", 1);
    }

    /** The device with kernels of ours alone. */
    static Backend openWithoutLibraries() {
        String before = System.getProperty(VENDOR);
        System.setProperty(VENDOR, "false");
        try {
            return open();
        } finally {
            if (before == null) {
                System.clearProperty(VENDOR);
            } else {
                System.setProperty(VENDOR, before);
            }
        }
    }

    /** Whether a library computes something here. */
    static boolean hasLibraries(Backend backend) {
        return backend.description().contains("cuBLAS");
    }

    /** Numbers in [-1, 1), the same on every backend. */
    static Tensor uniform(Backend backend, DType dtype, int... dims) {
        var shape = Shape.of(dims);
        var random = new SplittableRandom(1);
        var values = new float[Math.min(shape.size(), NUMBERS)];
        for (var i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        try (var scope = Scope.open()) {
            var numbers = Ops.cast(Tensor.of(backend, Shape.of(values.length), values), dtype);
            if (values.length < shape.size()) {
                var repeats = Math.ceilDiv(shape.size(), values.length);
                var rows = Ops.broadcastTo(numbers, Shape.of(repeats, values.length));
                numbers = Ops.slice(Ops.reshape(rows, repeats * values.length), 0, 0, shape.size());
            }
            return scope.keep(Ops.reshape(numbers, shape));
        }
    }

    /** Rows of length 1, as embeddings have. */
    static Tensor unitRows(Backend backend, int rows, int width) {
        try (var scope = Scope.open()) {
            return scope.keep(Ops.normalize(uniform(backend, DType.F32, rows, width)));
        }
    }
}
