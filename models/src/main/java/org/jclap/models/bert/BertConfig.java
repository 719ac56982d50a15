package org.jclap.models.bert;

/**
 * The sizes of a BERT.
 *
 * @param pooler whether the weights of the pooler exist; CLAP does not use it, published files carry it
 */
public record BertConfig(
        int vocabulary,
        int positions,
        int layers,
        int hidden,
        int heads,
        int intermediate,
        double dropout,
        boolean pooler) {
    /** Checks the sizes. */
    public BertConfig {
        if (vocabulary < 1 || positions < 1 || layers < 0 || hidden < 1 || heads < 1 || intermediate < 1) {
            throw new IllegalArgumentException("sizes of a BERT must be positive");
        }
        if (hidden % heads != 0) {
            throw new IllegalArgumentException("hidden size %d is not a multiple of %d heads".formatted(hidden, heads));
        }
    }

    /** bert-base-uncased: 109.5 million parameters. */
    public static BertConfig base() {
        return new BertConfig(30522, 512, 12, 768, 12, 3072, 0.1, true);
    }

    /** A third of the published width and depth. */
    public static BertConfig small() {
        return new BertConfig(30522, 512, 4, 256, 4, 1024, 0.1, true);
    }

    /** Trains in seconds on a laptop, in so few steps that nothing is dropped. */
    public static BertConfig tiny() {
        return new BertConfig(2000, 64, 2, 96, 4, 192, 0, true);
    }

    /** These sizes for a vocabulary of another size. */
    public BertConfig withVocabulary(int size) {
        return new BertConfig(size, positions, layers, hidden, heads, intermediate, dropout, pooler);
    }
}
