package org.jclap.bench;

import java.util.SplittableRandom;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** Where a case runs, and the numbers that it runs on. */
public record Stage(Backend backend, int threads, long seed) {
    /** Decides the numbers where no seed was given. */
    public static final long SEED = 1;

    /** Numbers in [-1, 1): the same for the same shape. */
    public Tensor uniform(int... dims) {
        var shape = Shape.of(dims);
        var random = new SplittableRandom(seed);
        var values = new float[shape.size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return Tensor.of(backend, shape, values);
    }

    /** Rows of length 1, as embeddings have. */
    public Tensor unitRows(int rows, int width) {
        return Ops.normalize(uniform(rows, width));
    }

    /** Token ids {@code (B, L)} in [1, bound). */
    public Tensor ids(int bound, int batch, int length) {
        var ids =
                new SplittableRandom(seed).ints((long) batch * length, 1, bound).toArray();
        return Tensor.of(backend, Shape.of(batch, length), ids);
    }
}
