package org.jclap.bench;

import java.util.List;
import org.jclap.kernels.vector.MicroKernelProbe;
import org.jclap.kernels.vector.PeakKernel;
import org.jclap.kernels.vector.Workers;
import org.jclap.tensor.CacheLine;
import org.jclap.tensor.HostPool;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;

/** The limits of the processor, measured as cases like any other. */
final class PeakCases {
    private static final int STEPS = 1_000_000;
    private static final int TASKS_PER_THREAD = 4;

    private static final int TILES = 10_000;

    /** 128 MiB in both arrays: more than the caches of a processor. */
    private static final int SIZE = 1 << 24;

    private static final int BLOCK = 1 << 16;

    private PeakCases() {}

    /** Multiply-adds on registers, in tasks that the threads take from each other when one is held up. */
    static BenchCase multiplyAdds(int threads) {
        var tasks = threads * TASKS_PER_THREAD;
        var work = Work.flops((double) tasks * STEPS * PeakKernel.FLOPS_PER_STEP);
        return new BenchCase("limit/multiply-add", work, stage -> new Multiply(stage.threads(), tasks));
    }

    /** What the Java machine copies arrays with. */
    static BenchCase copy() {
        return new BenchCase("limit/copy", Work.floats(2.0 * SIZE), stage -> new Copy(stage.threads()));
    }

    /** The innermost loop of matrix products. */
    static BenchCase microKernel() {
        return new BenchCase("limit/micro-kernel", Work.flops(TILES * MicroKernelProbe.FLOPS), _ -> {
            var probe = new MicroKernelProbe();
            return () -> {
                for (int i = 0; i < TILES; i++) {
                    probe.run();
                }
                return List.of();
            };
        });
    }

    private static final class Multiply implements Workload {
        private final Workers workers;
        private final float[] sums;

        Multiply(int threads, int tasks) {
            workers = new Workers(threads);
            sums = new float[tasks];
        }

        @Override
        public List<Tensor> run() {
            workers.parallelFor(sums.length, task -> sums[task] = PeakKernel.multiplyAdds(STEPS));
            return List.of();
        }

        @Override
        public void close() {
            workers.close();
        }
    }

    private static final class Copy implements Workload {
        private final Workers workers;
        private final float[] from;
        private final float[] to;
        private final int first = CacheLine.first(DType.F32);

        Copy(int threads) {
            workers = new Workers(threads);
            var pool = new HostPool();
            from = pool.allocate(DType.F32, first + SIZE).floats();
            to = pool.allocate(DType.F32, first + SIZE).floats();
        }

        @Override
        public List<Tensor> run() {
            workers.parallelRanges(
                    SIZE, BLOCK, (start, end) -> System.arraycopy(from, first + start, to, first + start, end - start));
            return List.of();
        }

        @Override
        public void close() {
            workers.close();
        }
    }
}
