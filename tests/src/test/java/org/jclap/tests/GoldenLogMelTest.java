package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.MelBank;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.EveryBackend;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.Test;

/** Log-mel spectrograms and the mel bank, against values computed in double precision. */
final class GoldenLogMelTest {
    /**
     * In dB. F32 makes a relative error of a few 1e-6 in the energy of a band that is not 60 dB below the frame's loudest
     * bin, which is some 1e-5 dB; nearer to the noise floor of the transform it grows.
     */
    private static final float DECIBELS = 2e-3f;

    private final Safetensors golden = Golden.open("logmel");
    private final FrontEnd geometry = geometry(golden.metadata());

    @EveryBackend
    void spectrogramsOfEveryWave(Backend backend) {
        try (Scope _ = Scope.open()) {
            Shape shape = golden.entry("wave").shape();
            Tensor waves = Tensor.of(backend, shape, golden.elements("wave").floats());
            Tensor spectrograms = new LogMel(geometry).apply(waves);
            assertEquals(golden.entry("logmel").shape(), spectrograms.shape());
            assertArrayEquals(golden.elements("logmel").floats(), spectrograms.toFloats(), DECIBELS, "log-mel in dB");
        }
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
