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
 * @param blockDropout the share that is dropped after each block
 * @param headDropout the share that is dropped before and after {@code fc1}
 */
public record Cnn14Config(
        List<Integer> channels,
        int embedding,
        int classes,
        int mels,
        int window,
        double blockDropout,
        double headDropout) {
    private static final int BLOCKS = 6;
    private static final double BLOCK_DROPOUT = 0.2;
    private static final double HEAD_DROPOUT = 0.5;

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

    /** These sizes with the published dropout. */
    public Cnn14Config(List<Integer> channels, int embedding, int classes, int mels, int window) {
        this(channels, embedding, classes, mels, window, BLOCK_DROPOUT, HEAD_DROPOUT);
    }

    /** The published sizes: 80.8 million parameters. */
    public static Cnn14Config base() {
        return new Cnn14Config(List.of(64, 128, 256, 512, 1024, 2048), 2048, 527, 64, 1024);
    }

    /** A quarter of the published width. */
    public static Cnn14Config small() {
        return new Cnn14Config(List.of(16, 32, 64, 128, 256, 512), 512, 527, 64, 1024);
    }

    /** Trains in seconds on a laptop, in so few steps that nothing is dropped. */
    public static Cnn14Config tiny() {
        return new Cnn14Config(List.of(8, 16, 32, 48, 64, 96), 96, 527, 64, 1024, 0, 0);
    }

    /** These sizes with another number of classes. */
    public Cnn14Config withClasses(int count) {
        return new Cnn14Config(channels, embedding, count, mels, window, blockDropout, headDropout);
    }

    /** These sizes for spectrograms of other bands and windows. */
    public Cnn14Config withInput(int bands, int samples) {
        return new Cnn14Config(channels, embedding, classes, bands, samples, blockDropout, headDropout);
    }
}
