package org.jclap.clap.analyze;

/** How two embeddings are compared. The two differ even on unit vectors, so every result records its metric. */
public enum Metric {
    /** The length of the difference. */
    EUCLIDEAN,
    /** One minus the cosine of the angle; a zero vector is at distance 1 from everything. */
    COSINE
}
