package org.jclap.clap.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Expected values were computed with CPython 3.11. */
class PythonRandomTest {
    @Test
    void drawsTheCropOffsetsAndShufflesOfPython() {
        assertEquals(13726, new PythonRandom(123).randrange(220500));
        var list = new ArrayList<>(IntStream.range(0, 10).boxed().toList());
        new PythonRandom(123).shuffle(list);
        assertEquals(List.of(8, 7, 5, 9, 2, 3, 6, 1, 4, 0), list);
    }

    @Test
    void staysInStepBeyondOneBlockOfTheState() {
        var list = new ArrayList<>(IntStream.range(0, 5000).boxed().toList());
        new PythonRandom(123).shuffle(list);
        assertEquals(List.of(4851, 3935, 1490, 2269, 3403), list.subList(0, 5));
        assertEquals(List.of(714, 2192, 428), list.subList(4997, 5000));
    }

    @Test
    void drawsFiftyThreeBitFractions() {
        var random = new PythonRandom(123);
        assertEquals(0.052363598850944326, random.random());
        assertEquals(0.08718667752263232, random.random());
        assertEquals(0.4072417636703983, random.random());
    }

    @Test
    void seedsWithEveryLong() {
        assertEquals(1390851128, new PythonRandom(-7).getrandbits(32));
        assertEquals(1390851128, new PythonRandom(7).getrandbits(32));
        assertEquals(3369580051L, new PythonRandom(9876543210123L).getrandbits(32));
        assertEquals(2377109768L, new PythonRandom(Long.MIN_VALUE).getrandbits(32));
        var zero = new PythonRandom(0);
        assertEquals(0.8444218515250481, zero.random());
        assertEquals(87705687125L, zero.randrange(1L << 40));
        assertEquals(0, zero.randrange(1));
    }

    @Test
    void drawsMoreThanOneWordOfBits() {
        var random = new PythonRandom(7);
        assertEquals(5685818424L, random.getrandbits(33));
        assertEquals(3641603982383516983L, random.getrandbits(63));
        assertEquals(0, random.getrandbits(0));
        assertThrows(IllegalArgumentException.class, () -> random.getrandbits(64));
        assertThrows(IllegalArgumentException.class, () -> random.randrange(0));
    }
}
