package org.jclap.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void runsEveryTaskOnce(int threads) {
        try (var workers = new Workers(threads)) {
            for (var tasks : new int[] {0, 1, 2, 7, 1000}) {
                var runs = new AtomicIntegerArray(tasks);
                workers.parallelFor(tasks, runs::incrementAndGet);
                for (var i = 0; i < tasks; i++) {
                    assertEquals(1, runs.get(i));
                }
            }
        }
    }

    @Test
    void rangesCoverEverythingInBlocks() {
        try (var workers = new Workers(2)) {
            var runs = new AtomicIntegerArray(1021);
            workers.parallelRanges(1021, 100, (from, to) -> {
                assertTrue(from % 100 == 0 && to == Math.min(1021, from + 100));
                IntStream.range(from, to).forEach(runs::incrementAndGet);
            });
            assertEquals(1021, IntStream.range(0, 1021).map(runs::get).sum());
        }
    }

    @Test
    void tasksReallyRunAtTheSameTime() {
        try (var workers = new Workers(2)) {
            var both = new CountDownLatch(2);
            workers.parallelFor(2, _ -> {
                both.countDown();
                assertTrue(awaited(both), "the other task never started");
            });
        }
    }

    @Test
    void wakesParkedThreads() throws InterruptedException {
        try (var workers = new Workers(2)) {
            for (var round = 0; round < 3; round++) {
                Thread.sleep(50);
                var both = new CountDownLatch(2);
                workers.parallelFor(2, _ -> {
                    both.countDown();
                    assertTrue(awaited(both), "a parked thread did not wake up");
                });
            }
        }
    }

    @Test
    void nestedCallsRunInline() {
        try (var workers = new Workers(3)) {
            var count = new AtomicInteger();
            workers.parallelFor(10, _ -> {
                var outer = Thread.currentThread();
                workers.parallelFor(10, _ -> {
                    assertSame(outer, Thread.currentThread());
                    count.incrementAndGet();
                });
            });
            assertEquals(100, count.get());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void throwsTheFirstFailureAndStaysUsable(int threads) {
        try (var workers = new Workers(threads)) {
            var failure = assertThrows(
                    IllegalArgumentException.class,
                    () -> workers.parallelFor(100, i -> {
                        throw new IllegalArgumentException("task " + i);
                    }));
            for (var other : failure.getSuppressed()) {
                assertTrue(other instanceof IllegalArgumentException);
            }
            var count = new AtomicInteger();
            workers.parallelFor(100, _ -> count.incrementAndGet());
            assertEquals(100, count.get());
        }
    }

    @Test
    void refusesWorkAfterClose() {
        var workers = new Workers(2);
        workers.close();
        assertThrows(IllegalStateException.class, () -> workers.parallelFor(2, _ -> {}));
        assertThrows(IllegalArgumentException.class, () -> new Workers(0));
    }

    @Test
    void scratchIsReusedAndLargeEnough() {
        for (var size : new int[] {0, 1, 255, 256, 257, 1000, 1 << 20, (1 << 20) + 1}) {
            var a = Scratch.take(size);
            assertTrue(a.length >= size && a.length <= Math.max(256, size + size / 4), size + " gave " + a.length);
            Scratch.give(a);
            assertSame(a, Scratch.take(size));
        }
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
