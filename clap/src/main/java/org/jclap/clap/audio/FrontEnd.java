package org.jclap.clap.audio;

import org.jclap.tensor.UserException;

/**
 * The geometry of a log-mel spectrogram. Two embeddings are comparable only when theirs are equal.
 *
 * @param sampleRate of the audio, in Hz
 * @param windowSize samples per window and size of the Fourier transform, a power of two
 * @param hop samples from one frame to the next
 * @param mels mel bands
 * @param fMin lower edge of the lowest band, in Hz
 * @param fMax upper edge of the highest band, in Hz
 */
public record FrontEnd(int sampleRate, int windowSize, int hop, int mels, double fMin, double fMax) {
    /** Of the CLAP models with a CNN14. */
    public static final FrontEnd CLAP = new FrontEnd(44_100, 1024, 320, 64, 50, 14_000);

    /** Of the CNN14 trained on AudioSet at 32 kHz. */
    public static final FrontEnd PANNS_32K = new FrontEnd(32_000, 1024, 320, 64, 50, 14_000);

    /** Of the CNN14 trained on AudioSet at 16 kHz. */
    public static final FrontEnd PANNS_16K = new FrontEnd(16_000, 512, 160, 64, 50, 8_000);

    private static final int MAX_WINDOW = 1 << 20;

    /** Checks every value; the error names the field. */
    public FrontEnd {
        require(sampleRate > 0, "sampleRate", sampleRate, "must be positive");
        require(
                windowSize >= 4 && windowSize <= MAX_WINDOW && Integer.bitCount(windowSize) == 1,
                "windowSize",
                windowSize,
                "must be a power of two from 4 to " + MAX_WINDOW);
        require(hop > 0 && hop <= windowSize, "hop", hop, "must be from 1 to windowSize");
        require(mels > 0 && mels <= windowSize / 2, "mels", mels, "must be from 1 to windowSize / 2");
        require(fMin >= 0 && fMin < fMax, "fMin", fMin, "must be from 0 to below fMax");
        require(fMax <= sampleRate / 2.0, "fMax", fMax, "must be at most half of sampleRate");
    }

    /** Frequency bins of a frame, from 0 Hz to half the sample rate. */
    public int bins() {
        return windowSize / 2 + 1;
    }

    /** Frames of a wave of {@code samples}: one centred on every hop, the first on sample 0. */
    public int frames(int samples) {
        return samples / hop + 1;
    }

    /** Samples in {@code seconds} of audio. */
    public int samples(double seconds) {
        return Math.toIntExact(Math.round(seconds * sampleRate));
    }

    /** A stable text that tells two geometries apart, recorded with every result. */
    public String fingerprint() {
        return "%d Hz, window %d, hop %d, %d mel %s-%s Hz"
                .formatted(sampleRate, windowSize, hop, mels, plain(fMin), plain(fMax));
    }

    private static String plain(double hertz) {
        return hertz == Math.rint(hertz) ? Long.toString((long) hertz) : Double.toString(hertz);
    }

    private static void require(boolean condition, String field, Number value, String rule) {
        if (!condition) {
            throw new UserException("front end: %s = %s %s".formatted(field, value, rule));
        }
    }
}
