package org.jclap.clap.data;

import java.util.Collections;
import java.util.List;

/**
 * The random numbers of Python's {@code random} module: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998)
 * with CPython's seeding, bit order and rejection, so that published splits and crops can be reproduced.
 */
public final class PythonRandom {
    private static final int N = 624;
    private static final int M = 397;
    private static final int UPPER_BIT = 0x80000000;
    private static final int LOWER_BITS = 0x7fffffff;
    private static final int MATRIX = 0x9908b0df;

    private final int[] state = new int[N];
    private int next = N;

    /** The generator after {@code random.seed(seed)}; Python drops the sign of the seed. */
    public PythonRandom(long seed) {
        var magnitude = Math.abs(seed); // of Long.MIN_VALUE it is 2^63 when read as unsigned
        var low = (int) magnitude;
        var high = (int) (magnitude >>> 32);
        initialise(high == 0 ? new int[] {low} : new int[] {low, high});
    }

    /** {@code init_by_array} of the authors' reference implementation. */
    private void initialise(int[] key) {
        state[0] = 19650218;
        for (var i = 1; i < N; i++) {
            state[i] = 1812433253 * mixed(i - 1) + i;
        }
        var i = 1;
        for (var k = 0; k < N; k++) { // the key is never longer than the state
            var j = k % key.length;
            state[i] = (state[i] ^ (mixed(i - 1) * 1664525)) + key[j] + j;
            i = following(i);
        }
        for (var k = 1; k < N; k++) {
            state[i] = (state[i] ^ (mixed(i - 1) * 1566083941)) - i;
            i = following(i);
        }
        state[0] = UPPER_BIT;
    }

    private int mixed(int i) {
        return state[i] ^ (state[i] >>> 30);
    }

    /** The next place of the state in 1..N-1; place 0 repeats the last one when the round is complete. */
    private int following(int i) {
        if (i + 1 < N) {
            return i + 1;
        }
        state[0] = state[N - 1];
        return 1;
    }

    private int nextWord() {
        if (next == N) {
            for (var i = 0; i < N; i++) {
                var y = (state[i] & UPPER_BIT) | (state[(i + 1) % N] & LOWER_BITS);
                state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : MATRIX);
            }
            next = 0;
        }
        var y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    /** A number in [0, 1) with 53 random bits. */
    public double random() {
        var high = nextWord() >>> 5;
        var low = nextWord() >>> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    /** A number of {@code bits} random bits, 0..63; words are drawn from the lowest to the highest. */
    public long getrandbits(int bits) {
        if (bits < 0 || bits > 63) {
            throw new IllegalArgumentException("bits must be in 0..63, not " + bits);
        }
        if (bits == 0) {
            return 0;
        }
        if (bits <= 32) {
            return Integer.toUnsignedLong(nextWord()) >>> (32 - bits);
        }
        var low = Integer.toUnsignedLong(nextWord());
        return low | (Integer.toUnsignedLong(nextWord()) >>> (64 - bits)) << 32;
    }

    /** A number in {@code [0, bound)}, by rejection of too great draws. */
    public long randrange(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("the bound must be positive, not " + bound);
        }
        var bits = 64 - Long.numberOfLeadingZeros(bound);
        var draw = getrandbits(bits);
        while (draw >= bound) {
            draw = getrandbits(bits);
        }
        return draw;
    }

    /** Shuffles {@code list} in place. */
    public void shuffle(List<?> list) {
        for (var i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, (int) randrange(i + 1L));
        }
    }
}
