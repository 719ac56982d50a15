package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Map;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.MelBank;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.Test;

/** Log-mel spectrograms and the mel bank, against values computed in double precision. */
final class GoldenLogMelTest {
    /** In dB; F32 accumulates about 1e-4 of a band's power, and a window's end samples differ in the last bit. */
    private static final float DECIBELS = 2e-3f;

    private final Safetensors golden = Golden.open("logmel");
    private final FrontEnd geometry = geometry(golden.metadata());

    @Test
    void spectrogramsOfEveryWave() {
        Shape waves = golden.entry("wave").shape();
        float[] samples = golden.elements("wave").floats();
        float[][] batch = new float[waves.dim(0)][];
        Arrays.setAll(batch, b -> Arrays.copyOfRange(samples, b * waves.dim(1), (b + 1) * waves.dim(1)));
        Shape expected = golden.entry("logmel").shape();
        assertEquals(Shape.of(batch.length, 1, geometry.frames(waves.dim(1)), geometry.mels()), expected);
        assertArrayEquals(
                golden.elements("logmel").floats(), new LogMel(geometry).batch(batch), DECIBELS, "log-mel in dB");
    }

    @Test
    void theMelBank() {
        MelBank bank = MelBank.slaney(geometry);
        assertEquals(Shape.of(bank.mels(), bank.bins()), golden.entry("melbank").shape());
        // Weights are at most 0.02; one F32 rounding of that.
        assertArrayEquals(golden.elements("melbank").floats(), bank.matrix(), 2e-9f, "mel bank");
    }

    private static FrontEnd geometry(Map<String, String> metadata) {
        return new FrontEnd(
                number(metadata, "sr"),
                number(metadata, "n_fft"),
                number(metadata, "hop"),
                number(metadata, "n_mels"),
                number(metadata, "fmin"),
                number(metadata, "fmax"));
    }

    private static int number(Map<String, String> metadata, String key) {
        return Integer.parseInt(metadata.getOrDefault(key, ""));
    }
}
