package org.jclap.clap.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.Manifest;
import org.jclap.tensor.io.AtomicFile;

/** Small sounds of four kinds with captions and classes, and configurations that train on them in seconds. */
final class TrainingCorpus {
    static final int RATE = 16_000;
    private static final List<String> KINDS = List.of("low tone", "high tone", "noise", "clicks");
    private static final List<String> WORDS = List.of("quiet", "loud", "long", "short", "distant", "near");

    private final Path folder;

    TrainingCorpus(Path folder) {
        this.folder = folder;
    }

    /** Writes {@code count} clips between 0.4 and 0.7 s and their manifest; returns the manifest. */
    Path pairs(String name, int count) {
        List<AudioItem> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String caption = "a " + WORDS.get(i / KINDS.size() % WORDS.size()) + " " + KINDS.get(i % KINDS.size());
            items.add(new AudioItem(name + i, clip(name, i), caption));
        }
        Path manifest = folder.resolve(name + ".csv");
        Manifest.write(manifest, items);
        return manifest;
    }

    /** Writes {@code count} clips and the list of their classes. */
    Path labels(String name, int count) {
        StringBuilder rows = new StringBuilder("ID,wav_path,class_name\n");
        for (int i = 0; i < count; i++) {
            rows.append("%s%d,%s,%s\n".formatted(name, i, clip(name, i), KINDS.get(i % KINDS.size())));
        }
        return write(name + ".csv", rows.toString());
    }

    Path write(String name, String text) {
        Path file = folder.resolve(name);
        AtomicFile.write(file, out -> out.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return file;
    }

    /** Clip {@code i}, of kind {@code i mod 4}. */
    Path clip(String name, int i) {
        SplittableRandom random = new SplittableRandom(name.hashCode() * 1000L + i);
        float[] wave = new float[random.nextInt(2 * RATE / 5, 7 * RATE / 10)];
        double pitch = random.nextDouble(0.9, 1.1);
        for (int t = 0; t < wave.length; t++) {
            wave[t] = (float)
                    switch (i % KINDS.size()) {
                        case 0 -> 0.5 * Math.sin(2 * Math.PI * 300 * pitch * t / RATE);
                        case 1 -> 0.5 * Math.sin(2 * Math.PI * 3000 * pitch * t / RATE);
                        case 2 -> random.nextDouble(-0.5, 0.5);
                        default -> t % 1600 < 16 ? 0.9 : 0;
                    };
        }
        Path file = folder.resolve("audio").resolve(name + i + ".wav");
        WavFile.write(file, RATE, SampleFormat.PCM_16, wave);
        return file;
    }

    /** A file whose header is right and whose samples are not. */
    Path broken(String name) {
        float[] wave = new float[RATE / 2];
        Arrays.fill(wave, Float.NaN);
        Path file = folder.resolve("audio").resolve(name + ".wav");
        WavFile.write(file, RATE, SampleFormat.FLOAT_32, wave);
        return file;
    }

    /** The smallest preset on clips of half a second; 20 of 24 pairs make 5 steps an epoch. */
    TrainConfig config(String run, String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "run=" + folder.resolve(run),
                "model.preset=tiny",
                "audio={sample_rate: 16000, window: 512, hop: 160, f_max: 8000, seconds: 0.5}",
                "text.vocabulary_size=60",
                "text.max_length=12",
                "data.validation_share=0.17",
                "data.threads=2",
                "data.max_bad_share=0",
                "optimizer.lr=1e-3",
                "loop={epochs: 2, batch: 4, log_every: 1}"));
        all.addAll(List.of(overrides));
        return ConfigFile.of(all);
    }

    static List<Example> examples(List<Path> files) {
        return IntStream.range(0, files.size())
                .mapToObj(i -> new Example("e" + i, files.get(i), "a caption", List.of()))
                .toList();
    }
}
