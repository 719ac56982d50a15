package org.jclap.bench;

import java.util.List;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.LogMel;

/**
 * Log-mel spectrograms of clips of 5 s at 44.1 kHz. The work is that of the usual count of a real transform, 2.5 W log2 W:
 * windows and mel bands add a tenth to it.
 */
final class LogMelCases {
    private static final FrontEnd GEOMETRY = FrontEnd.CLAP;
    private static final int SAMPLES = GEOMETRY.samples(5);

    private LogMelCases() {}

    static List<BenchCase> all() {
        return List.of(logMel(1), logMel(32));
    }

    private static BenchCase logMel(int clips) {
        double size = GEOMETRY.windowSize();
        double flops = 2.5 * size * Math.log(size) / Math.log(2) * GEOMETRY.frames(SAMPLES) * clips;
        return new BenchCase("log-mel/%d x 5 s".formatted(clips), Work.flops(flops), stage -> {
            var logMel = new LogMel(GEOMETRY);
            var waves = stage.uniform(clips, SAMPLES);
            return () -> List.of(logMel.apply(waves));
        });
    }
}
