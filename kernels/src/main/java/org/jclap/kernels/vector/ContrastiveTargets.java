package org.jclap.kernels.vector;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive.Targets;

/**
 * The soft labels of one side of the contrastive loss, in tiles: {@code max(0, (1 - beta) I + beta G)}, where G comes from
 * the teacher's similarities {@code E Eᵀ}. Without a teacher the labels are the identity.
 */
final class ContrastiveTargets {
    private final Gemm gemm;
    private final double beta;
    private final Targets targets;
    private final double temperature;
    private final List<Tensor> teacher;

    /** The labels from the teacher {@code (N, P)} of this side; the list is empty when beta is 0. */
    ContrastiveTargets(Gemm gemm, double beta, Targets targets, double temperature, List<Tensor> teacher) {
        this.gemm = gemm;
        this.beta = beta;
        this.targets = targets;
        this.temperature = temperature;
        this.teacher = teacher;
    }

    /** Whether the labels are the identity. */
    boolean isHard() {
        return teacher.isEmpty();
    }

    /** Whether lines are divided by their sums. */
    boolean isNormalised() {
        return !isHard() && targets == Targets.NORMALISED;
    }

    /** Whether G is a softmax. */
    boolean isSoftened() {
        return !isHard() && targets == Targets.SOFTENED;
    }

    /** The log-sum-exp of each row of the teacher's similarities over the temperature, for softened labels. */
    float[] logSums(Workers workers, TileGrid grid) {
        var sums = new RunningLogSum(grid.n());
        grid.forEachPair(workers, tile -> {
            float[] x = similarities(tile);
            sums.add(tile, true, x);
            // Its columns are the rows of its mirror image.
            if (!tile.isDiagonal()) {
                sums.add(tile, false, x);
            }
            Scratch.give(x);
        });
        float[] result = new float[grid.n()];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) sums.get(i);
        }
        return result;
    }

    /** The teacher's similarities in a tile, for softened labels over the temperature, as scratch; empty without a teacher. */
    float[] similarities(TileGrid.Tile tile) {
        if (isHard()) {
            return Scratch.take(0);
        }
        float[] x = Scratch.take(tile.size());
        Tensor e = teacher.getFirst();
        int width = e.shape().dim(1);
        Matrix rows = Matrix.rowMajor(e.host().floats(), e.offset(), width);
        gemm.multiply(
                tile.rows(),
                tile.columns(),
                width,
                isSoftened() ? (float) (1 / temperature) : 1f,
                rows.shifted(tile.row() * width),
                rows.shifted(tile.column() * width).transposed(),
                x,
                0,
                tile.stride(),
                false,
                Epilogue.NONE);
        return x;
    }

    /** The similarities in the mirror image of a tile, as scratch: the matrix is symmetric. */
    float[] mirrored(TileGrid.Tile tile, float[] similarities) {
        if (isHard()) {
            return Scratch.take(0);
        }
        TileGrid.Tile mirror = tile.transposed();
        float[] x = Scratch.take(mirror.size());
        Transpose.matrix(similarities, tile.stride(), x, mirror);
        return x;
    }

    /**
     * The labels in row {@code r} of a tile before any division by sums, for a side that has a teacher. {@code logSums}
     * belong to the lines along which G sums to 1, and matter for softened labels only.
     */
    void labels(TileGrid.Tile tile, int r, float[] similarities, PerLine logSums, float[] t) {
        int stride = tile.stride();
        if (isSoftened()) {
            logSums.read(tile, r, t);
            Binary.SUB.run(similarities, r * stride, t, 0, t, 0, stride);
            VectorMath.exp(t, 0, t, 0, stride);
            Rows.affine((float) beta, 0f, t, 0, t, 0, stride);
        } else {
            Rows.affine((float) beta, 0f, similarities, r * stride, t, 0, stride);
        }
        if (tile.isDiagonal()) {
            t[r] += (float) (1 - beta);
        }
        Unary.RELU.run(t, 0, t, 0, stride);
    }
}
