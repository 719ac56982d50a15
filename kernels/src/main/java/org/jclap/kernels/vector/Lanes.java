package org.jclap.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one vector width that all kernels use: the widest that the machine prefers, or fewer bits when the system
 * property {@code jclap.vector.bits} (128, 256 or 512) asks for it.
 */
public final class Lanes {
    /** System property with the vector width in bits. */
    public static final String BITS_PROPERTY = "jclap.vector.bits";

    static final VectorSpecies<Float> SPECIES = species();
    static final VectorSpecies<Integer> INT_SPECIES = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** Floats in one vector. */
    public static final int COUNT = SPECIES.length();

    private static final VectorShuffle<Float> ROTATE_8 = VectorShuffle.iota(SPECIES, 8, 1, true);
    private static final VectorShuffle<Float> ROTATE_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
    private static final VectorShuffle<Float> ROTATE_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
    private static final VectorShuffle<Float> ROTATE_1 = VectorShuffle.iota(SPECIES, 1, 1, true);

    private Lanes() {}

    private static VectorSpecies<Float> species() {
        int widest = Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);
        int bits = Integer.getInteger(BITS_PROPERTY, widest);
        if (bits < 128 || bits > widest || Integer.bitCount(bits) != 1) {
            throw new IllegalArgumentException("-D%s=%d: expected a power of two from 128 to %d, this machine's width"
                    .formatted(BITS_PROPERTY, bits, widest));
        }
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    static FloatVector load(float[] a, int offset) {
        return FloatVector.fromArray(SPECIES, a, offset);
    }

    static FloatVector load(float[] a, int offset, VectorMask<Float> mask) {
        return FloatVector.fromArray(SPECIES, a, offset, mask);
    }

    static FloatVector broadcast(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    static IntVector broadcast(int value) {
        return IntVector.broadcast(INT_SPECIES, value);
    }

    static FloatVector zero() {
        return FloatVector.zero(SPECIES);
    }

    /** The mask of the elements {@code i..n-1} that are left after the last full vector. */
    static VectorMask<Float> tail(int i, int n) {
        return SPECIES.indexInRange(i, n);
    }

    /**
     * The sum of all lanes, by halves. {@code reduceLanes} leaves the order open, and interpreted and compiled code do
     * differ.
     */
    static float sum(FloatVector v) {
        if (COUNT > 8) {
            v = v.add(v.rearrange(ROTATE_8));
        }
        if (COUNT > 4) {
            v = v.add(v.rearrange(ROTATE_4));
        }
        v = v.add(v.rearrange(ROTATE_2));
        return v.add(v.rearrange(ROTATE_1)).lane(0);
    }

    /** The largest multiple of {@link #COUNT} that is at most {@code n}. */
    static int bound(int n) {
        return n & -COUNT;
    }

    /** The smallest multiple of {@link #COUNT} that is at least {@code n}. */
    static int padded(int n) {
        return (n + COUNT - 1) & -COUNT;
    }
}
