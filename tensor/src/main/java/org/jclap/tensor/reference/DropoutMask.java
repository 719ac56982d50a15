package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.random.Philox;

/** Which elements of one random stream are dropped; see {@link org.jclap.tensor.op.Dropout}. */
final class DropoutMask {
    private final float rate;
    private final int stream;
    private final long seed;
    private final long step;
    private final int[] block = new int[4];

    private DropoutMask(float rate, int stream, long seed, long step) {
        this.rate = rate;
        this.stream = stream;
        this.seed = seed;
        this.step = step;
    }

    /** The mask of a stream under the random state I64 {@code (2)}: seed and step. */
    static DropoutMask of(float rate, int stream, Tensor random) {
        Elements state = Elements.of(random);
        return new DropoutMask(rate, stream, state.getLong(0), state.getLong(1));
    }

    /** The mask of an op whose last input is the random state if, and only if, its rate is positive. */
    static DropoutMask ofLast(float rate, int stream, List<Tensor> inputs) {
        return rate > 0 ? of(rate, stream, inputs.getLast()) : new DropoutMask(0, stream, 0, 0);
    }

    /** 0 for a dropped element, else the value scaled so that its expectation stays what it was. */
    double apply(int index, double value) {
        if (rate == 0) {
            return value;
        }
        float uniform = Philox.uniform(Philox.word(seed, step, stream, index, block));
        return uniform < rate ? 0 : value / (1 - (double) rate);
    }
}
