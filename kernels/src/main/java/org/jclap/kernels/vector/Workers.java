package org.jclap.kernels.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A persistent pool of daemon threads that run the tasks of one loop at a time, the caller among them.
 *
 * <p>Idle threads spin for a moment before they park: kernels follow each other within microseconds, and waking a
 * parked thread costs tens of them. Tasks are handed out one by one from a counter, so a task must not know which
 * thread runs it. Those that run side by side have numbers far apart: neighbours often write to the same cache lines at
 * their border, and two cores that do so at once wait for each other.
 */
public final class Workers implements AutoCloseable {
    private static final int SPINS = 4_000;

    /** The body of a loop over blocks {@code from..to-1} of a range. */
    @FunctionalInterface
    public interface RangeBody {
        /** Handles the elements {@code from} to {@code to - 1}. */
        void accept(int from, int to);
    }

    private final Worker[] helpers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile @Nullable Loop current;
    private volatile boolean closed;

    /** A pool as wide as the machine. */
    public Workers() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /** A pool of {@code threads}, the caller included; 1 runs everything in the caller. */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        helpers = new Worker[threads - 1];
        for (var i = 0; i < helpers.length; i++) {
            helpers[i] = new Worker(i + 1);
        }
    }

    /** The number of threads, the caller included. */
    public int threads() {
        return helpers.length + 1;
    }

    /**
     * Runs {@code body} for 0 to {@code tasks - 1} and returns when all have ended. A call from inside a task, or while
     * another thread is using the pool, runs in its own thread. The first exception of a task is thrown here, later
     * ones are its suppressed ones, and tasks that have not begun by then are skipped.
     */
    public void parallelFor(int tasks, IntConsumer body) {
        if (closed) {
            throw new IllegalStateException("the pool is closed");
        }
        if (tasks <= 1 || helpers.length == 0 || !busy.compareAndSet(false, true)) {
            for (var i = 0; i < tasks; i++) {
                body.accept(i);
            }
            return;
        }
        var loop = new Loop(tasks, threads(), body);
        try {
            current = loop;
            var wanted = Math.min(helpers.length, tasks - 1);
            for (var i = 0; i < wanted; i++) {
                helpers[i].wake();
            }
            loop.takePart();
            loop.await();
        } finally {
            current = null;
            busy.set(false);
        }
        loop.rethrow();
    }

    /** Splits {@code 0..n-1} into blocks of {@code block} elements (the last may be shorter) and runs them as tasks. */
    public void parallelRanges(int n, int block, RangeBody body) {
        parallelFor(Math.ceilDiv(n, block), task -> {
            var from = task * block;
            body.accept(from, Math.min(n - from, block) + from);
        });
    }

    /** Ends the threads; a loop that is running is finished first by those that take part in it. */
    @Override
    public void close() {
        closed = true;
        for (var helper : helpers) {
            helper.wake();
        }
    }

    private static final class Loop {
        private final int tasks;
        private final int threads;
        /** Tasks of a thread that takes every one of its turns. */
        private final int each;

        private final int turns;
        private final IntConsumer body;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile @Nullable Throwable failure;

        Loop(int tasks, int threads, IntConsumer body) {
            this.tasks = tasks;
            this.threads = threads;
            this.body = body;
            each = Math.ceilDiv(tasks, threads);
            turns = each * threads;
        }

        boolean exhausted() {
            return next.get() >= turns;
        }

        void takePart() {
            for (int turn = next.getAndIncrement(); turn < turns; turn = next.getAndIncrement()) {
                try {
                    int task = turn % threads * each + turn / threads;
                    if (task < tasks && failure == null) {
                        body.accept(task);
                    }
                } catch (Throwable t) {
                    fail(t);
                } finally {
                    done.getAndIncrement();
                }
            }
        }

        // The wait is for a task that another thread is finishing now: yielding lets it run where cores are scarce.
        @SuppressWarnings("ThreadPriorityCheck")
        void await() {
            for (var spins = 0; done.get() < turns; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
        }

        private synchronized void fail(Throwable t) {
            var first = failure;
            if (first == null) {
                failure = t;
            } else if (first != t) {
                first.addSuppressed(t);
            }
        }

        void rethrow() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable t -> throw new IllegalStateException(t);
            }
        }
    }

    private final class Worker {
        private final Thread thread;
        private volatile boolean parked;

        Worker(int number) {
            thread = Thread.ofPlatform().daemon().name("jclap-worker-" + number).unstarted(this::run);
            thread.start();
        }

        void wake() {
            if (parked) {
                LockSupport.unpark(thread);
            }
        }

        private void run() {
            while (!closed) {
                var loop = awaitLoop();
                if (loop != null) {
                    loop.takePart();
                }
            }
        }

        private @Nullable Loop awaitLoop() {
            for (var spins = 0; spins < SPINS; spins++) {
                var loop = current;
                if (closed || (loop != null && !loop.exhausted())) {
                    return loop;
                }
                Thread.onSpinWait();
            }
            parked = true;
            var loop = current;
            if (!closed && (loop == null || loop.exhausted())) {
                LockSupport.park(Workers.this);
            }
            parked = false;
            return current;
        }
    }
}
