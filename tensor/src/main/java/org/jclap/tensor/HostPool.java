package org.jclap.tensor;

import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jclap.tensor.type.DType;

/**
 * Recycles Java arrays by size class, so that a training step in steady state allocates nothing: a fresh page costs more
 * than the arithmetic on it.
 *
 * <p>Size classes are a quarter of a power of two apart, which bounds the waste at 25 %; large arrays get a {@link
 * HeapColour}.
 *
 * <p>With {@code -Djclap.poison=true} floating buffers are handed out full of NaN, so that an op that forgets to write an
 * element shows.
 */
public final class HostPool {
    private static final int SMALLEST = 64;
    private static final boolean POISON = Boolean.getBoolean("jclap.poison");

    private final Map<SizeClass, Deque<Object>> free = new HashMap<>();
    private long liveBuffers;
    private long liveBytes;
    private long peakBytes;
    private long createdBuffers;

    /** Arrays that can stand for one another. */
    private record SizeClass(DType dtype, int capacity) {}

    /** Counters of a pool: buffers and bytes in use, the most bytes ever in use, and arrays ever created. */
    public record Statistics(long liveBuffers, long liveBytes, long peakBytes, long createdBuffers) {}

    /** A storage of {@code length} elements with undefined content. */
    public synchronized HostStorage allocate(DType dtype, int length) {
        int capacity = capacity(length);
        Deque<Object> shelf = shelf(dtype, capacity);
        Object array = shelf.isEmpty() ? create(dtype, capacity) : shelf.pop();
        if (POISON) {
            poison(dtype, array);
        }
        liveBuffers++;
        liveBytes += (long) capacity * dtype.bytes();
        peakBytes = Math.max(peakBytes, liveBytes);
        return HostStorage.pooled(dtype, length, array, this);
    }

    /** The counters now. */
    public synchronized Statistics statistics() {
        return new Statistics(liveBuffers, liveBytes, peakBytes, createdBuffers);
    }

    /** Starts a new measurement of the peak. */
    public synchronized void resetPeak() {
        peakBytes = liveBytes;
    }

    /** Forgets every free array, so that the garbage collector can take it. */
    public synchronized void trim() {
        free.clear();
    }

    synchronized void recycle(DType dtype, Object array) {
        int capacity = Array.getLength(array);
        liveBuffers--;
        liveBytes -= (long) capacity * dtype.bytes();
        shelf(dtype, capacity).push(array);
    }

    /** The smallest size class that holds {@code length} elements. */
    static int capacity(int length) {
        if (length <= SMALLEST) {
            return SMALLEST;
        }
        int size = HeapColour.sizeFor(length);
        int step = Math.max(SMALLEST, Integer.highestOneBit(size - 1) >>> 2);
        long rounded = ((long) size + step - 1) / step * step;
        return HeapColour.lengthened((int) Math.min(rounded, Integer.MAX_VALUE - 8L));
    }

    private Deque<Object> shelf(DType dtype, int capacity) {
        return free.computeIfAbsent(new SizeClass(dtype, capacity), _ -> new ArrayDeque<>());
    }

    private Object create(DType dtype, int capacity) {
        createdBuffers++;
        return HostStorage.newArray(dtype, capacity);
    }

    private static void poison(DType dtype, Object array) {
        switch (dtype) {
            case F32 -> Arrays.fill((float[]) array, Float.NaN);
            case F64 -> Arrays.fill((double[]) array, Double.NaN);
            case F16, BF16 -> Arrays.fill((short[]) array, (short) 0x7FFF);
            case I32, I64, BOOL -> {}
        }
    }
}
