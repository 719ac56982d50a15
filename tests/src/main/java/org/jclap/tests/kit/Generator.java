package org.jclap.tests.kit;

import java.util.SplittableRandom;

/** Random numbers from a seed that messages print; {@code -Djclap.seed=N} gives every generator other numbers. */
public final class Generator {
    private static final long SHIFT = Long.getLong("jclap.seed", 0);

    private final long seed;
    private final SplittableRandom random;

    /** The numbers of a seed. */
    public Generator(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed + SHIFT);
    }

    /** A number in [low, high). */
    public double uniform(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** An integer in [0, bound). */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** An integer in [from, to). */
    public int between(int from, int to) {
        return random.nextInt(from, to);
    }

    /** How to get the same numbers again. */
    @Override
    public String toString() {
        return "seed %d, -Djclap.seed=%d".formatted(seed, SHIFT);
    }
}
