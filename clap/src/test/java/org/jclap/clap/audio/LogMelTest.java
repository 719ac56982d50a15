package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class LogMelTest {
    private static final FrontEnd SMALL = new FrontEnd(8000, 64, 20, 6, 50, 4000);

    private static final Backend BACKEND = Backends.open("vector", 2);

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    private static float[] apply(LogMel logMel, float[]... waves) {
        try (Scope _ = Scope.open()) {
            Tensor result = logMel.apply(WaveBatch.of(List.of(waves)).on(BACKEND));
            int frames = logMel.geometry().frames(waves[0].length);
            assertEquals(Shape.of(waves.length, 1, frames, logMel.geometry().mels()), result.shape());
            return result.toFloats();
        }
    }

    @Test
    void equalsTheDefinition() {
        float[] wave = noise(333, 3);
        float[] matrix = MelBank.slaney(SMALL).matrix();
        float[] actual = apply(new LogMel(SMALL), wave);
        assertEquals(17 * 6, actual.length);
        for (int t = 0; t < 17; t++) {
            for (int m = 0; m < 6; m++) {
                double energy = 0;
                for (int k = 0; k <= 32; k++) {
                    energy += matrix[m * 33 + k] * power(wave, t * 20 - 32, k);
                }
                double expected = 10 * Math.log10(Math.max(energy, 1e-10));
                assertEquals(expected, actual[t * 6 + m], 1e-4, "seed 3, frame %d, band %d".formatted(t, m));
            }
        }
    }

    @Test
    void silenceIsAtTheFloor() {
        float[] expected = new float[690 * 64];
        Arrays.fill(expected, -100);
        assertArrayEquals(expected, apply(new LogMel(FrontEnd.CLAP), new float[220_500]));
    }

    @Test
    void batchHoldsTheClipsOneAfterTheOther() {
        LogMel logMel = new LogMel(SMALL);
        float[][] waves = {noise(400, 1), noise(400, 2)};
        float[] batch = apply(logMel, waves);
        int stride = 21 * 6;
        assertEquals(2 * stride, batch.length);
        assertArrayEquals(apply(logMel, waves[0]), Arrays.copyOf(batch, stride));
        assertArrayEquals(apply(logMel, waves[1]), Arrays.copyOfRange(batch, stride, 2 * stride));
    }

    @Test
    void refusesClipsOfTwoLengths() {
        List<float[]> waves = List.of(new float[400], new float[401]);
        String message = assertThrows(IllegalArgumentException.class, () -> WaveBatch.of(waves))
                .getMessage();
        assertTrue(message.contains("400") && message.contains("401"), message);
    }

    /** The transform in F32 has its own noise, about 140 dB below the tone's bin; here it is hidden by the op's floor. */
    @Test
    void bandsBesideAFullScaleToneStayAtTheFloor() {
        float[] wave = new float[44_100];
        for (int i = 0; i < wave.length; i++) {
            // In the middle of bin 96.
            wave[i] = (float) Math.cos(2 * Math.PI * 96 * i / 1024);
        }
        float[] bands = apply(new LogMel(FrontEnd.CLAP), wave);
        for (int f = 0; f < 64; f++) {
            float decibels = bands[60 * 64 + f];
            boolean near = f > 36 && f < 44;
            assertTrue(near || decibels == -100, "band %d has %s dB".formatted(f, decibels));
        }
    }

    @Test
    void takesTheBankOfACheckpoint() {
        MelBank at32k = MelBank.slaney(FrontEnd.PANNS_32K);
        float[] wave = noise(4000, 9);
        float[] own = apply(new LogMel(FrontEnd.CLAP), wave);
        float[] imported = apply(new LogMel(FrontEnd.CLAP, MelBank.ofTransposed(at32k.transposed(), 513, 64)), wave);
        assertArrayEquals(apply(new LogMel(FrontEnd.PANNS_32K), wave), imported);
        assertTrue(IntStream.range(0, own.length).anyMatch(i -> Math.abs(own[i] - imported[i]) > 1));
    }

    @Test
    void refusesABankOfAnotherSize() {
        MelBank bank = MelBank.slaney(FrontEnd.PANNS_16K);
        String message = assertThrows(UserException.class, () -> new LogMel(FrontEnd.CLAP, bank))
                .getMessage();
        assertTrue(message.contains("64 bands of 257 bins") && message.contains("64 of 513"), message);
    }

    @Test
    void refusesAWaveThatCannotBeReflected() {
        LogMel logMel = new LogMel(FrontEnd.CLAP);
        assertEquals(2 * 64, apply(logMel, noise(513, 1)).length);
        String message = assertThrows(UserException.class, () -> apply(logMel, noise(512, 1)))
                .getMessage();
        assertTrue(message.contains("512 samples") && message.contains("needs 513"), message);
    }

    /** |DFT|² of bin {@code k} of the Hann-windowed 64 samples from {@code start} on, mirrored at the ends. */
    private static double power(float[] wave, int start, int k) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < 64; i++) {
            int at = Math.abs(start + i);
            at = at < wave.length ? at : 2 * (wave.length - 1) - at;
            double value = wave[at] * Math.pow(Math.sin(Math.PI * i / 64), 2);
            re += value * Math.cos(2 * Math.PI * k * i / 64);
            im += value * Math.sin(2 * Math.PI * k * i / 64);
        }
        return re * re + im * im;
    }

    private static float[] noise(int length, long seed) {
        var random = new SplittableRandom(seed);
        float[] wave = new float[length];
        for (int i = 0; i < length; i++) {
            wave[i] = random.nextFloat(-1, 1);
        }
        return wave;
    }
}
