package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.curate.EmbeddingRows;
import org.jclap.clap.data.Labels;
import org.jclap.tensor.UserException;

/** Embeddings and the class of each row. */
record LabelledEmbeddings(Embeddings points, Labels labels, List<String> classes) {
    /**
     * Reads both files.
     *
     * @throws UserException when the table does not have one row for each embedding, or a file cannot be used
     */
    static LabelledEmbeddings read(Path embeddings, Path table) {
        var labels = Labels.read(table);
        var rows = EmbeddingRows.open(embeddings);
        rows.requireRows(table, labels.ids().size());
        return new LabelledEmbeddings(points(embeddings, rows), labels, labels.classes());
    }

    /** The rows of a file alone. */
    static Embeddings points(Path embeddings) {
        return points(embeddings, EmbeddingRows.open(embeddings));
    }

    private static Embeddings points(Path embeddings, EmbeddingRows rows) {
        var values = rows.file().floats();
        try {
            return new Embeddings((int) rows.rows(), rows.dim(), values);
        } catch (UserException e) {
            throw new UserException(embeddings + ": " + e.getMessage(), e);
        }
    }

    /** The rows with these numbers. */
    LabelledEmbeddings rows(int[] chosen) {
        var dim = points.dim();
        var values = new float[Math.multiplyExact(chosen.length, dim)];
        for (var i = 0; i < chosen.length; i++) {
            System.arraycopy(points.values(), chosen[i] * dim, values, i * dim, dim);
        }
        var part = new Labels(pick(labels.ids(), chosen), pick(labels.classNames(), chosen));
        return new LabelledEmbeddings(new Embeddings(chosen.length, dim, values), part, part.classes());
    }

    private static List<String> pick(List<String> texts, int[] chosen) {
        return Arrays.stream(chosen).mapToObj(texts::get).toList();
    }
}
