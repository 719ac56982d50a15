package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
    @ParameterizedTest
    @CsvSource({"48000,44100", "44100,48000", "44100,16000", "8000,44100", "22050,44100", "44100,22050", "7,3", "3,1000"
    })
    void equalsTheDefinitionAsOneSum(int from, int to) {
        for (int length : new int[] {1, 13, 700}) {
            float[] wave = noise(length);
            float[] expected = definition(wave, from, to);
            float[] actual = Resampler.of(from, to).apply(wave);
            assertEquals((int) Math.ceil((double) length * to / from), actual.length);
            assertArrayEquals(expected, actual, 1e-6f, "seed " + length);
        }
    }

    @Test
    void keepsATone() {
        float[] wave = tone(1000, 48_000, 4800);
        float[] expected = tone(1000, 44_100, 4410);
        float[] actual = Resampler.of(48_000, 44_100).apply(wave);
        for (int i = 100; i < 4310; i++) {
            assertEquals(expected[i], actual[i], 2e-3, "sample " + i);
        }
    }

    @Test
    void removesWhatTheNewRateCannotCarry() {
        float[] actual = Resampler.of(44_100, 16_000).apply(tone(15_000, 44_100, 44_100));
        for (int i = 100; i < actual.length - 100; i++) {
            assertEquals(0, actual[i], 2e-3, "sample " + i);
        }
    }

    @Test
    void equalRatesCopy() {
        float[] wave = noise(10);
        float[] same = Resampler.of(44_100, 44_100).apply(wave);
        assertArrayEquals(wave, same);
        assertNotSame(wave, same);
    }

    @Test
    void sharesFiltersOfEqualRatios() {
        assertSame(Resampler.of(48_000, 44_100), Resampler.of(96_000, 88_200));
    }

    @Test
    void resamplesNothingToNothing() {
        assertEquals(0, Resampler.of(48_000, 44_100).apply(new float[0]).length);
    }

    @Test
    void refusesImpossibleRates() {
        assertThrows(UserException.class, () -> Resampler.of(0, 44_100));
        assertThrows(UserException.class, () -> Resampler.of(44_100, -1));
    }

    /** The windowed sinc around every output instant, summed over the whole input in double. */
    private static float[] definition(float[] wave, int from, int to) {
        float[] out = new float[(int) Math.ceil((double) wave.length * to / from)];
        double cutoff = 0.99 * Math.min(from, to);
        for (int m = 0; m < out.length; m++) {
            double sum = 0;
            for (int n = 0; n < wave.length; n++) {
                double t = cutoff * ((double) n / from - (double) m / to);
                if (Math.abs(t) < 6) {
                    double sinc = Math.abs(t) < 1e-12 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
                    sum += wave[n] * sinc * Math.pow(Math.cos(Math.PI * t / 12), 2) * cutoff / from;
                }
            }
            out[m] = (float) sum;
        }
        return out;
    }

    private static float[] noise(int length) {
        var random = new SplittableRandom(length);
        float[] wave = new float[length];
        for (int i = 0; i < length; i++) {
            wave[i] = random.nextFloat(-1, 1);
        }
        return wave;
    }

    private static float[] tone(double hertz, int rate, int length) {
        float[] wave = new float[length];
        for (int i = 0; i < length; i++) {
            wave[i] = (float) Math.sin(2 * Math.PI * hertz * i / rate);
        }
        return wave;
    }
}
