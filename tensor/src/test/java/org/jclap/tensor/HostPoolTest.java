package org.jclap.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.Test;

final class HostPoolTest {
    private final HostPool pool = new HostPool();

    @Test
    void capacityHoldsTheLengthAndWastesAtMostAQuarter() {
        for (int length :
                new int[] {0, 1, 64, 65, 127, 1021, 1024, 1025, 12_345, 229_377, 1 << 18, 1_000_003, 1 << 24, 1 << 30
                }) {
            int capacity = HostPool.capacity(length);
            assertTrue(capacity >= length, () -> length + " -> " + capacity);
            assertTrue(capacity <= Math.max(128, 1.25 * length), () -> length + " -> " + capacity);
            assertEquals(capacity, HostPool.capacity(capacity), "a capacity is its own class");
        }
        assertTrue(HostPool.capacity(Integer.MAX_VALUE - 8) >= Integer.MAX_VALUE - 8);
    }

    @Test
    void givesAReleasedArrayToTheNextOfItsClass() {
        HostStorage first = pool.allocate(DType.F32, 1000);
        float[] array = first.floats();
        first.release();
        assertSame(array, pool.allocate(DType.F32, 1001).floats());
        assertEquals(1, pool.statistics().createdBuffers());
    }

    @Test
    void keepsTypesApart() {
        HostStorage half = pool.allocate(DType.F16, 100);
        Object array = half.array();
        half.release();
        assertNotSame(array, pool.allocate(DType.BF16, 100).array());
    }

    @Test
    void countsWhatIsInUse() {
        HostStorage a = pool.allocate(DType.F64, 64);
        HostStorage b = pool.allocate(DType.I32, 1);
        assertEquals(new HostPool.Statistics(2, 64 * 8 + 64 * 4, 64 * 8 + 64 * 4, 2), pool.statistics());
        a.release();
        assertEquals(new HostPool.Statistics(1, 64 * 4, 64 * 8 + 64 * 4, 2), pool.statistics());
        pool.resetPeak();
        b.release();
        assertEquals(new HostPool.Statistics(0, 0, 64 * 4, 2), pool.statistics());
    }

    @Test
    void trimForgetsFreeArrays() {
        HostStorage storage = pool.allocate(DType.F32, 10);
        float[] array = storage.floats();
        storage.release();
        pool.trim();
        assertNotSame(array, pool.allocate(DType.F32, 10).floats());
    }

    @Test
    void lastOwnerReturnsTheArrayAndNobodyAfterIt() {
        HostStorage storage = pool.allocate(DType.F32, 10);
        storage.retain();
        storage.release();
        assertEquals(1, pool.statistics().liveBuffers());
        storage.release();
        assertEquals(0, pool.statistics().liveBuffers());
        assertThrows(IllegalStateException.class, storage::release);
        assertThrows(IllegalStateException.class, storage::retain);
    }
}
