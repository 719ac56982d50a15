package org.jclap.clap.synth;

import java.util.function.DoubleUnaryOperator;

/**
 * A mono signal and the effects that change it in place. Curves are read once per {@value #BLOCK} samples; levels and
 * pitches are interpolated in between.
 */
final class Sound {
    static final int BLOCK = 16;
    /** Filters and partials stay below this share of the sample rate. */
    private static final double HIGHEST = 0.45;
    /** Keeps the tails of recursive filters out of the slow range of denormal numbers. */
    private static final double ANTI_DENORMAL = 1e-20;
    /** Comb delays in seconds, mutually incommensurate (Schroeder 1962). */
    private static final double[] COMBS = {0.0297, 0.0371, 0.0411, 0.0437};

    private static final double[] ALLPASSES = {0.005, 0.0017};

    private final float[] samples;
    private final double rate;

    /** Takes the array over, without a copy. */
    Sound(float[] samples, double rate) {
        this.samples = samples;
        this.rate = rate;
    }

    private enum Response {
        LOW,
        BAND,
        HIGH
    }

    /** The samples themselves, not a copy. */
    float[] samples() {
        return samples;
    }

    int length() {
        return samples.length;
    }

    double seconds() {
        return samples.length / rate;
    }

    double rms() {
        double sum = 0;
        for (float sample : samples) {
            sum += (double) sample * sample;
        }
        return Math.sqrt(sum / Math.max(1, samples.length));
    }

    float peak() {
        float peak = 0;
        for (float sample : samples) {
            peak = Math.max(peak, Math.abs(sample));
        }
        return peak;
    }

    Sound copy() {
        return new Sound(samples.clone(), rate);
    }

    Sound gain(double factor) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (samples[i] * factor);
        }
        return this;
    }

    /** Scales to root mean square 1, so that {@code gain} states the level; silence stays silence. */
    Sound unit() {
        double rms = rms();
        return rms > 0 ? gain(1 / rms) : this;
    }

    /** Adds another sound from the time {@code at} (seconds, may be negative) on; what reaches over the ends is cut. */
    Sound add(Sound other, double at, double gain) {
        int offset = (int) (at * rate);
        int from = Math.max(0, -offset);
        int to = Math.min(other.samples.length, samples.length - offset);
        for (int i = from; i < to; i++) {
            samples[offset + i] = (float) (samples[offset + i] + gain * other.samples[i]);
        }
        return this;
    }

    Sound add(Sound other, double gain) {
        return add(other, 0, gain);
    }

    /** Multiplies by a level curve. */
    Sound envelope(DoubleUnaryOperator level) {
        double previous = level.applyAsDouble(0);
        for (int start = 0; start < samples.length; start += BLOCK) {
            int end = Math.min(samples.length, start + BLOCK);
            double next = level.applyAsDouble(end / (double) samples.length);
            double step = (next - previous) / (end - start);
            for (int i = start; i < end; i++) {
                samples[i] = (float) (samples[i] * (previous + step * (i - start)));
            }
            previous = next;
        }
        return this;
    }

    /** Exponential decay with the time constant {@code tau} in seconds. */
    Sound decay(double tau) {
        double factor = StrictMath.exp(-1 / (tau * rate));
        double level = 1;
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (samples[i] * level);
            level = level * factor + ANTI_DENORMAL;
        }
        return this;
    }

    /** Linear fades, in seconds, that take the clicks off both ends. */
    Sound fade(double in, double out) {
        int rise = Math.min(samples.length, (int) (in * rate));
        int fall = Math.min(samples.length, (int) (out * rate));
        for (int i = 0; i < rise; i++) {
            samples[i] *= (float) i / rise;
        }
        for (int i = 0; i < fall; i++) {
            samples[samples.length - 1 - i] *= (float) i / fall;
        }
        return this;
    }

    /** Swings the level between 1 and {@code 1 - depth}. */
    Sound tremolo(double hertz, double depth) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (samples[i] * (1 - depth * (0.5 + 0.5 * Curves.sine(i * hertz / rate))));
        }
        return this;
    }

    /** Soft saturation {@code x / (1 + |x|)} of the signal at unit root mean square times {@code amount}. */
    Sound drive(double amount) {
        unit();
        for (int i = 0; i < samples.length; i++) {
            double x = samples[i] * amount;
            samples[i] = (float) (x / (1 + Math.abs(x)));
        }
        return this;
    }

    Sound lowpass(double hertz) {
        return filter(Response.LOW, Curves.flat(hertz), 0.7);
    }

    Sound lowpass(DoubleUnaryOperator hertz, double quality) {
        return filter(Response.LOW, hertz, quality);
    }

    Sound highpass(double hertz) {
        return filter(Response.HIGH, Curves.flat(hertz), 0.7);
    }

    Sound bandpass(double hertz, double quality) {
        return filter(Response.BAND, Curves.flat(hertz), quality);
    }

    Sound bandpass(DoubleUnaryOperator hertz, double quality) {
        return filter(Response.BAND, hertz, quality);
    }

    /** State-variable filter by trapezoidal integration: stable while its cutoff moves (Simper 2013). */
    private Sound filter(Response response, DoubleUnaryOperator cutoff, double quality) {
        double damping = 1 / quality;
        double first = 0;
        double second = 0;
        double tuned = 0;
        double g = 0;
        for (int start = 0; start < samples.length; start += BLOCK) {
            int end = Math.min(samples.length, start + BLOCK);
            double hertz = Math.clamp(cutoff.applyAsDouble(start / (double) samples.length), 10, HIGHEST * rate);
            if (hertz != tuned) {
                g = StrictMath.tan(StrictMath.PI * hertz / rate);
                tuned = hertz;
            }
            double a1 = 1 / (1 + g * (g + damping));
            double a2 = g * a1;
            double a3 = g * a2;
            for (int i = start; i < end; i++) {
                double input = samples[i] + ANTI_DENORMAL;
                double difference = input - second;
                double band = a1 * first + a2 * difference;
                double low = second + a2 * first + a3 * difference;
                first = 2 * band - first;
                second = 2 * low - second;
                samples[i] = (float)
                        switch (response) {
                            case LOW -> low;
                            case BAND -> damping * band;
                            case HIGH -> input - damping * band - low;
                        };
            }
        }
        return this;
    }

    /** The sum of bandpass resonances at {@code hertz}, each {@code tilt} times as loud as the one before. */
    Sound formants(double quality, double tilt, double... hertz) {
        var source = copy();
        gain(0);
        double level = 1;
        for (double center : hertz) {
            add(source.copy().bandpass(center, quality), level);
            level *= tilt;
        }
        return this;
    }

    /** Schroeder reverberation: four combs in parallel, two allpasses; {@code seconds} until -60 dB, wet share. */
    Sound reverb(double seconds, double wet) {
        var tail = new float[samples.length];
        for (double delay : COMBS) {
            int length = Math.max(1, (int) (delay * rate));
            double feedback = StrictMath.pow(10, -3 * delay / seconds);
            var line = new double[length];
            for (int i = 0, at = 0; i < samples.length; i++, at = at + 1 == length ? 0 : at + 1) {
                double out = line[at];
                line[at] = samples[i] + feedback * out + ANTI_DENORMAL;
                tail[i] += (float) (0.25 * out);
            }
        }
        for (double delay : ALLPASSES) {
            int length = Math.max(1, (int) (delay * rate));
            var line = new double[length];
            for (int i = 0, at = 0; i < tail.length; i++, at = at + 1 == length ? 0 : at + 1) {
                double delayed = line[at];
                double fed = tail[i] + 0.7 * delayed;
                line[at] = fed;
                tail[i] = (float) (delayed - 0.7 * fed);
            }
        }
        return gain(1 - wet).add(new Sound(tail, rate), wet);
    }

    /** Delays by a fraction of a second, cutting the end. */
    Sound delayed(double seconds) {
        return new Sound(new float[samples.length], rate).add(this, seconds, 1);
    }
}
