package org.jclap.clap.synth;

import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;

/**
 * The sources of sound: noise, oscillators, strings, struck bodies, grains and voices at one sample rate.
 *
 * <p>Durations are in seconds, frequencies in hertz. What would lie above the band of the sample rate is left out, so
 * a low rate does not alias.
 */
final class Kit {
    private static final double HIGHEST = 0.45;

    private final Draw draw;
    private final double rate;
    private final double clip;

    /** A kit for clips of {@code clip} seconds. */
    Kit(Draw draw, double rate, double clip) {
        this.draw = draw;
        this.rate = rate;
        this.clip = clip;
    }

    /** Length in seconds of the clip that is being made: how long a continuous sound lasts. */
    double clip() {
        return clip;
    }

    Sound silence(double seconds) {
        return new Sound(new float[Math.max(1, (int) (seconds * rate))], rate);
    }

    Sound noise(double seconds) {
        var sound = silence(seconds);
        float[] samples = sound.samples();
        for (int i = 0; i < samples.length; i++) {
            samples[i] = draw.white();
        }
        return sound;
    }

    /** Noise falling by 3 dB an octave: three leaky integrators, Kellet's economy filter. */
    Sound pink(double seconds) {
        var sound = noise(seconds);
        float[] samples = sound.samples();
        double slow = 0;
        double middle = 0;
        double fast = 0;
        for (int i = 0; i < samples.length; i++) {
            double white = samples[i];
            slow = 0.99765 * slow + white * 0.0990460;
            middle = 0.96300 * middle + white * 0.2965164;
            fast = 0.57000 * fast + white * 1.0526913;
            samples[i] = (float) (0.2 * (slow + middle + fast + white * 0.1848));
        }
        return sound;
    }

    /** Noise falling by 6 dB an octave above {@code corner}. */
    Sound rumble(double seconds, double corner) {
        var sound = noise(seconds);
        float[] samples = sound.samples();
        double leak = StrictMath.exp(-2 * StrictMath.PI * corner / rate);
        double state = 0;
        for (int i = 0; i < samples.length; i++) {
            state = leak * state + (1 - leak) * samples[i];
            samples[i] = (float) state;
        }
        return sound.unit().gain(0.3);
    }

    /** A harmonic tone; {@code partials} are the amplitudes of the first, second, ... harmonic. */
    Sound tone(double seconds, DoubleUnaryOperator hertz, double... partials) {
        return oscillate(seconds, hertz, (phase, step) -> {
            double sum = 0;
            for (int n = 1; n <= partials.length && n * step < HIGHEST; n++) {
                sum += partials[n - 1] * Curves.sine(n * phase);
            }
            return sum;
        });
    }

    /** Frequency modulation: {@code ratio} of modulator to carrier, {@code index} of modulation. */
    Sound fm(double seconds, DoubleUnaryOperator hertz, double ratio, double index) {
        return oscillate(
                seconds,
                hertz,
                (phase, _) -> Curves.sine(phase + 8 + index / (2 * StrictMath.PI) * Curves.sine(phase * ratio)));
    }

    /** A sawtooth whose jump is rounded off by a polynomial step (polyBLEP) against aliasing. */
    Sound saw(double seconds, DoubleUnaryOperator hertz) {
        return oscillate(seconds, hertz, (phase, step) -> ramp(phase - (long) phase, step));
    }

    /** A pulse wave that is high for the share {@code duty} of a period. */
    Sound pulse(double seconds, DoubleUnaryOperator hertz, double duty) {
        return oscillate(seconds, hertz, (phase, step) -> {
            double shifted = phase + 1 - duty;
            return ramp(phase - (long) phase, step) - ramp(shifted - (long) shifted, step);
        });
    }

    private static double ramp(double phase, double step) {
        double value = 2 * phase - 1;
        if (phase < step) {
            double t = phase / step;
            value -= t + t - t * t - 1;
        } else if (phase > 1 - step) {
            double t = (phase - 1) / step;
            value -= t * t + t + t + 1;
        }
        return value;
    }

    private interface Wave {
        double at(double phase, double step);
    }

    /** Runs a phase in turns at the pitch {@code hertz}; the start is drawn. */
    private Sound oscillate(double seconds, DoubleUnaryOperator hertz, Wave wave) {
        var sound = silence(seconds);
        float[] samples = sound.samples();
        double phase = draw.between(0, 1);
        double previous = hertz.applyAsDouble(0);
        for (int start = 0; start < samples.length; start += Sound.BLOCK) {
            int end = Math.min(samples.length, start + Sound.BLOCK);
            double next = hertz.applyAsDouble(end / (double) samples.length);
            for (int i = start; i < end; i++) {
                double step = (previous + (next - previous) * (i - start) / (end - start)) / rate;
                samples[i] = step < HIGHEST ? (float) wave.at(phase, step) : 0;
                phase += step;
            }
            previous = next;
        }
        return sound;
    }

    /**
     * A struck body: decaying modes at {@code base * ratio}; the mode with ratio r decays with {@code tau / r}. Each
     * mode is the impulse response of a two-pole resonator: two multiplications a sample.
     */
    Sound strike(double seconds, double base, double tau, double... ratios) {
        var sound = silence(seconds);
        float[] samples = sound.samples();
        for (double ratio : ratios) {
            double turns = base * ratio / rate;
            double level = draw.between(0.4, 1) / StrictMath.sqrt(ratio);
            if (turns >= HIGHEST) {
                continue;
            }
            double radius = StrictMath.exp(-ratio / (tau * rate));
            double angle = 2 * StrictMath.PI * turns;
            double feedback = 2 * radius * StrictMath.cos(angle);
            double before = 0;
            double current = level * StrictMath.sin(angle);
            int audible = (int) Math.min(samples.length, 12 * tau / ratio * rate);
            for (int i = 0; i < audible; i++) {
                samples[i] += (float) current;
                double next = feedback * current - radius * radius * before;
                before = current;
                current = next;
            }
        }
        return sound.fade(0.0005, 0.002);
    }

    /** A short burst of noise around {@code hertz}: clicks, taps, crackles. */
    Sound click(double tau, double hertz, double quality) {
        return noise(Math.min(1, 6 * tau)).bandpass(hertz, quality).decay(tau);
    }

    /** A sine gliding from one pitch to another under a hump: drops, bubbles, chirps. */
    Sound chirp(double seconds, double from, double to) {
        return tone(seconds, Curves.glide(from, to), 1).envelope(Curves.hump(0.2));
    }

    /** A plucked string (Karplus and Strong 1983); {@code damping} in (0, 1): 0 rings long and bright. */
    Sound pluck(double seconds, double hertz, double damping) {
        var sound = silence(seconds);
        float[] samples = sound.samples();
        var string = noise(Math.max(2, rate / hertz) / rate).samples();
        double blend = 0.5 * damping;
        double loss = StrictMath.pow(0.001, 1 / (hertz * (0.4 + 3 * (1 - damping))));
        for (int i = 0, at = 0; i < samples.length; i++) {
            int following = at + 1 == string.length ? 0 : at + 1;
            samples[i] = string[at];
            string[at] = (float) (loss * ((1 - blend) * string[at] + blend * string[following]));
            at = following;
        }
        return sound.fade(0.001, 0.01);
    }

    /** Grains at random times, on average {@code perSecond}, at random levels. */
    Sound scatter(double seconds, double perSecond, Supplier<Sound> grain) {
        var sound = silence(seconds);
        for (double at = draw.waiting(perSecond); at < seconds; at += draw.waiting(perSecond)) {
            sound.add(grain.get(), at, draw.between(0.2, 1));
        }
        return sound;
    }

    /** Grains in a rhythm of {@code hertz}, each moved by up to {@code jitter} (a share of the period). */
    Sound train(double seconds, DoubleUnaryOperator hertz, double jitter, Supplier<Sound> grain) {
        var sound = silence(seconds);
        double period = 1 / hertz.applyAsDouble(0);
        for (double at = draw.between(0, period); at < seconds; at += period) {
            period = 1 / hertz.applyAsDouble(at / seconds);
            sound.add(grain.get(), Math.max(0, at + period * draw.between(-jitter, jitter)), draw.between(0.7, 1));
        }
        return sound;
    }

    /** A throat: buzz and breath (share 0 to 1) through formant resonances. */
    Sound voice(double seconds, DoubleUnaryOperator hertz, double breath, double... formants) {
        double wander = draw.between(0.005, 0.03);
        var pitch = Curves.times(hertz, Curves.wobble(1, wander, seconds * draw.between(4, 9)));
        return saw(seconds, pitch).gain(1 - breath).add(noise(seconds), breath).formants(5, 0.6, formants);
    }

    /** Many people talking at once, none of them to be understood: syllables with vowel formants. */
    Sound babble(double seconds, double perSecond) {
        return scatter(seconds, perSecond, () -> {
            double pitch = draw.log(90, 260);
            double length = draw.between(0.08, 0.25);
            return voice(
                            length,
                            Curves.line(pitch, draw.about(pitch, 0.15)),
                            0.2,
                            draw.log(300, 800),
                            draw.log(900, 2200),
                            2700)
                    .envelope(Curves.hump(0.3));
        });
    }
}
