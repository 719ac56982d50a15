package org.jclap.clap.audio;

import org.jclap.tensor.UserException;

/**
 * Log-mel spectrograms in decibels, as the CNN14 of PANNs computes them: reflection at both ends, a periodic Hann window
 * centred on every hop, power, mel bands, {@code 10 log10(max(x, 1e-10))}. The waveform is not normalised.
 *
 * <p>One object serves any number of threads.
 */
public final class LogMel {
    /** The floor of the power, -100 dB. */
    private static final double FLOOR = 1e-10;

    private final FrontEnd geometry;
    private final MelBank bank;
    private final RealFft fft;
    private final double[] window;

    /** With the mel bank that belongs to {@code geometry}. */
    public LogMel(FrontEnd geometry) {
        this(geometry, MelBank.slaney(geometry));
    }

    /** With the mel bank of a checkpoint, whose size must be that of {@code geometry}. */
    public LogMel(FrontEnd geometry, MelBank bank) {
        if (bank.mels() != geometry.mels() || bank.bins() != geometry.bins()) {
            throw new UserException("the mel bank has %d bands of %d bins, but the front end (%s) needs %d of %d"
                    .formatted(bank.mels(), bank.bins(), geometry.fingerprint(), geometry.mels(), geometry.bins()));
        }
        this.geometry = geometry;
        this.bank = bank;
        fft = new RealFft(geometry.windowSize());
        window = new double[geometry.windowSize()];
        for (int i = 0; i < window.length; i++) {
            window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / window.length);
        }
    }

    /** The geometry of the result. */
    public FrontEnd geometry() {
        return geometry;
    }

    /**
     * One clip.
     *
     * @param wave at the geometry's sample rate, longer than half a window
     * @return (T, F), row-major, with T = {@code geometry.frames(wave.length)} and F = {@code geometry.mels()}
     */
    public float[] apply(float[] wave) {
        float[] out = new float[Math.multiplyExact(geometry.frames(wave.length), geometry.mels())];
        transform(wave, out, 0);
        return out;
    }

    /**
     * Clips of one length.
     *
     * @return (B, 1, T, F), row-major
     */
    public float[] batch(float[][] waves) {
        int stride = Math.multiplyExact(geometry.frames(waves[0].length), geometry.mels());
        float[] out = new float[Math.multiplyExact(waves.length, stride)];
        for (int i = 0; i < waves.length; i++) {
            if (waves[i].length != waves[0].length) {
                throw new IllegalArgumentException(
                        "clips of %d and %d samples in one batch".formatted(waves[0].length, waves[i].length));
            }
            transform(waves[i], out, i * stride);
        }
        return out;
    }

    /** Writes (T, F) of {@code wave} into {@code out} from {@code offset} on; for loaders that share one batch array. */
    public void transform(float[] wave, float[] out, int offset) {
        int size = window.length;
        float[] padded = reflect(wave, size / 2);
        double[] frame = new double[size];
        double[] power = new double[size / 2 + 1];
        RealFft.Scratch scratch = fft.new Scratch();
        int at = offset;
        for (int t = 0; t < geometry.frames(wave.length); t++) {
            int start = t * geometry.hop();
            for (int i = 0; i < size; i++) {
                frame[i] = padded[start + i] * window[i];
            }
            fft.power(frame, power, scratch);
            for (int m = 0; m < bank.mels(); m++) {
                out[at++] = (float) (10 * Math.log10(Math.max(bank.energy(m, power), FLOOR)));
            }
        }
    }

    /** The wave with {@code margin} mirrored samples on both sides; the outermost sample itself is not repeated. */
    private static float[] reflect(float[] wave, int margin) {
        int length = wave.length;
        if (length <= margin) {
            throw new UserException(
                    "a wave of %d samples is too short for a window of %d: it needs %d; pad or repeat it"
                            .formatted(length, 2 * margin, margin + 1));
        }
        float[] padded = new float[Math.addExact(length, 2 * margin)];
        System.arraycopy(wave, 0, padded, margin, length);
        for (int i = 1; i <= margin; i++) {
            padded[margin - i] = wave[i];
            padded[margin + length - 1 + i] = wave[length - 1 - i];
        }
        return padded;
    }
}
