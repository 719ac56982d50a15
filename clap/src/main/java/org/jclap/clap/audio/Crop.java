package org.jclap.clap.audio;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jclap.tensor.UserException;

/**
 * How a clip of any length becomes one of the model's: what is kept of a longer one, and what completes a shorter one.
 *
 * <p>The choice changes the embedding, so it has a name that results record: a policy for long clips and one for short
 * ones, as in {@code random+pad-random}. Everything is a function of the given random numbers; policies that need none
 * draw none.
 */
public record Crop(LongClip longClip, ShortClip shortClip) {
    /** Training: a new section in every epoch, short clips at a random place in silence. */
    public static final Crop TRAINING = new Crop(LongClip.RANDOM, ShortClip.PAD_RANDOM);

    /** Validation while training: the same silence, nothing random. */
    public static final Crop VALIDATION = new Crop(LongClip.CENTRE, ShortClip.PAD_CENTRE);

    /** Zero-shot evaluation, retrieval and curation: short clips are repeated. */
    public static final Crop EVALUATION = new Crop(LongClip.CENTRE, ShortClip.REPEAT);

    /** The part that is kept of a clip that is too long. */
    public enum LongClip {
        /** A section whose start is uniform over all that fit. */
        RANDOM,
        /** The middle. */
        CENTRE,
        /** The beginning. */
        FIRST
    }

    /** The completion of a clip that is too short. */
    public enum ShortClip {
        /** The clip again and again, the last time cut. */
        REPEAT,
        /** Zeros on both sides, the clip at a uniform offset. */
        PAD_RANDOM,
        /** Zeros on both sides, the clip in the middle. */
        PAD_CENTRE,
        /** Zeros behind the clip. */
        PAD_END
    }

    private static final Map<String, Crop> NAMES = names();

    /**
     * Reads a name such as {@code random+pad-random}, {@code centre+repeat} or a part of one.
     *
     * <p>A lone policy for short clips means {@code centre} for long ones; a lone policy for long clips means
     * {@code pad} for short ones. {@code pad} is {@code pad-random} beside {@code random}, else {@code pad-centre}.
     *
     * @throws UserException listing the names, when {@code name} is none
     */
    public static Crop parse(String name) {
        Crop crop = NAMES.get(name);
        if (crop == null) {
            throw new UserException(
                    "unknown crop '%s'; allowed: %s".formatted(name, String.join(", ", NAMES.keySet())));
        }
        return crop;
    }

    private static Map<String, Crop> names() {
        Map<String, Crop> names = new LinkedHashMap<>();
        for (LongClip kept : LongClip.values()) {
            Crop padded = new Crop(kept, kept == LongClip.RANDOM ? ShortClip.PAD_RANDOM : ShortClip.PAD_CENTRE);
            names.put(name(kept), padded);
            names.put(name(kept) + "+pad", padded);
            for (ShortClip completed : ShortClip.values()) {
                Crop crop = new Crop(kept, completed);
                names.put(crop.name(), crop);
            }
        }
        names.put("pad", VALIDATION);
        for (ShortClip completed : ShortClip.values()) {
            names.put(name(completed), new Crop(LongClip.CENTRE, completed));
        }
        return names;
    }

    /** The full name, which {@link #parse} reads. */
    public String name() {
        return name(longClip) + "+" + name(shortClip);
    }

    private static String name(Enum<?> policy) {
        return policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The random numbers of one clip in one epoch: they depend on nothing else, so neither the order of loading nor the
     * number of threads matters.
     */
    public static RandomGenerator random(long seed, long epoch, long clip) {
        long mixed = new SplittableRandom(seed).nextLong() + epoch;
        return new SplittableRandom(new SplittableRandom(mixed).nextLong() + clip);
    }

    /**
     * A clip of exactly {@code length} samples.
     *
     * @param wave one sample or more; returned as it is when it has the length already
     */
    public float[] apply(float[] wave, int length, RandomGenerator random) {
        if (wave.length == 0) {
            throw new UserException("cannot crop a wave without samples");
        }
        if (wave.length == length) {
            return wave;
        }
        if (wave.length > length) {
            int start = start(wave.length, length, random);
            return Arrays.copyOfRange(wave, start, start + length);
        }
        int missing = length - wave.length;
        return switch (shortClip) {
            case REPEAT -> repeat(wave, length);
            case PAD_RANDOM -> pad(wave, random.nextInt(missing + 1), length);
            case PAD_CENTRE -> pad(wave, missing / 2, length);
            case PAD_END -> pad(wave, 0, length);
        };
    }

    /** The first frame kept of {@code frames}, at least {@code length}: with it a loader reads the section only. */
    public int start(int frames, int length, RandomGenerator random) {
        return switch (longClip) {
            case RANDOM -> random.nextInt(frames - length + 1);
            case CENTRE -> (frames - length) / 2;
            case FIRST -> 0;
        };
    }

    private static float[] repeat(float[] wave, int length) {
        float[] tiled = new float[length];
        for (int at = 0; at < length; at += wave.length) {
            System.arraycopy(wave, 0, tiled, at, Math.min(wave.length, length - at));
        }
        return tiled;
    }

    private static float[] pad(float[] wave, int offset, int length) {
        float[] padded = new float[length];
        System.arraycopy(wave, 0, padded, offset, wave.length);
        return padded;
    }
}
