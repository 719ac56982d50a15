package org.jclap.clap.synth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SoundTest {
    private static final int RATE = 16_000;
    private static final long SEED = 42;

    private final Kit kit = new Kit(new Draw(new SplittableRandom(SEED)), RATE, 1);

    /** Root mean square of the component at {@code hertz}, by correlation with a complex exponential. */
    private static double level(Sound sound, double hertz) {
        double re = 0;
        double im = 0;
        float[] samples = sound.samples();
        for (int i = 0; i < samples.length; i++) {
            re += samples[i] * Math.cos(2 * Math.PI * hertz * i / RATE);
            im += samples[i] * Math.sin(2 * Math.PI * hertz * i / RATE);
        }
        return Math.sqrt(2) * Math.hypot(re, im) / samples.length;
    }

    @Test
    void tableSineFollowsTheSine() {
        for (int i = 0; i < 1000; i++) {
            double turns = i * 0.01237;
            assertEquals(Math.sin(2 * Math.PI * turns), Curves.sine(turns), 2e-7, "turns " + turns);
        }
    }

    @Test
    void toneHasItsPartialsAndNoneAboveTheBand() {
        var tone = kit.tone(1, Curves.flat(500), 1, 0, 0.5);
        assertEquals(Math.sqrt(0.5), level(tone, 500), 1e-3);
        assertEquals(0, level(tone, 1000), 1e-3);
        assertEquals(0.5 * Math.sqrt(0.5), level(tone, 1500), 1e-3);
        // The third partial of 3 kHz is 9 kHz, which would alias to 7 kHz.
        assertEquals(0, level(kit.tone(1, Curves.flat(3000), 1, 0, 0.5), 7000), 1e-3);
    }

    @Test
    void filtersPassTheirBand() {
        assertEquals(Math.sqrt(0.5), level(kit.tone(1, Curves.flat(100), 1).lowpass(1000), 100), 0.01);
        assertTrue(level(kit.tone(1, Curves.flat(6000), 1).lowpass(600), 6000) < 0.02);
        assertEquals(Math.sqrt(0.5), level(kit.tone(1, Curves.flat(6000), 1).highpass(600), 6000), 0.02);
        assertTrue(level(kit.tone(1, Curves.flat(60), 1).highpass(600), 60) < 0.02);
        assertEquals(Math.sqrt(0.5), level(kit.tone(1, Curves.flat(900), 1).bandpass(900, 4), 900), 0.02);
        assertTrue(level(kit.tone(1, Curves.flat(5000), 1).bandpass(900, 4), 5000) < 0.05);
    }

    @Test
    void strikeRingsAtItsModesAndDecays() {
        var struck = kit.strike(1, 440, 0.2, 1, 2.5);
        double between = level(struck, 700);
        assertTrue(level(struck, 440) > 10 * between);
        assertTrue(level(struck, 1100) > 5 * between);
        double early = 0;
        double late = 0;
        for (int i = 0; i < RATE / 10; i++) {
            early += Math.abs(struck.samples()[i]);
            late += Math.abs(struck.samples()[RATE * 8 / 10 + i]);
        }
        assertTrue(early > 20 * late, "early " + early + ", late " + late);
    }

    @Test
    void pluckedStringSoundsAtItsPitch() {
        var string = kit.pluck(1, 320, 0.5);
        assertTrue(level(string, 320) > 5 * level(string, 480), "seed " + SEED);
    }

    @Test
    void addingCutsAtBothEnds() {
        var two = new Sound(new float[] {1, 2, 3}, 1);
        assertArrayEquals(
                new float[] {2, 3, 0, 0},
                new Sound(new float[4], 1).add(two, -1, 1).samples());
        assertArrayEquals(
                new float[] {0, 0, 0, 2},
                new Sound(new float[4], 1).add(two, 3, 2).samples());
        assertArrayEquals(
                new float[4], new Sound(new float[4], 1).add(two, 9, 1).samples());
    }

    @Test
    void reverberationOutlastsTheSound() {
        var sound = kit.silence(1).add(kit.click(0.002, 1000, 1), 1).reverb(1, 0.5);
        double tail = 0;
        for (int i = RATE / 2; i < RATE; i++) {
            tail += Math.abs(sound.samples()[i]);
        }
        assertTrue(tail > 0.01, "tail " + tail);
    }

    @Test
    void silenceStaysFinite() {
        var silence = kit.silence(0.1).unit().drive(3).reverb(1, 0.5).bandpass(100, 5);
        for (float sample : silence.samples()) {
            assertEquals(0, sample, 1e-12);
        }
    }
}
