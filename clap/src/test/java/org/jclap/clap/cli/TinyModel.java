package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.text.VocabularyTrainer;
import org.jclap.clap.text.WordPiece;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.tensor.Backends;

/** A model that even the scalar backend runs in no time, and sounds for it. */
final class TinyModel {
    static final int RATE = 8000;
    static final int DIM = 12;
    private static final FrontEnd FRONT_END = new FrontEnd(RATE, 256, 80, 32, 50, 4000);
    private static final double SECONDS = 0.4;

    private TinyModel() {}

    /** Writes a checkpoint with random weights. */
    static Path write(Path file, long seed) {
        var captions =
                List.of("this is a sound of a dog", "this is a sound of rain", "a siren", "wind and rain", "dog");
        var tokenizer = new WordPiece(VocabularyTrainer.train(captions, 120));
        var config = new ClapConfig(
                new Cnn14Config(List.of(2, 3, 4, 4, 6, 8), 48, 4, FRONT_END.mels(), FRONT_END.windowSize()),
                new BertConfig(tokenizer.vocabulary().size(), 32, 1, 8, 2, 16, 0.1, true),
                DIM);
        try (var backend = Backends.open("reference", 1);
                var checkpoint = ClapCheckpoint.create(backend, config, FRONT_END, SECONDS, tokenizer, 24, seed)) {
            checkpoint.save(file, Map.of());
        }
        return file;
    }

    /** Writes a noisy tone. */
    static Path tone(Path file, double seconds, double hertz, long seed) {
        var random = new SplittableRandom(seed);
        var wave = new float[(int) (seconds * RATE)];
        for (var i = 0; i < wave.length; i++) {
            wave[i] = (float) (0.5 * Math.sin(2 * Math.PI * hertz * i / RATE) + 0.1 * (random.nextDouble() - 0.5));
        }
        WavFile.write(file, RATE, SampleFormat.PCM_16, wave);
        return file;
    }
}
