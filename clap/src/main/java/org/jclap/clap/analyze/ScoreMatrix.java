package org.jclap.clap.analyze;

/**
 * Scores of candidates, one row per query: a row-major matrix {@code (rows, columns)} of finite values, higher is
 * better.
 *
 * @param rows number of queries, for example clips
 * @param columns number of candidates, for example class prompts or captions
 * @param values {@code rows * columns} scores, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record ScoreMatrix(int rows, int columns, float[] values) {
    /** Checks the sizes and that every value is finite. */
    public ScoreMatrix {
        Embeddings.requireFinite("scores", rows, columns, values);
    }

    /** The score of candidate {@code column} for query {@code row}. */
    public float at(int row, int column) {
        return values[row * columns + column];
    }

    /** The best candidate of a row; of equals the first. */
    public int argmax(int row) {
        int best = 0;
        for (int c = 1; c < columns; c++) {
            if (at(row, c) > at(row, best)) {
                best = c;
            }
        }
        return best;
    }

    /** How many candidates come before {@code column} in a row: higher scores, then equal scores at lower columns. */
    public int rank(int row, int column) {
        float score = at(row, column);
        int before = 0;
        for (int c = 0; c < columns; c++) {
            float other = at(row, c);
            if (other > score || (other == score && c < column)) {
                before++;
            }
        }
        return before;
    }
}
