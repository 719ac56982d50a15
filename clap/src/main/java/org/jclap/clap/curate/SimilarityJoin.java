package org.jclap.clap.curate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * All similarities of the rows of one embedding file with those of another, of which few are kept. Both files may be
 * larger than memory: one tile of similarities exists at a time.
 *
 * <p>The backend multiplies a block of rows with a tile of columns and takes the maximum of each row of the result; only
 * rows whose maximum may be kept are brought to the host. Half-precision files are widened, so similarities have the
 * precision of F32 whatever the file; next to the threshold that can differ from a product in half precision.
 */
public final class SimilarityJoin {
    private static final int TILE = 4096;

    /** Columns that take less than this stay on the backend from block to block. */
    private static final long RESIDENT_BYTES = 1L << 30;

    private final Backend backend;
    private final EmbeddingRows left;
    private final EmbeddingRows right;
    private final int tileRows;
    private final int tileColumns;

    /** Joins every row of {@code left} with every row of {@code right}, which becomes a column. */
    public SimilarityJoin(Backend backend, EmbeddingRows left, EmbeddingRows right) {
        this(backend, left, right, TILE, TILE);
    }

    SimilarityJoin(Backend backend, EmbeddingRows left, EmbeddingRows right, int tileRows, int tileColumns) {
        EmbeddingRows.requireSameDim(left, right);
        this.backend = backend;
        this.left = left;
        this.right = right;
        this.tileRows = tileRows;
        this.tileColumns = tileColumns;
    }

    /** Takes the rows of the left file, in their order. */
    @FunctionalInterface
    public interface Visitor {
        /** What was kept of a row; valid during the call only. */
        void row(long row, RowMatches matches);
    }

    /** Hands every row to the visitor, with what the selection keeps of it. */
    public void run(Selection selection, Visitor visitor, Progress progress) {
        var matches = Stream.generate(() -> new RowMatches(selection))
                .limit(Math.min(tileRows, left.rows()))
                .toList();
        var buffer = new float[Math.toIntExact(Math.min(tileRows, left.rows()) * Math.min(tileColumns, right.rows()))];
        try (var _ = Scope.open();
                var task = progress.begin("joining", "rows", left.rows())) {
            var columns = new Columns();
            for (long from = 0; from < left.rows(); from += tileRows) {
                var count = (int) Math.min(tileRows, left.rows() - from);
                block(from, count, columns, matches, buffer);
                for (var i = 0; i < count; i++) {
                    visitor.row(from + i, matches.get(i));
                }
                task.advance(count);
            }
        }
    }

    private void block(long from, int count, Columns columns, List<RowMatches> matches, float[] buffer) {
        matches.forEach(RowMatches::clear);
        try (var _ = Scope.open()) {
            var rows = Tensor.of(backend, Shape.of(count, left.dim()), left.read(from, count));
            for (var tile = 0; tile < columns.tiles(); tile++) {
                try (var _ = Scope.open()) {
                    var similarities = Ops.matmul(rows, columns.tile(tile), false, true);
                    scan(similarities, tile * tileColumns, matches, buffer);
                }
            }
        }
    }

    /** Looks at the rows of a tile {@code (rows, columns)} that may hold something, neighbours brought in one copy. */
    private void scan(Tensor similarities, int firstColumn, List<RowMatches> matches, float[] buffer) {
        var best = Ops.max(similarities, 1, false).toFloats();
        var width = similarities.shape().dim(1);
        var host = HostStorage.wrap(DType.F32, buffer, buffer.length);
        var row = 0;
        while (row < best.length) {
            var end = row;
            while (end < best.length && matches.get(end).wants(best[end])) {
                end++;
            }
            if (end > row) {
                backend.download(
                        similarities.storage(), similarities.offset() + row * width, host, 0, (end - row) * width);
                for (var i = row; i < end; i++) {
                    offer(matches.get(i), firstColumn, buffer, (i - row) * width, width);
                }
            }
            // The row at which the run ended wants nothing and has been asked.
            row = end + 1;
        }
    }

    private static void offer(RowMatches matches, int firstColumn, float[] values, int offset, int width) {
        for (var c = 0; c < width; c++) {
            matches.offer(firstColumn + c, values[offset + c]);
        }
    }

    /** The right file on the backend, in tiles; kept there when it is small enough. */
    private final class Columns {
        private final @Nullable List<Tensor> resident;

        Columns() {
            if (right.rows() * right.dim() * Float.BYTES > RESIDENT_BYTES) {
                resident = null;
                return;
            }
            var tensors = new ArrayList<Tensor>();
            for (var tile = 0; tile < tiles(); tile++) {
                tensors.add(load(tile));
            }
            resident = tensors;
        }

        int tiles() {
            return Math.toIntExact(Math.ceilDiv(right.rows(), tileColumns));
        }

        /** {@code (columns, D)}; belongs to the current scope when it is not kept. */
        Tensor tile(int tile) {
            return resident == null ? load(tile) : resident.get(tile);
        }

        private Tensor load(int tile) {
            var from = (long) tile * tileColumns;
            var count = (int) Math.min(tileColumns, right.rows() - from);
            return Tensor.of(backend, Shape.of(count, right.dim()), right.read(from, count));
        }
    }
}
