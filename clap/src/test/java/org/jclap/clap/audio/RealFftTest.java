package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealFftTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048})
    void equalsTheDirectTransform(int size) {
        var random = new SplittableRandom(size);
        double[] signal = random.doubles(size, -1, 1).toArray();
        double[] power = new double[size / 2 + 1];
        RealFft fft = new RealFft(size);
        RealFft.Scratch scratch = fft.new Scratch();
        // Twice, so that a scratch left in another state would show.
        fft.power(random.doubles(size).toArray(), power, scratch);
        fft.power(signal, power, scratch);
        for (int k = 0; k <= size / 2; k++) {
            assertEquals(direct(signal, k), power[k], 1e-11 * size, "size and seed %d, bin %d".formatted(size, k));
        }
    }

    @Test
    void keepsAQuietBinBesideALoudTone() {
        double[] signal = new double[1024];
        for (int i = 0; i < signal.length; i++) {
            signal[i] = Math.cos(2 * Math.PI * 100 * i / 1024) + 1e-8 * Math.cos(2 * Math.PI * 300 * i / 1024);
        }
        double[] power = new double[513];
        RealFft fft = new RealFft(1024);
        fft.power(signal, power, fft.new Scratch());
        assertEquals(512.0 * 512, power[100], 1e-6);
        assertEquals(512e-8 * 512e-8, power[300], 1e-16);
    }

    @Test
    void refusesOtherLengths() {
        assertThrows(IllegalArgumentException.class, () -> new RealFft(1));
        assertThrows(IllegalArgumentException.class, () -> new RealFft(1000));
    }

    private static double direct(double[] signal, int k) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < signal.length; i++) {
            double angle = -2 * Math.PI * ((long) k * i % signal.length) / signal.length;
            re += signal[i] * Math.cos(angle);
            im += signal[i] * Math.sin(angle);
        }
        return re * re + im * im;
    }
}
