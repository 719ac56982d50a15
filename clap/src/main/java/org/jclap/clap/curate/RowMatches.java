package org.jclap.clap.curate;

import java.util.Arrays;

/** What is kept of one row of similarities while its tiles pass by, from the first column to the last. */
public final class RowMatches {
    private static final int START = 8;

    private final Selection selection;
    private int[] columns = new int[START];
    private float[] similarities = new float[START];
    private int size;
    private float best = Float.NEGATIVE_INFINITY;

    RowMatches(Selection selection) {
        this.selection = selection;
    }

    /** The number of columns kept. */
    public int size() {
        return size;
    }

    /** The {@code i}-th column kept, in the order of the selection. */
    public int column(int i) {
        return columns[i];
    }

    /** The similarity of the {@code i}-th column kept. */
    public float similarity(int i) {
        return similarities[i];
    }

    /** The highest similarity of the whole row, kept or not; negative infinity without columns. */
    public float best() {
        return best;
    }

    void clear() {
        size = 0;
        best = Float.NEGATIVE_INFINITY;
    }

    /** Notes the highest similarity of a tile, and tells whether the tile may hold something to keep. */
    boolean wants(float tileBest) {
        best = Math.max(best, tileBest);
        return keeps(tileBest);
    }

    /** Looks at one similarity; columns come in ascending order. */
    void offer(int column, float similarity) {
        if (!keeps(similarity)) {
            return;
        }
        switch (selection) {
            case Selection.Threshold _ -> insert(size, size, column, similarity);
            case Selection.TopK(int k) -> {
                int at = size;
                while (at > 0 && similarities[at - 1] < similarity) {
                    at--;
                }
                insert(at, Math.min(size, k - 1), column, similarity);
            }
        }
    }

    private boolean keeps(float similarity) {
        return switch (selection) {
            case Selection.Threshold(float minimum) -> similarity >= minimum;
            case Selection.TopK(int k) -> size < k || similarity > similarities[k - 1];
        };
    }

    /** Puts a match at a place, moving those from there up to {@code end} one place on. */
    private void insert(int at, int end, int column, float similarity) {
        if (end == columns.length) {
            columns = Arrays.copyOf(columns, 2 * end);
            similarities = Arrays.copyOf(similarities, 2 * end);
        }
        System.arraycopy(columns, at, columns, at + 1, end - at);
        System.arraycopy(similarities, at, similarities, at + 1, end - at);
        columns[at] = column;
        similarities[at] = similarity;
        size = end + 1;
    }
}
