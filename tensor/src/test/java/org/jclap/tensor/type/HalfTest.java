package org.jclap.tensor.type;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class HalfTest {
    @Test
    void everyBfloat16SurvivesTheRoundTrip() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Half.bfloat16ToFloat((short) bits);
            if (Float.isNaN(value)) {
                assertTrue(Float.isNaN(Half.bfloat16ToFloat(Half.floatToBfloat16(value))));
            } else {
                assertEquals((short) bits, Half.floatToBfloat16(value));
            }
        }
    }

    @Test
    void roundsToNearestAndTiesToEven() {
        float step = 0x1p-7f;
        assertEquals(1, round(1 + 0.499f * step));
        assertEquals(1, round(1 + 0.5f * step));
        assertEquals(1 + step, round(1 + 0.501f * step));
        assertEquals(1 + 2 * step, round(1 + 1.5f * step));
    }

    @Test
    void roundsPastTheLargestValueToInfinity() {
        assertEquals(Float.POSITIVE_INFINITY, round(Float.MAX_VALUE));
        assertEquals(Float.NEGATIVE_INFINITY, round(-Float.MAX_VALUE));
    }

    @Test
    void nanWithAnyPayloadStaysNan() {
        assertTrue(Float.isNaN(round(Float.intBitsToFloat(0x7F800001))));
        assertTrue(Float.isNaN(round(Float.intBitsToFloat(0x7FFFFFFF))));
        assertTrue(Float.isNaN(round(Float.intBitsToFloat(0xFFFFFFFF))));
    }

    private static float round(float value) {
        return Half.bfloat16ToFloat(Half.floatToBfloat16(value));
    }
}
