package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;

import jdk.incubator.vector.FloatVector;

/** The arithmetic limit of one processor core: nothing but multiply-adds on registers, for benchmarks to compare with. */
public final class PeakKernel {
    /** Independent sums: more than two units with a latency of five keep busy, and they fit 16 registers with the factors. */
    private static final int CHAINS = 12;

    /** Floating point operations of one step of {@link #multiplyAdds}: two multiply-adds in each lane of each chain. */
    public static final int FLOPS_PER_STEP = 2 * 2 * CHAINS * COUNT;

    private PeakKernel() {}

    /**
     * Runs this many steps; the sum of all results must be used, else the loop is optimised away. C2 inlines methods of up to
     * 325 bytecodes, and where it inlined this one into the loop over tasks it took 2.4 times as long; the second half of a
     * step makes it too large for that.
     */
    public static float multiplyAdds(int steps) {
        var x = Lanes.broadcast(1e-3f);
        // Sums that start alike would stay alike, and a compiler might keep only one.
        FloatVector c0 = Lanes.zero(), c1 = x.add(c0), c2 = x.add(c1), c3 = x.add(c2), c4 = x.add(c3), c5 = x.add(c4);
        FloatVector c6 = x.add(c5), c7 = x.add(c6), c8 = x.add(c7), c9 = x.add(c8), c10 = x.add(c9), c11 = x.add(c10);
        for (var i = 0; i < steps; i++) {
            c0 = x.fma(x, c0);
            c1 = x.fma(x, c1);
            c2 = x.fma(x, c2);
            c3 = x.fma(x, c3);
            c4 = x.fma(x, c4);
            c5 = x.fma(x, c5);
            c6 = x.fma(x, c6);
            c7 = x.fma(x, c7);
            c8 = x.fma(x, c8);
            c9 = x.fma(x, c9);
            c10 = x.fma(x, c10);
            c11 = x.fma(x, c11);
            c0 = x.fma(x, c0);
            c1 = x.fma(x, c1);
            c2 = x.fma(x, c2);
            c3 = x.fma(x, c3);
            c4 = x.fma(x, c4);
            c5 = x.fma(x, c5);
            c6 = x.fma(x, c6);
            c7 = x.fma(x, c7);
            c8 = x.fma(x, c8);
            c9 = x.fma(x, c9);
            c10 = x.fma(x, c10);
            c11 = x.fma(x, c11);
        }
        var low = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
        return Lanes.sum(low.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11));
    }
}
