package org.jclap.models.clap;

import java.util.Objects;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.tensor.UserException;

/**
 * The sizes of a CLAP.
 *
 * @param projection the size D of the common space
 * @param projectionDropout the share that is dropped in the projection heads
 */
public record ClapConfig(Cnn14Config audio, BertConfig text, int projection, double projectionDropout) {
    private static final double PROJECTION_DROPOUT = 0.5;

    /** These sizes with the published dropout. */
    public ClapConfig(Cnn14Config audio, BertConfig text, int projection) {
        this(audio, text, projection, PROJECTION_DROPOUT);
    }

    /** Checks the sizes; a configuration that was read from a file may lack one. */
    public ClapConfig {
        Objects.requireNonNull(audio, "audio");
        Objects.requireNonNull(text, "text");
        if (projection < 1) {
            throw new IllegalArgumentException("the size of the common space must be positive, is " + projection);
        }
    }

    /** The published sizes (arXiv 2206.04769, 2305.01864): 195 million parameters with the pooler and the tagging head. */
    public static ClapConfig base() {
        return new ClapConfig(Cnn14Config.base(), BertConfig.base(), 1024);
    }

    /** About 17 million parameters. */
    public static ClapConfig small() {
        return new ClapConfig(Cnn14Config.small(), BertConfig.small(), 256);
    }

    /** Under a million parameters: trains in seconds on a laptop, without dropout. */
    public static ClapConfig tiny() {
        return new ClapConfig(Cnn14Config.tiny(), BertConfig.tiny(), 96, 0);
    }

    /** The sizes of this name. */
    public static ClapConfig preset(String name) {
        return switch (name) {
            case "tiny" -> tiny();
            case "small" -> small();
            case "base" -> base();
            default -> throw new UserException("unknown model '" + name + "': choose one of tiny, small, base");
        };
    }
}
