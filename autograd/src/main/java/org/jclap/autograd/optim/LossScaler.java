package org.jclap.autograd.optim;

/**
 * Dynamic loss scaling (arXiv 1710.03740): F16 gradients below 6e-8 vanish, so the loss is multiplied by a factor that is
 * as large as overflow permits. It halves after a step that overflowed, and doubles after {@code interval} good ones; {@link
 * org.jclap.tensor.op.StepControl} does so on the device.
 *
 * @param scale the factor at the start
 * @param interval good steps until the next rise
 */
public record LossScaler(double scale, int interval) {
    /** The usual start: 2^16, a rise every 2000 steps. */
    public static LossScaler dynamic() {
        return new LossScaler(0x1p16, 2000);
    }

    /** No scaling, for F32 and BF16. */
    public static LossScaler none() {
        return new LossScaler(1, Integer.MAX_VALUE);
    }
}
