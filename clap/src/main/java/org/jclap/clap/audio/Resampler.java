package org.jclap.clap.audio;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jclap.tensor.UserException;

/**
 * Band-limited resampling with a Hann-windowed sinc: six zero crossings to each side, cut at 0.99 of the lower Nyquist
 * frequency. These are the defaults of torchaudio's {@code resample}, whose output it equals.
 *
 * <p>With the ratio reduced to {@code down : up}, output {@code q * up + i} is the inner product of filter {@code i} with
 * the input around {@code q * down}: {@code up} short filters, computed in double and stored as float.
 */
public final class Resampler {
    private static final int ZERO_CROSSINGS = 6;
    private static final double ROLLOFF = 0.99;

    /** Partial sums per inner product: they hide the latency of the addition. */
    private static final int LANES = 4;

    private static final ConcurrentMap<Ratio, Resampler> CACHE = new ConcurrentHashMap<>();

    private record Ratio(int down, int up) {}

    private final int down;
    private final int up;

    /** The length of each filter, a multiple of {@link #LANES}. */
    private final int taps;

    /** Input position of each filter's first tap, relative to {@code q * down} (up). */
    private final int[] firstTap;

    /** (up, taps). */
    private final float[] filters;

    /** The resampler for two rates in Hz; each ratio's filters are computed once. */
    public static Resampler of(int fromRate, int toRate) {
        if (fromRate < 1 || toRate < 1) {
            throw new UserException(
                    "cannot resample from %d Hz to %d Hz: rates must be positive".formatted(fromRate, toRate));
        }
        int divisor = gcd(fromRate, toRate);
        return CACHE.computeIfAbsent(new Ratio(fromRate / divisor, toRate / divisor), Resampler::new);
    }

    private Resampler(Ratio ratio) {
        down = ratio.down;
        up = ratio.up;
        double halfWidth = ZERO_CROSSINGS * down / (ROLLOFF * Math.min(down, up));
        taps = (int) Math.ceil((2 * halfWidth + 1) / LANES) * LANES;
        firstTap = new int[up];
        filters = new float[Math.multiplyExact(up, taps)];
        for (int i = 0; i < up; i++) {
            firstTap[i] = (int) Math.ceil((double) i * down / up - halfWidth);
            for (int k = 0; k < taps; k++) {
                filters[i * taps + k] = (float) filter(i, firstTap[i] + k);
            }
        }
    }

    /** The windowed sinc of output phase {@code i} at input position {@code n}; zero outside of the window. */
    private double filter(int i, int n) {
        double cutoff = ROLLOFF * Math.min(down, up);
        double t = (-(double) i / up + (double) n / down) * cutoff;
        if (Math.abs(t) >= ZERO_CROSSINGS) {
            return 0;
        }
        double window = Math.cos(t * Math.PI / ZERO_CROSSINGS / 2);
        double sinc = t == 0 ? 1 : Math.sin(t * Math.PI) / (t * Math.PI);
        return sinc * window * window * cutoff / down;
    }

    /**
     * Resamples {@code wave}; outside of it the signal is taken as zero.
     *
     * @return {@code ceil(length * up / down)} samples
     */
    public float[] apply(float[] wave) {
        if (down == up) {
            return wave.clone();
        }
        long length = Math.ceilDiv((long) wave.length * up, down);
        long blocks = Math.ceilDiv(length, up);
        // Zeros on both sides, so that no filter looks outside.
        int before = -firstTap[0];
        long paddedLength = Math.max((long) before + wave.length, blocks * down + before + taps);
        if (Math.max(length, paddedLength) > Integer.MAX_VALUE - 8) {
            throw new UserException(
                    "cannot resample %d samples: the result would have %d".formatted(wave.length, length));
        }
        float[] padded = new float[(int) paddedLength];
        System.arraycopy(wave, 0, padded, before, wave.length);
        float[] out = new float[(int) length];
        int at = 0;
        for (int origin = before; at < out.length; origin += down) {
            int phases = Math.min(up, out.length - at);
            block(padded, origin, out, at, phases);
            at += phases;
        }
        return out;
    }

    /** Outputs {@code at .. at + phases}, whose input block starts at {@code origin}. */
    private void block(float[] padded, int origin, float[] out, int at, int phases) {
        for (int i = 0; i < phases; i++) {
            int x = origin + firstTap[i];
            int h = i * taps;
            float a = 0;
            float b = 0;
            float c = 0;
            float d = 0;
            for (int k = 0; k < taps; k += LANES) {
                a += filters[h + k] * padded[x + k];
                b += filters[h + k + 1] * padded[x + k + 1];
                c += filters[h + k + 2] * padded[x + k + 2];
                d += filters[h + k + 3] * padded[x + k + 3];
            }
            out[at + i] = (a + b) + (c + d);
        }
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
