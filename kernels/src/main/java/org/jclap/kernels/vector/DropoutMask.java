package org.jclap.kernels.vector;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.random.Philox;

/**
 * Which elements of one random stream are dropped; see {@link org.jclap.tensor.op.Dropout}. Whole blocks of {@link Philox}
 * are computed at a time: each decides over four neighbours.
 */
final class DropoutMask {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;

    private static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, Lanes.SPECIES.vectorShape());
    private static final LongVector LANE = LongVector.zero(LONGS).addIndex(1);
    /** Elements that the blocks of one vector decide over. */
    private static final int GROUP = 4 * LONGS.length();
    /** Block after block: the first two words of each from one vector, the other two from another. */
    private static final VectorShuffle<Long> FIRST = interleave(0);

    private static final VectorShuffle<Long> SECOND = interleave(LONGS.length() / 2);

    private final int stream;
    private final long seed;
    private final long step;
    private final int threshold;
    private final float scale;

    private DropoutMask(float rate, int stream, long seed, long step) {
        this.stream = stream;
        this.seed = seed;
        this.step = step;
        // uniform < rate, in units of 2^-24: both sides are exact.
        this.threshold = (int) Math.ceil(rate * 0x1p24);
        this.scale = (float) (1 / (1 - (double) rate));
    }

    private static VectorShuffle<Long> interleave(int from) {
        // An exceptional index, negative, selects from the second vector.
        return VectorShuffle.fromOp(LONGS, i -> from + i / 2 - (i % 2) * LONGS.length());
    }

    /** The mask of a stream under the random state I64 {@code (2)}: seed and step. */
    static DropoutMask of(float rate, int stream, Tensor random) {
        long[] state = random.host().longs();
        return new DropoutMask(rate, stream, state[random.offset()], state[random.offset() + 1]);
    }

    /** The mask of an op whose last input is the random state if, and only if, its rate is positive. */
    static DropoutMask ofLast(float rate, int stream, List<Tensor> inputs) {
        return rate > 0 ? of(rate, stream, inputs.getLast()) : new DropoutMask(0, stream, 0, 0);
    }

    /** Whether nothing is dropped. */
    boolean isIdentity() {
        return threshold == 0;
    }

    /**
     * {@code y[yo + i]} = 0 where element {@code index + i} of the stream is dropped, else {@code x[xo + i]} scaled; x and y
     * may be the same array at the same place.
     */
    void apply(int index, float[] x, int xo, float[] y, int yo, int n) {
        int head = Math.min(n, -index & 3);
        int whole = head + (n - head) / GROUP * GROUP;
        single(index, x, xo, y, yo, head);
        groups((index + head) >>> 2, x, xo + head, y, yo + head, whole - head);
        single(index + whole, x, xo + whole, y, yo + whole, n - whole);
    }

    private void single(int index, float[] x, int xo, float[] y, int yo, int n) {
        int[] words = new int[4];
        for (int i = 0; i < n; i++) {
            int at = (index + i) & 3;
            if (i == 0 || at == 0) {
                Philox.block((index + i) >>> 2, stream, (int) step, (int) (step >>> 32), seed, words);
            }
            y[yo + i] = words[at] >>> 8 < threshold ? 0f : x[xo + i] * scale;
        }
    }

    /**
     * Whole blocks from number {@code counter} on, one in each lane of a vector of longs, whose upper halves hold whatever
     * the products left there. The rounds are those of {@link Philox#block}.
     */
    private void groups(int counter, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += GROUP) {
            var c0 = LongVector.broadcast(LONGS, counter + i / 4).add(LANE);
            var c1 = LongVector.broadcast(LONGS, stream);
            var c2 = LongVector.broadcast(LONGS, step);
            var c3 = LongVector.broadcast(LONGS, step >>> 32);
            int k0 = (int) seed;
            int k1 = (int) (seed >>> 32);
            for (int round = 0; round < ROUNDS; round++) {
                var p0 = c0.and(LOW).mul(MULTIPLIER_0);
                var p1 = c2.and(LOW).mul(MULTIPLIER_1);
                c0 = p1.lanewise(VectorOperators.LSHR, 32)
                        .lanewise(VectorOperators.XOR, c1)
                        .lanewise(VectorOperators.XOR, (long) k0);
                c1 = p1;
                c2 = p0.lanewise(VectorOperators.LSHR, 32)
                        .lanewise(VectorOperators.XOR, c3)
                        .lanewise(VectorOperators.XOR, (long) k1);
                c3 = p0;
                k0 += WEYL_0;
                k1 += WEYL_1;
            }
            var front = c0.and(LOW).or(c1.lanewise(VectorOperators.LSHL, 32));
            var back = c2.and(LOW).or(c3.lanewise(VectorOperators.LSHL, 32));
            var words = front.rearrange(FIRST, back).reinterpretAsInts();
            var dropped = words.lanewise(VectorOperators.LSHR, 8).lt(threshold).cast(Lanes.SPECIES);
            FloatVector.fromArray(Lanes.SPECIES, x, xo + i)
                    .mul(scale)
                    .blend(0f, dropped)
                    .intoArray(y, yo + i);
            words = front.rearrange(SECOND, back).reinterpretAsInts();
            dropped = words.lanewise(VectorOperators.LSHR, 8).lt(threshold).cast(Lanes.SPECIES);
            FloatVector.fromArray(Lanes.SPECIES, x, xo + i + Lanes.COUNT)
                    .mul(scale)
                    .blend(0f, dropped)
                    .intoArray(y, yo + i + Lanes.COUNT);
        }
    }
}
