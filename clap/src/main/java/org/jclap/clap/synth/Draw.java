package org.jclap.clap.synth;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Random choices of one clip; uses {@link StrictMath}, so that a seed draws the same on every machine. */
final class Draw {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final float INT_TO_UNIT = 0x1p-31f;

    private final RandomGenerator random;

    Draw(RandomGenerator random) {
        this.random = random;
    }

    /** An own stream for each clip, whatever thread renders it: a hash of the corpus seed, the set and the index. */
    static Draw of(long seed, String set, long index) {
        return new Draw(new SplittableRandom(mix(mix(mix(seed) + set.hashCode()) + index)));
    }

    /** The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
    private static long mix(long value) {
        long z = value + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Uniform in [low, high). */
    double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /**
     * Between the bounds on the logarithmic scale, on which pitch and duration are heard; values in the middle are
     * more common than extreme ones (the mean of three uniform draws).
     */
    double log(double low, double high) {
        double position = (random.nextDouble() + random.nextDouble() + random.nextDouble()) / 3;
        return low * StrictMath.exp(position * StrictMath.log(high / low));
    }

    /** {@code value} changed by up to the factor {@code 1 ± share}. */
    double about(double value, double share) {
        return value * between(1 - share, 1 + share);
    }

    /** Exponentially distributed waiting time of a Poisson process with {@code perSecond} events. */
    double waiting(double perSecond) {
        return -StrictMath.log(1 - random.nextDouble()) / perSecond;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** A whole number from {@code low} to {@code high}, both included. */
    int count(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** One sample of white noise in [-1, 1). */
    float white() {
        return random.nextInt() * INT_TO_UNIT;
    }
}
