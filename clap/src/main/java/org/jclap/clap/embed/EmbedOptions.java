package org.jclap.clap.embed;

import org.jclap.clap.audio.Crop;
import org.jclap.tensor.UserException;

/**
 * How audio and captions are embedded.
 *
 * @param crop what becomes of clips that are not as long as the model's
 * @param seed of the crop; every file begins with it anew, so that its embedding does not depend on other files
 * @param batch clips or captions that are computed at once
 * @param threads threads that read audio ahead
 * @param skipBad leave files out that cannot be read, instead of stopping
 */
public record EmbedOptions(Crop crop, long seed, int batch, int threads, boolean skipBad) {
    /** The seed of the published curation. */
    public static final long REFERENCE_SEED = 123;

    /** What fits into the memory of any machine and keeps it busy. */
    public static final int BATCH = 32;

    /** Checks the numbers. */
    public EmbedOptions {
        if (batch < 1 || threads < 1) {
            throw new UserException("batch (%d) and threads (%d) must be at least 1".formatted(batch, threads));
        }
    }

    /** The protocol of the published evaluations, made deterministic: the middle of long clips, short ones repeated. */
    public static EmbedOptions evaluation(int batch, boolean skipBad) {
        var threads = Runtime.getRuntime().availableProcessors();
        return new EmbedOptions(Crop.EVALUATION, REFERENCE_SEED, batch, threads, skipBad);
    }

    /** The same with another crop. */
    public EmbedOptions withCrop(Crop other) {
        return new EmbedOptions(other, seed, batch, threads, skipBad);
    }
}
