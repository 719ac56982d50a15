package org.jclap.kernels.vector;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * Working memory of the kernels: per thread, arrays are kept after use and handed out again, because a fresh page costs
 * more than the arithmetic on it. In steady state nothing is allocated. Contents are whatever was left in them.
 */
final class Scratch {
    private static final int SMALLEST = 8;
    private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

    /** Free arrays by size class; four classes per power of two bound the waste to a quarter. */
    private final List<Deque<float[]>> free = classes();

    private Scratch() {}

    /** An array of at least {@code size} floats, to be returned with {@link #give} by the same thread. */
    static float[] take(int size) {
        var sizeClass = sizeClass(size);
        var array = MINE.get().free.get(sizeClass).pollFirst();
        return array != null ? array : new float[classSize(sizeClass)];
    }

    /** Takes back an array of {@link #take}; an exception may lose it to the garbage collector without harm. */
    static void give(float[] array) {
        MINE.get().free.get(sizeClass(array.length)).addFirst(array);
    }

    static int sizeClass(int size) {
        var top = 32 - Integer.numberOfLeadingZeros(Math.max(size, 1 << SMALLEST) - 1);
        var step = 1 << (top - 3);
        var quarter = Math.max(0, Math.ceilDiv(Math.max(size, 1 << SMALLEST) - (1 << (top - 1)), step));
        return (top - 1) * 4 + quarter;
    }

    static int classSize(int sizeClass) {
        var size = (4L + sizeClass % 4) << (sizeClass / 4 - 2);
        return (int) Math.min(size, Integer.MAX_VALUE - 8);
    }

    private static List<Deque<float[]>> classes() {
        return Stream.generate(() -> (Deque<float[]>) new ArrayDeque<float[]>(2))
                .limit(32 * 4)
                .toList();
    }
}
