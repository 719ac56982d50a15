package org.jclap.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Size classes, which the tests on the emulated device do without so as to find accesses out of bounds. */
class DeviceMemoryTest {
    private static final long SEED = 11;

    @Test
    void smallBlocksAreAlike() {
        assertEquals(512, DeviceMemory.sizeClass(0));
        assertEquals(512, DeviceMemory.sizeClass(1));
        assertEquals(512, DeviceMemory.sizeClass(512));
        assertEquals(1024, DeviceMemory.sizeClass(513));
    }

    @Test
    void classesAreAlignedWasteAQuarterAtMostAndAreTheirOwn() {
        var random = new SplittableRandom(SEED);
        for (int i = 0; i < 10_000; i++) {
            long bytes = 2049 + random.nextLong(1L << random.nextInt(12, 40));
            long size = DeviceMemory.sizeClass(bytes);
            String what = "%d bytes in %d, seed %d".formatted(bytes, size, SEED);
            assertTrue(size >= bytes && size % 512 == 0, what);
            assertTrue(4 * (size - bytes) <= bytes, what);
            assertEquals(size, DeviceMemory.sizeClass(size), what);
            assertTrue(size >= DeviceMemory.sizeClass(bytes - 1), what);
        }
    }
}
