package org.jclap.clap.curate;

import java.nio.file.Path;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.NpyFile;

/** The rows of an embedding file, checked as they are read: a similarity is a cosine only between rows of length 1. */
public final class EmbeddingRows {
    private static final System.Logger LOG = System.getLogger(EmbeddingRows.class.getName());

    /** More than rounding to half precision can do to a norm. */
    private static final double NORM_TOLERANCE = 0.01;

    private final Path path;
    private final NpyFile file;
    private boolean warned;

    private EmbeddingRows(Path path, NpyFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens a file.
     *
     * @throws UserException naming the file and what is wrong with it
     */
    public static EmbeddingRows open(Path path) {
        return new EmbeddingRows(path, NpyFile.read(path));
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** The file as it is, for its type and for rows that are copied unseen. */
    public NpyFile file() {
        return file;
    }

    /** The number of rows. */
    public long rows() {
        return file.rows();
    }

    /** The length of a row. */
    public int dim() {
        return file.columns();
    }

    /** Complains when a manifest does not have one row for each embedding. */
    public void requireRows(Path manifest, int expected) {
        if (rows() != expected) {
            throw new UserException(
                    ("%s has %d rows, but %s has %d: row i of one must describe row i of the other; use the"
                                    + " manifest that was written beside the embeddings")
                            .formatted(path, rows(), manifest, expected));
        }
    }

    /** Complains when two files hold vectors of different spaces. */
    static void requireSameDim(EmbeddingRows a, EmbeddingRows b) {
        if (a.dim() != b.dim()) {
            throw new UserException("%s has rows of %d numbers, %s of %d: embed both with the same checkpoint"
                    .formatted(a.path, a.dim(), b.path, b.dim()));
        }
    }

    /** The rows {@code [from, from + count)}, row-major. */
    float[] read(long from, int count) {
        var values = file.floats(from, count);
        for (var i = 0; i < count; i++) {
            checkNorm(from + i, values, i * dim());
        }
        return values;
    }

    private void checkNorm(long row, float[] values, int offset) {
        // In float: rows of a thousand numbers near 1e-3 lose less than the tolerance by far.
        float squares = 0;
        for (var i = offset; i < offset + dim(); i++) {
            squares += values[i] * values[i];
        }
        if (!Float.isFinite(squares)) {
            throw new UserException("%s, row %d: not every number is finite".formatted(path, row));
        }
        var norm = Math.sqrt(squares);
        if (Math.abs(norm - 1) > NORM_TOLERANCE && !warned) {
            warned = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: row {1} has the length {2}, not 1 (and others may): similarities are no cosines, thresholds"
                            + " mean something else; divide each row by its length",
                    path,
                    Long.toString(row),
                    "%.4g".formatted(norm));
        }
    }
}
