package org.jclap.tensor.random;

/**
 * Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * <p>A pure function from a 128-bit counter and a 64-bit key to 128 random bits: any element of a stream can be computed
 * on its own, so results do not depend on threads, and a dropout mask is recomputed instead of stored.
 */
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;

    private Philox() {}

    /** Writes the four words of the block {@code (c0, c1, c2, c3)} under {@code key} into {@code out[0..3]}. */
    public static void block(int c0, int c1, int c2, int c3, long key, int[] out) {
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = MULTIPLIER_0 * Integer.toUnsignedLong(c0);
            long p1 = MULTIPLIER_1 * Integer.toUnsignedLong(c2);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c1 = (int) p1;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c3 = (int) p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    /**
     * The word that decides over element {@code index} of one random stream of one step: block {@code index / 4} of the
     * counter {@code (block, stream, step)}, word {@code index % 4}.
     */
    public static int word(long seed, long step, int stream, int index, int[] scratch) {
        block(index >>> 2, stream, (int) step, (int) (step >>> 32), seed, scratch);
        return scratch[index & 3];
    }

    /** A word as a number in [0, 1) with 24 random bits, exact in float32. */
    public static float uniform(int word) {
        return (word >>> 8) * 0x1p-24f;
    }
}
