package org.jclap.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class HeapColourTest {
    private static final int PAGE = 4096;
    private static final int ARRAY_HEADER = 16;

    @Test
    void neighboursOfLargePowersOfTwoDoNotShareTheirPlaceInAPage() {
        for (int exponent = 18; exponent <= 26; exponent++) {
            long distance = ARRAY_HEADER + (long) Float.BYTES * HeapColour.lengthened(1 << exponent);
            for (int between = 1; between < 8; between++) {
                long place = between * distance % PAGE;
                assertTrue(Math.min(place, PAGE - place) > 400, "2^" + exponent + ", " + between + ": " + place);
            }
        }
    }

    @Test
    void aLengthenedArrayHasItsSize() {
        for (int size : new int[] {0, 1, 64, 229_376, 1 << 18, 5 << 16, 1 << 24, 1 << 30}) {
            assertEquals(size, HeapColour.sizeFor(HeapColour.lengthened(size)));
        }
    }

    @Test
    void aSizeHasRoomForTheLength() {
        for (int length : new int[] {0, 100, 262_143, 262_144, 267_896, 267_897, 1_000_003, Integer.MAX_VALUE - 8}) {
            assertTrue(HeapColour.lengthened(HeapColour.sizeFor(length)) >= length, () -> "" + length);
        }
    }
}
