package org.jclap.clap.audio;

import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.Shape;

/**
 * The log-mel front end of a model: what its geometry and its mel bank make of {@link org.jclap.tensor.op.LogMel}, with a
 * periodic Hann window. The waveform is not normalised.
 *
 * <p>One object serves any number of threads and backends.
 */
public final class LogMel {
    private final FrontEnd geometry;
    private final float[] window;
    private final MelBank.Bands bands;

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
        bands = bank.bands();
        window = new float[geometry.windowSize()];
        for (int i = 0; i < window.length; i++) {
            window[i] = (float) (0.5 - 0.5 * Math.cos(2 * Math.PI * i / window.length));
        }
    }

    /** The geometry of the result. */
    public FrontEnd geometry() {
        return geometry;
    }

    /**
     * The spectrograms of clips. The constants are a few kilobytes beside the clips: they go to the backend with every call,
     * and nothing has to be closed.
     *
     * @param waves {@code (B, N)} at the geometry's sample rate, N longer than half a window
     * @return {@code (B, 1, T, F)} in dB on the same backend, with T = {@code geometry.frames(N)} and F =
     *     {@code geometry.mels()}
     */
    public Tensor apply(Tensor waves) {
        int samples = waves.shape().last();
        if (samples <= window.length / 2) {
            throw new UserException(
                    "a wave of %d samples is too short for a window of %d: it needs %d; pad or repeat it"
                            .formatted(samples, window.length, window.length / 2 + 1));
        }
        var backend = waves.backend();
        return Ops.logMel(
                waves,
                Tensor.of(backend, Shape.of(window.length), window),
                Tensor.of(backend, Shape.of(geometry.mels(), bands.width()), bands.weights()),
                Tensor.of(backend, Shape.of(geometry.mels(), 2), bands.places()),
                geometry.hop());
    }
}
