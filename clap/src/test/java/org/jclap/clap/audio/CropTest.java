package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.random.RandomGenerator;
import org.jclap.clap.audio.Crop.LongClip;
import org.jclap.clap.audio.Crop.ShortClip;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CropTest {
    private static final float[] RAMP = {1, 2, 3, 4, 5, 6, 7};
    private static final RandomGenerator NONE = () -> {
        throw new AssertionError("a fixed policy drew a random number");
    };

    private static float[] crop(String name, int length) {
        return Crop.parse(name).apply(RAMP, length, NONE);
    }

    @Test
    void cutsLongClips() {
        assertArrayEquals(new float[] {1, 2, 3}, crop("first", 3));
        assertArrayEquals(new float[] {3, 4, 5}, crop("centre", 3));
        assertArrayEquals(new float[] {2, 3, 4, 5}, crop("centre", 4));
    }

    @Test
    void completesShortClips() {
        float[] clip = {1, 2};
        assertArrayEquals(new float[] {1, 2, 1, 2, 1}, Crop.parse("repeat").apply(clip, 5, NONE));
        assertArrayEquals(new float[] {0, 1, 2, 0, 0}, Crop.parse("pad").apply(clip, 5, NONE));
        assertArrayEquals(new float[] {1, 2, 0, 0, 0}, Crop.parse("pad-end").apply(clip, 5, NONE));
    }

    @Test
    void returnsAFittingClipAsItIs() {
        for (LongClip kept : LongClip.values()) {
            for (ShortClip completed : ShortClip.values()) {
                assertSame(RAMP, new Crop(kept, completed).apply(RAMP, 7, NONE));
            }
        }
    }

    @Test
    void randomSectionsReachBothEnds() {
        BitSet starts = new BitSet();
        for (int clip = 0; clip < 200; clip++) {
            float[] part = Crop.TRAINING.apply(RAMP, 3, Crop.random(1, 0, clip));
            assertArrayEquals(new float[] {part[0], part[0] + 1, part[0] + 2}, part);
            starts.set((int) part[0]);
        }
        assertEquals("{1, 2, 3, 4, 5}", starts.toString());
    }

    @Test
    void randomPaddingReachesBothEnds() {
        BitSet offsets = new BitSet();
        for (int clip = 0; clip < 200; clip++) {
            float[] padded = Crop.TRAINING.apply(new float[] {1}, 4, Crop.random(1, 0, clip));
            float sum = 0;
            for (int i = 0; i < 4; i++) {
                sum += padded[i];
                offsets.set(i, offsets.get(i) || padded[i] == 1);
            }
            assertEquals(1, sum);
        }
        assertEquals("{0, 1, 2, 3}", offsets.toString());
    }

    @Test
    void randomNumbersDependOnSeedEpochAndClip() {
        long value = Crop.random(1, 2, 3).nextLong();
        assertEquals(value, Crop.random(1, 2, 3).nextLong());
        assertNotEquals(value, Crop.random(2, 2, 3).nextLong());
        assertNotEquals(value, Crop.random(1, 3, 3).nextLong());
        assertNotEquals(value, Crop.random(1, 2, 4).nextLong());
        assertNotEquals(Crop.random(1, 3, 2).nextLong(), value);
    }

    @ParameterizedTest
    @CsvSource({
        "random, random+pad-random",
        "random+pad, random+pad-random",
        "random+repeat, random+repeat",
        "centre, centre+pad-centre",
        "centre+pad-end, centre+pad-end",
        "first, first+pad-centre",
        "first+repeat, first+repeat",
        "repeat, centre+repeat",
        "pad, centre+pad-centre",
        "pad-random, centre+pad-random"
    })
    void namesHaveDocumentedDefaults(String name, String full) {
        Crop crop = Crop.parse(name);
        assertEquals(full, crop.name());
        assertEquals(crop, Crop.parse(full));
    }

    @Test
    void protocolsHaveTheirPolicies() {
        assertEquals("random+pad-random", Crop.TRAINING.name());
        assertEquals("centre+pad-centre", Crop.VALIDATION.name());
        assertEquals("centre+repeat", Crop.EVALUATION.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "center", "random+", "+pad", "repeat+random", "random+pad+pad"})
    void unknownNamesListTheAllowed(String name) {
        String message =
                assertThrows(UserException.class, () -> Crop.parse(name)).getMessage();
        assertTrue(message.startsWith("unknown crop '%s'; allowed: random, ".formatted(name)), message);
        assertTrue(message.contains("centre+repeat") && message.contains("pad-end"), message);
    }

    @Test
    void refusesAnEmptyWave() {
        assertThrows(UserException.class, () -> Crop.EVALUATION.apply(new float[0], 5, NONE));
    }
}
