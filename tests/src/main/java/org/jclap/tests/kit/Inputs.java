package org.jclap.tests.kit;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Makes the inputs of an {@link OpCase} on a backend, in the floating type that is asked for. */
public final class Inputs {
    private final Backend backend;
    private final DType floating;
    private final Generator generator;

    Inputs(Backend backend, DType floating, Generator generator) {
        this.backend = backend;
        this.floating = floating;
        this.generator = generator;
    }

    /** Floating numbers in [-1, 1). */
    public Tensor uniform(int... dims) {
        return uniform(-1, 1, Shape.of(dims));
    }

    /** Floating numbers in [low, high). */
    public Tensor uniform(double low, double high, Shape shape) {
        return typed(floating, low, high, shape);
    }

    /** As {@link #uniform}, of the type that belongs to many elements: F32 where the floating type has 16 bits. */
    public Tensor wide(double low, double high, int... dims) {
        return typed(floating.wide(), low, high, Shape.of(dims));
    }

    /** Numbers in [low, high) of any type. */
    public Tensor typed(DType dtype, double low, double high, Shape shape) {
        HostStorage values = HostStorage.create(dtype, shape.size());
        for (int i = 0; i < shape.size(); i++) {
            values.set(i, generator.uniform(low, high));
        }
        return upload(shape, values);
    }

    /** Numbers with a distance from 0, where some functions have a kink: magnitudes in [0.1, 2). */
    public Tensor awayFromZero(Shape shape) {
        HostStorage values = HostStorage.create(floating, shape.size());
        for (int i = 0; i < shape.size(); i++) {
            values.set(i, generator.uniform(0.1, 2) * (generator.below(2) * 2 - 1));
        }
        return upload(shape, values);
    }

    /** Numbers with a distance from each other, so that the largest stays the largest: a shuffled arithmetic series. */
    public Tensor distinct(Shape shape) {
        HostStorage values = HostStorage.create(floating, shape.size());
        for (int i = 0; i < shape.size(); i++) {
            int j = generator.below(i + 1);
            values.set(i, values.get(j));
            values.set(j, i * 0.125 - 3);
        }
        return upload(shape, values);
    }

    /** Rows of length 1, as normalised embeddings are; neighbours in pairs resemble each other. */
    public Tensor unitRows(int rows, int width) {
        HostStorage values = HostStorage.create(floating, rows * width);
        for (int r = 0; r < rows; r++) {
            double squares = 0;
            double[] row = new double[width];
            for (int d = 0; d < width; d++) {
                double near = r % 2 == 1 ? values.get((r - 1) * width + d) : 0;
                row[d] = near + generator.uniform(-1, 1) / Math.sqrt(width);
                squares += row[d] * row[d];
            }
            for (int d = 0; d < width; d++) {
                values.set(r * width + d, row[d] / Math.sqrt(squares));
            }
        }
        return upload(Shape.of(rows, width), values);
    }

    /** Floating numbers as they are given. */
    public Tensor values(Shape shape, double... numbers) {
        return values(floating, shape, numbers);
    }

    /** One number {@code (1)} of the type that belongs to many elements, see {@link #wide}. */
    public Tensor scalar(double number) {
        return values(floating.wide(), Shape.of(1), number);
    }

    /** I32 ids in [0, bound). */
    public Tensor ids(int bound, int... dims) {
        Shape shape = Shape.of(dims);
        HostStorage values = HostStorage.create(DType.I32, shape.size());
        for (int i = 0; i < shape.size(); i++) {
            values.set(i, generator.below(bound));
        }
        return upload(shape, values);
    }

    /** A mask {@code (B, L)}: 1 for a random number of positions from the first, at least one, then 0 for padding. */
    public Tensor mask(int batch, int length) {
        HostStorage values = HostStorage.create(floating, batch * length);
        for (int b = 0; b < batch && length > 0; b++) {
            int used = generator.between(1, length + 1);
            for (int i = 0; i < used; i++) {
                values.set(b * length + i, 1);
            }
        }
        return upload(Shape.of(batch, length), values);
    }

    /** A random state: seed and step, both beyond 32 bits. */
    public Tensor random() {
        return Tensor.of(backend, Shape.of(2), 0x1234_5678_9ABCL, (1L << 33) + 17);
    }

    /** The step state of optimizers: learning rate, step from 1, factor on gradients; always F32. */
    public Tensor step(double rate, int step, double factor) {
        return values(DType.F32, Shape.of(3), rate, step, factor);
    }

    /** The outputs of another op, for ops whose inputs belong together. */
    public List<Tensor> apply(Op op, Tensor... inputs) {
        return Tensor.applyAll(op, List.of(inputs));
    }

    /** Numbers as they are given, of any type. */
    public Tensor values(DType dtype, Shape shape, double... numbers) {
        HostStorage values = HostStorage.create(dtype, numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            values.set(i, numbers[i]);
        }
        return upload(shape, values);
    }

    private Tensor upload(Shape shape, HostStorage values) {
        return Tensor.fromHost(backend, shape, values.dtype(), values.array(), shape.size());
    }
}
