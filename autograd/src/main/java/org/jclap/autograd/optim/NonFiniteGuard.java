package org.jclap.autograd.optim;

import org.jclap.tensor.UserException;

/** Decides whether a step may change the parameters: one with a NaN or an infinity is skipped and counted. */
public final class NonFiniteGuard {
    private final int patience;
    private int inARow;
    private long skipped;

    /** A guard that permits {@code patience} bad steps in a row. */
    public NonFiniteGuard(int patience) {
        this.patience = patience;
    }

    /**
     * Whether loss and gradient norm are finite, so that the step counts.
     *
     * @throws UserException after more than {@code patience} bad steps in a row
     */
    public boolean admits(double loss, double norm) {
        if (Double.isFinite(loss) && Double.isFinite(norm)) {
            inARow = 0;
            return true;
        }
        skipped++;
        inARow++;
        if (inARow > patience) {
            throw new UserException(
                    "training diverged: %d steps in a row were not finite (loss %s, gradient norm %s); lower the learning rate or the clipping norm, or look for broken audio"
                            .formatted(inARow, loss, norm));
        }
        return false;
    }

    /** How many steps were skipped so far. */
    public long skipped() {
        return skipped;
    }
}
