package org.jclap.clap.audio;

/**
 * The discrete Fourier transform of real signals whose length is a power of two.
 *
 * <p>The even and odd samples become the real and imaginary parts of a complex signal of half the length. That one is
 * transformed by Stockham's self-sorting passes of radix 4, with a last pass of radix 2 where the length needs it:
 * unlike an in-place transform they need no bit reversal, and their inner loops run over contiguous memory. Double
 * precision keeps the noise floor of a loud frame below the -100 dB at which quiet mel bands are clipped.
 *
 * <p>The object holds tables only and serves any number of threads, each with its own {@link Scratch}.
 */
final class RealFft {
    /** The length of the complex signal. */
    private final int half;

    /** exp(-2 pi i k / size) for k in [0, size). */
    private final double[] cos;

    private final double[] sin;

    RealFft(int size) {
        if (size < 2 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("a transform of " + size + " samples; need a power of two from 2 on");
        }
        half = size / 2;
        cos = new double[size];
        sin = new double[size];
        for (int k = 0; k < size; k++) {
            cos[k] = Math.cos(2 * Math.PI * k / size);
            sin[k] = -Math.sin(2 * Math.PI * k / size);
        }
    }

    /** The working memory of one thread: two complex signals, the passes go from one to the other. */
    final class Scratch {
        private double[] re = new double[half];
        private double[] im = new double[half];
        private double[] nextRe = new double[half];
        private double[] nextIm = new double[half];

        private void swap() {
            double[] re0 = re;
            double[] im0 = im;
            re = nextRe;
            im = nextIm;
            nextRe = re0;
            nextIm = im0;
        }
    }

    /** The squared magnitudes of bins 0 to size / 2 of {@code signal} (size), into {@code power} (size / 2 + 1). */
    void power(double[] signal, double[] power, Scratch s) {
        for (int k = 0; k < half; k++) {
            s.re[k] = signal[2 * k];
            s.im[k] = signal[2 * k + 1];
        }
        int stride = 1;
        for (; half / stride >= 4; stride *= 4) {
            radix4(s, stride);
            s.swap();
        }
        if (half / stride == 2) {
            radix2(s, stride);
            s.swap();
        }
        split(s.re, s.im, power);
    }

    /** One pass over {@code half / stride / 4} butterflies, each for {@code stride} interleaved signals. */
    private void radix4(Scratch s, int stride) {
        double[] re = s.re;
        double[] im = s.im;
        double[] toRe = s.nextRe;
        double[] toIm = s.nextIm;
        int quarter = half / 4;
        for (int at = 0; at < quarter; at += stride) {
            // Turns of one, two and three times the butterfly's angle; the table is for twice the length.
            double cos1 = cos[2 * at];
            double sin1 = sin[2 * at];
            double cos2 = cos[4 * at];
            double sin2 = sin[4 * at];
            double cos3 = cos[6 * at];
            double sin3 = sin[6 * at];
            for (int a = at, to = 4 * at; a < at + stride; a++, to++) {
                double evenSumRe = re[a] + re[a + 2 * quarter];
                double evenSumIm = im[a] + im[a + 2 * quarter];
                double evenRe = re[a] - re[a + 2 * quarter];
                double evenIm = im[a] - im[a + 2 * quarter];
                double oddSumRe = re[a + quarter] + re[a + 3 * quarter];
                double oddSumIm = im[a + quarter] + im[a + 3 * quarter];
                // The odd difference, turned by i.
                double oddRe = im[a + 3 * quarter] - im[a + quarter];
                double oddIm = re[a + quarter] - re[a + 3 * quarter];
                toRe[to] = evenSumRe + oddSumRe;
                toIm[to] = evenSumIm + oddSumIm;
                double re1 = evenRe - oddRe;
                double im1 = evenIm - oddIm;
                toRe[to + stride] = re1 * cos1 - im1 * sin1;
                toIm[to + stride] = re1 * sin1 + im1 * cos1;
                double re2 = evenSumRe - oddSumRe;
                double im2 = evenSumIm - oddSumIm;
                toRe[to + 2 * stride] = re2 * cos2 - im2 * sin2;
                toIm[to + 2 * stride] = re2 * sin2 + im2 * cos2;
                double re3 = evenRe + oddRe;
                double im3 = evenIm + oddIm;
                toRe[to + 3 * stride] = re3 * cos3 - im3 * sin3;
                toIm[to + 3 * stride] = re3 * sin3 + im3 * cos3;
            }
        }
    }

    /** The last pass when the length is twice a power of four: it needs no turns. */
    private static void radix2(Scratch s, int stride) {
        for (int a = 0; a < stride; a++) {
            s.nextRe[a] = s.re[a] + s.re[a + stride];
            s.nextIm[a] = s.im[a] + s.im[a + stride];
            s.nextRe[a + stride] = s.re[a] - s.re[a + stride];
            s.nextIm[a + stride] = s.im[a] - s.im[a + stride];
        }
    }

    /** Separates the spectra of the even and odd samples and joins them to that of the real signal, as power. */
    private void split(double[] re, double[] im, double[] power) {
        power[0] = (re[0] + im[0]) * (re[0] + im[0]);
        power[half] = (re[0] - im[0]) * (re[0] - im[0]);
        for (int k = 1; k < half; k++) {
            int mirror = half - k;
            double evenRe = re[k] + re[mirror];
            double evenIm = im[k] - im[mirror];
            double oddRe = im[k] + im[mirror];
            double oddIm = re[mirror] - re[k];
            double sumRe = evenRe + oddRe * cos[k] - oddIm * sin[k];
            double sumIm = evenIm + oddRe * sin[k] + oddIm * cos[k];
            power[k] = 0.25 * (sumRe * sumRe + sumIm * sumIm);
        }
    }
}
