package org.jclap.models.nn;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jclap.tensor.random.Philox;
import org.jclap.tensor.type.Shape;

/**
 * How the elements of a new parameter are chosen. Each parameter has a random stream of its own, found by its name, so
 * that its start does not depend on what else a model holds.
 */
public sealed interface Init {
    /** Elements that one thread draws at a time; a multiple of four. */
    int CHUNK = 1 << 16;
    /** More than what some rounded operations on doubles can differ by, relatively. */
    double ULPS = 1e-14;

    /** The same value everywhere. */
    record Constant(float value) implements Init {}

    /** Uniform in [-bound, bound]. */
    record Uniform(double bound) implements Init {}

    /** Normal with mean 0. */
    record Normal(double deviation) implements Init {}

    /** All zeros. */
    static Init zeros() {
        return new Constant(0);
    }

    /** All ones. */
    static Init ones() {
        return new Constant(1);
    }

    /** Uniform with the bound {@code sqrt(6 / (fanIn + fanOut))} of Glorot and Bengio (AISTATS 2010). */
    static Init xavier(Shape weight) {
        int receptive = weight.product(2, weight.rank());
        return new Uniform(Math.sqrt(6.0 / ((weight.dim(0) + weight.dim(1)) * (double) receptive)));
    }

    /** Uniform with the bound {@code 1 / sqrt(fanIn)}, PyTorch's start of a linear layer. */
    static Init fanIn(Shape weight) {
        return new Uniform(1 / Math.sqrt(weight.product(1, weight.rank())));
    }

    /** The elements of a parameter of {@code size} elements; four of them share a block of random words. */
    default float[] values(int size, String name, long seed) {
        float[] values = new float[size];
        if (this instanceof Constant(float value)) {
            Arrays.fill(values, value);
            return values;
        }
        long key = seed ^ fnv1a64(name);
        // Every block is a function of its number, so the order in which threads take them does not matter.
        IntStream.range(0, Math.ceilDiv(size, CHUNK)).parallel().forEach(chunk -> {
            int[] words = new int[4];
            int[] more = new int[4];
            int end = Math.min(size, (chunk + 1) * CHUNK);
            for (int i = chunk * CHUNK; i < end; i++) {
                if (i % 4 == 0) {
                    Philox.block(i / 4, 0, 0, 0, key, words);
                    Philox.block(i / 4, 1, 0, 0, key, more);
                }
                values[i] = draw(words[i % 4], more[i % 4]);
            }
        });
        return values;
    }

    private float draw(int word, int another) {
        return switch (this) {
            case Constant(float value) -> value;
            case Uniform(double bound) -> (float) (bound * (2.0 * Philox.uniform(word) - 1));
            case Normal(double deviation) -> normal(deviation, word, another);
        };
    }

    /**
     * Box and Muller's transform; 1 - u is never 0. {@code Math} is faster than {@code StrictMath} and off by an ulp of a
     * double at most, differently by machine. Only where that could change the float, the slow functions decide.
     */
    private static float normal(double deviation, int word, int another) {
        double squares = 1 - Philox.uniform(word);
        double angle = 2 * Math.PI * Philox.uniform(another);
        double value = deviation * (Math.sqrt(-2 * Math.log(squares)) * Math.cos(angle));
        float least = (float) (value * (1 - ULPS));
        float most = (float) (value * (1 + ULPS));
        return least == most
                ? least
                : (float) (deviation * (Math.sqrt(-2 * StrictMath.log(squares)) * StrictMath.cos(angle)));
    }

    private static long fnv1a64(String text) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return hash;
    }
}
