package org.jclap.models.nn;

import org.jclap.tensor.random.Philox;
import org.jclap.tensor.type.Shape;

/**
 * How the elements of a new parameter are chosen. Each parameter has a random stream of its own, found by its name, so
 * that its start does not depend on what else a model holds.
 */
public sealed interface Init {
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

    /** The elements of a parameter of {@code size} elements. */
    default float[] values(int size, String name, long seed) {
        float[] values = new float[size];
        long key = seed ^ fnv1a64(name);
        int[] words = new int[4];
        for (int i = 0; i < size; i++) {
            values[i] = switch (this) {
                case Constant(float value) -> value;
                case Uniform(double bound) -> (float) (bound * (2.0 * uniform(key, i, words) - 1));
                case Normal(double deviation) -> (float) (deviation * normal(key, i, words));
            };
        }
        return values;
    }

    private static double uniform(long key, int i, int[] words) {
        return Philox.uniform(Philox.word(key, 0, 0, i, words));
    }

    /** Box-Muller on two words of the element's own block; 1 - u is never 0. */
    private static double normal(long key, int i, int[] words) {
        Philox.block(i, 1, 0, 0, key, words);
        double radius = Math.sqrt(-2 * StrictMath.log(1 - Philox.uniform(words[0])));
        return radius * StrictMath.cos(2 * Math.PI * Philox.uniform(words[1]));
    }

    private static long fnv1a64(String text) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return hash;
    }
}
