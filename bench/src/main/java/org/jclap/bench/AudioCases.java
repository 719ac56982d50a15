package org.jclap.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.LogMel;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** Waves to log-mel, as a loader makes a batch. */
final class AudioCases {
    private static final int BATCH = 4;
    private static final double SECONDS = 5;

    private AudioCases() {}

    static List<BenchCase> all() {
        var geometry = FrontEnd.CLAP;
        int samples = geometry.samples(SECONDS);
        // What a wave costs in arithmetic depends on the Fourier transform, so only the time is reported.
        return List.of(new BenchCase("audio/log-mel 4 x 5 s", Work.UNDECLARED, stage -> {
            var logMel = new LogMel(geometry);
            var wave = stage.uniform(samples).toFloats();
            var waves = IntStream.range(0, BATCH).mapToObj(_ -> wave).toArray(float[][]::new);
            var shape = Shape.of(BATCH, 1, geometry.frames(samples), geometry.mels());
            return () -> List.of(Tensor.of(stage.backend(), shape, logMel.batch(waves)));
        }));
    }
}
