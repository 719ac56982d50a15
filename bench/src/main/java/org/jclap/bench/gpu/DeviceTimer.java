package org.jclap.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import org.jclap.bench.Comparison;
import org.jclap.bench.Workload;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** Times work that a device queues: many calls, then one wait, which is a small part of it. */
final class DeviceTimer implements AutoCloseable {
    private static final double RUN_MILLIS = 20;
    private static final int MOST_CALLS = 1000;

    private final Tensor fence;

    /** A timer for work of this backend. */
    DeviceTimer(Backend backend) {
        fence = Tensor.of(backend, Shape.of(1), 0f).persistent();
    }

    /** Waits for everything that was asked for. */
    void await() {
        fence.toFloats();
    }

    /** Milliseconds of one call, in a run of so many. */
    double millis(Workload work, int calls) {
        await();
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            try (var _ = Scope.open()) {
                work.run();
            }
        }
        await();
        return 1e-6 * (System.nanoTime() - start) / calls;
    }

    /** Calls that make a run long enough; the first of them have loaded the kernels. */
    int calls(Workload work) {
        millis(work, 1);
        return (int) Math.clamp(RUN_MILLIS / millis(work, 1), 1, MOST_CALLS);
    }

    /** Milliseconds of one call, several times. */
    List<Double> rounds(Workload work, int rounds) {
        int calls = calls(work);
        var times = new ArrayList<Double>();
        for (int i = 0; i < rounds; i++) {
            times.add(millis(work, calls));
        }
        return times;
    }

    /** Two works in turns, each timed by the timer of its backend. */
    static Comparison inTurns(DeviceTimer ourTimer, Workload ours, DeviceTimer peerTimer, Workload peer, int rounds) {
        int ourCalls = ourTimer.calls(ours);
        int peerCalls = peerTimer.calls(peer);
        var ourTimes = new ArrayList<Double>();
        var peerTimes = new ArrayList<Double>();
        for (int i = 0; i < rounds; i++) {
            ourTimes.add(ourTimer.millis(ours, ourCalls));
            peerTimes.add(peerTimer.millis(peer, peerCalls));
        }
        return Comparison.of(ourTimes, peerTimes);
    }

    @Override
    public void close() {
        fence.close();
    }
}
