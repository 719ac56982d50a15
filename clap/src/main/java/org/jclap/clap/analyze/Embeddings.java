package org.jclap.clap.analyze;

import org.jclap.tensor.UserException;

/**
 * One vector per item: a row-major matrix {@code (rows, dim)} of finite values.
 *
 * @param rows number of items
 * @param dim length of each vector
 * @param values {@code rows * dim} values, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record Embeddings(int rows, int dim, float[] values) {
    /** Checks the sizes and that every value is finite. */
    public Embeddings {
        requireFinite("embeddings", rows, dim, values);
    }

    /**
     * The mean vector of each class, {@code (classes, dim)}: the class-level reading of a space.
     *
     * @param labels class of each row, in {@code [0, classes)}
     * @throws UserException when a class has no rows
     */
    public Embeddings classMeans(int[] labels, int classes) {
        requireLength("labels", labels.length, rows);
        double[] sums = new double[Math.multiplyExact(classes, dim)];
        int[] counts = new int[classes];
        for (int i = 0; i < rows; i++) {
            int label = requireClass(i, labels[i], classes);
            counts[label]++;
            for (int k = 0; k < dim; k++) {
                sums[label * dim + k] += values[i * dim + k];
            }
        }
        float[] means = new float[sums.length];
        for (int c = 0; c < classes; c++) {
            if (counts[c] == 0) {
                throw new UserException("class " + c + " has no rows, so it has no mean embedding");
            }
            for (int k = 0; k < dim; k++) {
                means[c * dim + k] = (float) (sums[c * dim + k] / counts[c]);
            }
        }
        return new Embeddings(classes, dim, means);
    }

    static void requireFinite(String what, int rows, int columns, float[] values) {
        if (rows < 1 || columns < 1 || (long) rows * columns != values.length) {
            throw new UserException("%s: %d values do not form a matrix of %d rows and %d columns"
                    .formatted(what, values.length, rows, columns));
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new UserException("%s: row %d, column %d is %s; only finite values can be compared"
                        .formatted(what, i / columns, i % columns, values[i]));
            }
        }
    }

    static void requireLength(String what, int length, int rows) {
        if (length != rows) {
            throw new UserException("%s: %d values for %d rows".formatted(what, length, rows));
        }
    }

    static int requireClass(int row, int label, int classes) {
        if (label < 0 || label >= classes) {
            throw new UserException("labels: row %d has class %d, outside 0..%d".formatted(row, label, classes - 1));
        }
        return label;
    }
}
