package org.jclap.autograd.optim;

/**
 * Dynamic loss scaling (arXiv 1710.03740): F16 gradients below 6e-8 vanish, so the loss is multiplied by a factor that is
 * as large as overflow permits. It halves after a step that overflowed, and doubles after {@code interval} good ones.
 *
 * @param scale the factor now
 * @param streak good steps since the last change
 * @param interval good steps until the next rise
 */
public record LossScaler(double scale, int streak, int interval) {
    /** The scale below which an overflow is not its fault. */
    private static final double SMALLEST = 1;

    /** Keeps the scaled loss itself well inside an F32. */
    private static final double LARGEST = 0x1p24;

    /** The usual start: 2^16, a rise every 2000 steps. */
    public static LossScaler start() {
        return new LossScaler(0x1p16, 0, 2000);
    }

    /** No scaling, for F32 and BF16. */
    public static LossScaler none() {
        return new LossScaler(1, 0, Integer.MAX_VALUE);
    }

    /** The scaler to go on with after a step whose gradients were finite or not; the latter is to be skipped. */
    public LossScaler after(boolean finite) {
        if (!finite) {
            return new LossScaler(Math.max(scale / 2, SMALLEST), 0, interval);
        }
        return streak + 1 < interval
                ? new LossScaler(scale, streak + 1, interval)
                : new LossScaler(Math.min(scale * 2, LARGEST), 0, interval);
    }
}
