package org.jclap.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RealFftTest {
    /** Every lane its own signal; sizes with one block and with several, with and without a pass of radix 2. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096})
    void equalsTheDirectTransform(int size) {
        var random = new SplittableRandom(size);
        float[] signals = new float[size * Lanes.COUNT];
        for (int i = 0; i < signals.length; i++) {
            signals[i] = random.nextFloat(-1, 1);
        }
        float[] power = new float[(size / 2 + 1) * Lanes.COUNT];
        new RealFft(size).power(signals.clone(), power);
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            for (int k = 0; k <= size / 2; k++) {
                // The rounding of a sum of as many terms as the size, relative to its square.
                assertEquals(
                        direct(signals, lane, size, k),
                        power[k * Lanes.COUNT + lane],
                        2e-6 * size,
                        "size and seed %d, lane %d, bin %d".formatted(size, lane, k));
            }
        }
    }

    private static double direct(float[] signals, int lane, int size, int k) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < size; i++) {
            double angle = -2 * Math.PI * ((long) k * i % size) / size;
            re += signals[i * Lanes.COUNT + lane] * Math.cos(angle);
            im += signals[i * Lanes.COUNT + lane] * Math.sin(angle);
        }
        return re * re + im * im;
    }

    /** The noise floor is that of F32: 140 dB below the loudest bin. */
    @ParameterizedTest
    @ValueSource(ints = {64, 1024, 8192})
    void keepsQuietBinsBesideALoudTone(int size) {
        float[] signals = new float[size * Lanes.COUNT];
        for (int i = 0; i < size; i++) {
            double loud = Math.cos(2 * Math.PI * 10 * i / size);
            double quiet = 1e-5 * Math.cos(2 * Math.PI * 20 * i / size);
            Arrays.fill(signals, i * Lanes.COUNT, (i + 1) * Lanes.COUNT, (float) (loud + quiet));
        }
        float[] power = new float[(size / 2 + 1) * Lanes.COUNT];
        new RealFft(size).power(signals, power);
        double loudest = size / 2.0 * (size / 2.0);
        assertEquals(1, power[10 * Lanes.COUNT] / loudest, 1e-5);
        assertEquals(1e-10, power[20 * Lanes.COUNT] / loudest, 2e-12);
        for (int k = 0; k <= size / 2; k++) {
            double relative = power[k * Lanes.COUNT] / loudest;
            assertEquals(0, k == 10 || k == 20 ? 0 : relative, 1e-14, "size %d, bin %d".formatted(size, k));
        }
    }
}
