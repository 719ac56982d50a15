package org.jclap.models.cnn14;

import java.util.List;

/**
 * The sizes of a CNN14.
 *
 * @param channels the output channels of the six blocks
 * @param embedding the size of the embedding, the output of {@code fc1}
 * @param classes the outputs of the tagging head
 * @param mels the mel bands of the input
 * @param window the samples of one analysis window, for the frozen front-end matrices that checkpoints carry
 */
public record Cnn14Config(List<Integer> channels, int embedding, int classes, int mels, int window) {
    private static final int BLOCKS = 6;

    /** Checks the sizes. */
    public Cnn14Config {
        channels = List.copyOf(channels);
        if (channels.size() != BLOCKS || channels.stream().anyMatch(c -> c < 1)) {
            throw new IllegalArgumentException("CNN14 needs six positive channel counts, got " + channels);
        }
        if (embedding < 1 || classes < 1 || mels < 1 || window < 2) {
            throw new IllegalArgumentException("sizes of a CNN14 must be positive: embedding %d, classes %d, mels %d"
                    .formatted(embedding, classes, mels));
        }
    }

    /** The published sizes: 80.8 million parameters. */
    public static Cnn14Config base() {
        return new Cnn14Config(List.of(64, 128, 256, 512, 1024, 2048), 2048, 527, 64, 1024);
    }

    /** A quarter of the published width. */
    public static Cnn14Config small() {
        return new Cnn14Config(List.of(16, 32, 64, 128, 256, 512), 512, 527, 64, 1024);
    }

    /** Trains in seconds on a laptop. */
    public static Cnn14Config tiny() {
        return new Cnn14Config(List.of(8, 16, 32, 48, 64, 96), 96, 527, 64, 1024);
    }

    /** These sizes with another number of classes. */
    public Cnn14Config withClasses(int count) {
        return new Cnn14Config(channels, embedding, count, mels, window);
    }
}
