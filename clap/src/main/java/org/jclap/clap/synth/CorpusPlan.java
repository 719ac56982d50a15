package org.jclap.clap.synth;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jclap.tensor.UserException;

/**
 * What a corpus consists of.
 *
 * @param sampleRate of all clips, in hertz
 * @param seconds length of all clips
 * @param sizes how large each part becomes, see {@link CorpusPart}; parts that are not named are left out
 * @param excluded concepts that all parts but the evaluation sets are kept free of; empty for a dirty corpus
 * @param threads that render clips; the bytes do not depend on it
 * @param force write into a folder that is not empty: files of the same name are replaced, others stay
 */
public record CorpusPlan(
        int sampleRate,
        double seconds,
        Map<CorpusPart, Integer> sizes,
        Set<String> excluded,
        int threads,
        boolean force) {

    /** Checks the sizes; rate and length are checked when a clip is made. */
    public CorpusPlan {
        sizes = Map.copyOf(sizes);
        excluded = Set.copyOf(excluded);
        sizes.forEach((part, size) -> {
            if (size < 0 || part.items(size) > Integer.MAX_VALUE) {
                throw new UserException(
                        "size %d of %s: 0 to %d is possible".formatted(size, part, Integer.MAX_VALUE / part.items(1)));
            }
        });
        if (threads < 1) {
            throw new UserException("threads " + threads + ": at least 1 is needed");
        }
    }

    /** Some 4000 clips of 2 s at 16 kHz (about 290 MB): the method in miniature on a laptop. */
    public static CorpusPlan demo() {
        return empty(16_000, 2)
                .with(CorpusPart.ESC50, 10)
                .with(CorpusPart.URBANSOUND8K, 20)
                .with(CorpusPart.TUT17_DEVELOPMENT, 10)
                .with(CorpusPart.TUT17_EVALUATION, 5)
                .with(CorpusPart.CLOTHO, 600)
                .with(CorpusPart.AUDIOCAPS, 600)
                .with(CorpusPart.FSD50K, 500)
                .with(CorpusPart.MACS, 200)
                .with(CorpusPart.AUDIOSET, 300)
                .with(CorpusPart.UNPAIRED_AUDIO, 800)
                .with(CorpusPart.UNPAIRED_CAPTIONS, 2000);
    }

    /** ESC-50 at its published size and thousands of clips elsewhere, 5 s at 44.1 kHz (about 9 GB). */
    public static CorpusPlan standard() {
        return empty(44_100, 5)
                .with(CorpusPart.ESC50, 40)
                .with(CorpusPart.URBANSOUND8K, 100)
                .with(CorpusPart.TUT17_DEVELOPMENT, 52)
                .with(CorpusPart.TUT17_EVALUATION, 18)
                .with(CorpusPart.CLOTHO, 2000)
                .with(CorpusPart.AUDIOCAPS, 4000)
                .with(CorpusPart.FSD50K, 2000)
                .with(CorpusPart.MACS, 600)
                .with(CorpusPart.AUDIOSET, 1500)
                .with(CorpusPart.UNPAIRED_AUDIO, 3000)
                .with(CorpusPart.UNPAIRED_CAPTIONS, 10_000);
    }

    /** A plan without any part, to which parts are added by {@link #with}; all processors render. */
    public static CorpusPlan empty(int sampleRate, double seconds) {
        return new CorpusPlan(
                sampleRate, seconds, Map.of(), Set.of(), Runtime.getRuntime().availableProcessors(), false);
    }

    /** The same plan with other rate and length. */
    public CorpusPlan withAudio(int newRate, double newSeconds) {
        return new CorpusPlan(newRate, newSeconds, sizes, excluded, threads, force);
    }

    /** The same plan with another size of one part. */
    public CorpusPlan with(CorpusPart part, int size) {
        var changed = new EnumMap<CorpusPart, Integer>(CorpusPart.class);
        changed.putAll(sizes);
        changed.put(part, size);
        return new CorpusPlan(sampleRate, seconds, changed, excluded, threads, force);
    }

    /** The same plan, clean of these concepts. */
    public CorpusPlan excluding(Set<String> concepts) {
        return new CorpusPlan(sampleRate, seconds, sizes, concepts, threads, force);
    }

    /** The same plan with another number of threads. */
    public CorpusPlan withThreads(int newThreads) {
        return new CorpusPlan(sampleRate, seconds, sizes, excluded, newThreads, force);
    }

    /** The same plan, writing into a folder that is not empty as well. */
    public CorpusPlan withForce(boolean newForce) {
        return new CorpusPlan(sampleRate, seconds, sizes, excluded, threads, newForce);
    }

    /** The planned size of a part. */
    public int size(CorpusPart part) {
        return sizes.getOrDefault(part, 0);
    }

    /** Clips and unpaired captions altogether. */
    public long items() {
        long sum = 0;
        for (CorpusPart part : CorpusPart.values()) {
            sum += part.items(size(part));
        }
        return sum;
    }
}
