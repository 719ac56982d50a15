package org.jclap.clap.eval;

import java.util.List;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.ScoreMatrix;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** Cosine similarities of two sets of L2-normalised rows. */
final class Similarities {
    private Similarities() {}

    /** {@code (rows.rows, columns.rows)}. */
    static ScoreMatrix of(Backend backend, Embeddings rows, Embeddings columns) {
        try (var _ = Scope.open()) {
            var product = Ops.matmul(tensor(backend, rows), tensor(backend, columns), false, true);
            return new ScoreMatrix(rows.rows(), columns.rows(), product.toFloats());
        }
    }

    private static Tensor tensor(Backend backend, Embeddings embeddings) {
        return Tensor.of(backend, Shape.of(embeddings.rows(), embeddings.dim()), embeddings.values());
    }

    /** Batches of rows, one after the other. */
    static float[] join(List<float[]> batches) {
        var size =
                Math.toIntExact(batches.stream().mapToLong(rows -> rows.length).sum());
        var joined = new float[size];
        var at = 0;
        for (var rows : batches) {
            System.arraycopy(rows, 0, joined, at, rows.length);
            at += rows.length;
        }
        return joined;
    }
}
