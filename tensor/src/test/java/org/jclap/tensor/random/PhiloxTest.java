package org.jclap.tensor.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The known answers are those published with Random123, the authors' implementation. */
final class PhiloxTest {
    @Test
    void answersZeros() {
        assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, block(0, 0, 0, 0, 0));
    }

    @Test
    void answersOnes() {
        assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, block(-1, -1, -1, -1, -1));
    }

    @Test
    void answersDigitsOfPi() {
        int[] expected = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
        int[] actual = block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0x299f31d0_a4093822L);
        assertArrayEquals(expected, actual);
    }

    @Test
    void fourElementsShareABlock() {
        int[] block = block(5, 3, 7, 1, 11);
        long step = (1L << 32) | 7;
        for (int word = 0; word < 4; word++) {
            assertEquals(block[word], Philox.word(11, step, 3, 20 + word, new int[4]));
        }
    }

    @Test
    void seedStepAndStreamEachChangeTheNumbers() {
        int word = Philox.word(1, 2, 3, 4, new int[4]);
        assertNotEquals(word, Philox.word(2, 2, 3, 4, new int[4]));
        assertNotEquals(word, Philox.word(1, 3, 3, 4, new int[4]));
        assertNotEquals(word, Philox.word(1, 2, 4, 4, new int[4]));
    }

    @Test
    void uniformNumbersFillTheHalfOpenUnitInterval() {
        assertEquals(0, Philox.uniform(0));
        assertEquals(1 - 0x1p-24f, Philox.uniform(-1));
        double sum = 0;
        int n = 100_000;
        for (int i = 0; i < n; i++) {
            sum += Philox.uniform(Philox.word(42, 0, 0, i, new int[4]));
        }
        // The mean of n uniform numbers has standard deviation 1 / sqrt(12 n); five of them are allowed.
        assertTrue(Math.abs(sum / n - 0.5) < 5 / Math.sqrt(12.0 * n), () -> "mean of seed 42 is off");
    }

    private static int[] block(int c0, int c1, int c2, int c3, long key) {
        int[] out = new int[4];
        Philox.block(c0, c1, c2, c3, key, out);
        return out;
    }
}
