package org.jclap.clap.audio;

/**
 * Mono samples, nominally in [-1, 1], and their rate in Hz.
 *
 * <p>The array is handed over, not copied: a clip has megabytes, and each stage passes it on to the next.
 */
@SuppressWarnings("ArrayRecordComponent")
public record Waveform(float[] samples, int sampleRate) {
    /** The duration in seconds. */
    public double seconds() {
        return (double) samples.length / sampleRate;
    }

    /** The same sound at {@code rate} Hz; this object when the rate is that already. */
    public Waveform resampled(int rate) {
        return rate == sampleRate
                ? this
                : new Waveform(Resampler.of(sampleRate, rate).apply(samples), rate);
    }
}
