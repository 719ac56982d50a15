package org.jclap.autograd.optim;

/** The learning rate of each step. Schedules are values: what one has learned so far is in its fields. */
public sealed interface LearningRate {
    /** The rate of a step, counted from 0. */
    double at(long step);

    /** The schedule to go on with after an epoch, counted from 1, that ended with this validation loss. */
    default LearningRate afterEpoch(int epoch, double loss) {
        return this;
    }

    /** The same rate throughout. */
    record Constant(double rate) implements LearningRate {
        @Override
        public double at(long step) {
            return rate;
        }
    }

    /**
     * A linear rise over {@code warmup} steps, the last of which has {@code peak}, then half a cosine down to {@code
     * floor} at step {@code total} and the floor from there on.
     */
    record WarmupCosine(double peak, double floor, long warmup, long total) implements LearningRate {
        /** Checks the order of the lengths. */
        public WarmupCosine {
            if (warmup < 0 || total < warmup) {
                throw new IllegalArgumentException(
                        "warm-up of %d steps must lie within the total of %d".formatted(warmup, total));
            }
        }

        @Override
        public double at(long step) {
            if (step < warmup) {
                return peak * (step + 1) / warmup;
            }
            if (step >= total) {
                return floor;
            }
            double progress = (double) (step - warmup) / (total - warmup);
            return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * progress));
        }
    }

    /**
     * Multiplies the rate by {@code factor} when the loss has been above its best value for more than {@code patience}
     * epochs, never below {@code floor}; epochs up to {@code quietEpochs} only set the loss to compare with. The rule of
     * SpeechBrain's schedule of the same name: after a drop the count starts again, the best value stays.
     *
     * @param rate the rate now
     * @param best the loss to compare with; infinite before the first epoch
     * @param waited for how many epochs the loss has been above it
     */
    record ReduceOnPlateau(
            double factor, int patience, int quietEpochs, double floor, double rate, double best, int waited)
            implements LearningRate {
        /** The published settings: factor 0.1, patience 10, no drop before epoch 10. */
        public static ReduceOnPlateau published(double rate, double floor) {
            return new ReduceOnPlateau(0.1, 10, 10, floor, rate, Double.POSITIVE_INFINITY, 0);
        }

        @Override
        public double at(long step) {
            return rate;
        }

        @Override
        public ReduceOnPlateau afterEpoch(int epoch, double loss) {
            if (epoch <= quietEpochs || loss <= best) {
                return with(rate, loss, 0);
            }
            return waited < patience ? with(rate, best, waited + 1) : with(Math.max(rate * factor, floor), best, 0);
        }

        private ReduceOnPlateau with(double newRate, double newBest, int newWaited) {
            return new ReduceOnPlateau(factor, patience, quietEpochs, floor, newRate, newBest, newWaited);
        }
    }
}
