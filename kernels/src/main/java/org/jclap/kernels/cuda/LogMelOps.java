package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.LOG_MEL;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.LogMel;

/** {@code log_mel.cu}: bands beyond the spectrum or their weights are reported through {@link Faults}. */
final class LogMelOps {
    /** The largest whose transform fits into the shared memory that every device grants. */
    private static final int LONGEST_WINDOW = 4096;

    /** Enough blocks to fill the largest device; more would compute more roots of unity. */
    private static final int BLOCKS = 2048;

    private static final int WARP = 32;
    private static final int SAMPLES_OF_THREAD = 8;

    private final Launcher launcher;
    private final Faults faults;

    LogMelOps(Launcher launcher, Faults faults) {
        this.launcher = launcher;
        this.faults = faults;
    }

    void forward(LogMel op, List<Tensor> in, Tensor y) {
        int window = in.get(1).size();
        if (window > LONGEST_WINDOW) {
            throw new UserException(
                    "%s: a window of %d samples is beyond the CUDA kernel's %d; --device vector computes it"
                            .formatted(op.label(), window, LONGEST_WINDOW));
        }
        int samples = in.get(0).shape().dim(1);
        int frames = y.shape().dim(2);
        int all = y.shape().dim(0) * frames;
        if (y.size() == 0) {
            return;
        }
        launcher.kernel(LOG_MEL, "log_mel", y.dtype());
        in.forEach(launcher::tensor);
        launcher.tensor(y)
                .struct(
                        all,
                        frames,
                        samples,
                        window,
                        op.hop(),
                        y.shape().dim(3),
                        in.get(2).shape().dim(1))
                .address(faults.word(op.label() + ": the band from bin %d on, at position %d, reaches beyond the"
                        + " spectrum or its weights"))
                .shared(sharedFloats(window / 2) * Float.BYTES)
                .grid(Math.min(all, BLOCKS), 1, 1, threads(window), 1);
    }

    private static int threads(int window) {
        return Math.clamp(window / SAMPLES_OF_THREAD, WARP, Launcher.THREADS);
    }

    /** What the struct {@code Transform} of a size lays out: complex numbers, and roots. */
    private static int sharedFloats(int size) {
        return 2 * (size + size / WARP + 1) + 2 * (size + size / 2 + 1);
    }
}
