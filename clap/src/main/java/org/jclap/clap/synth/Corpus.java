package org.jclap.clap.synth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.tensor.UserException;

/** Writes a whole corpus in the layouts of the published data sets. */
public final class Corpus {
    private Corpus() {}

    /** Told after each clip or unpaired caption, from one thread at a time. */
    @FunctionalInterface
    public interface Progress {
        /** {@code done} of {@code total} are finished. */
        void update(long done, long total);
    }

    /**
     * What was written.
     *
     * @param folder of the corpus
     * @param clips number of audio files
     * @param seconds of audio in all clips together
     * @param classes number of classes that label at least one clip
     */
    public record Summary(Path folder, int clips, double seconds, int classes) {}

    /**
     * Writes a corpus; the same plan and seed give the same bytes, whatever the number of threads.
     *
     * <p>Beside the parts there is {@code sources.csv} ({@code wav_path,class_name,sources}) with all that is to be
     * heard in each clip; it is written last, so its presence says that the corpus is complete.
     *
     * @throws UserException when the folder is not empty and the plan does not force, or a file cannot be written
     */
    public static Summary write(CorpusPlan plan, Path folder, long seed, Progress progress) {
        if (!plan.force()) {
            requireEmpty(folder);
        }
        try (var shop = new Workshop(plan, folder, seed, progress)) {
            new EvaluationSets(shop).write();
            new CaptionedSets(shop).write();
            shop.csv("sources.csv", List.of("wav_path", "class_name", "sources"), sources(shop.written()));
            long classes = shop.written().values().stream()
                    .map(Scenario::main)
                    .distinct()
                    .count();
            int clips = shop.written().size();
            return new Summary(folder, clips, clips * plan.seconds(), (int) classes);
        }
    }

    private static List<List<?>> sources(Map<String, Scenario> written) {
        var rows = new ArrayList<List<?>>();
        written.forEach((path, scenario) ->
                rows.add(List.of(path, scenario.main().name(), String.join(";", scenario.sources()))));
        return rows;
    }

    private static void requireEmpty(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new UserException(folder + " is not empty: choose another folder, or force to write into it");
            }
        } catch (IOException e) {
            throw new UserException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes one clip of a class as a 16-bit WAV file, to be listened to.
     *
     * @param className as for {@link SoundBank#find}
     * @return a caption of it
     * @throws UserException for an unknown class, a rate or length out of range, or a file that cannot be written
     */
    public static String preview(String className, Path file, long seed, int sampleRate, double seconds) {
        var random = new SplittableRandom(seed);
        var clip = SoundBank.generate(className, random, sampleRate, seconds);
        WavFile.write(file, sampleRate, SampleFormat.PCM_16, clip.samples());
        return new Captions(Exclusion.NONE)
                .describe(clip.scenario(), new Draw(random), 1)
                .getFirst();
    }
}
