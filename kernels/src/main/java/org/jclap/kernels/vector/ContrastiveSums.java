package org.jclap.kernels.vector;

import org.jclap.tensor.Tensor;

/**
 * What the forward pass gathers about one side of the contrastive loss: for each of its rows of logits S and labels t the
 * log-sum-exp of S, Σ t, Σ t ln t and Σ t S.
 */
final class ContrastiveSums {
    private final ContrastiveTargets targets;
    private final RunningLogSum logSum;
    private final float[] teacherLogSums;
    private final double[] total;
    private final double[] entropy;
    private final double[] cross;

    /** Nothing yet; for softened labels the teacher is read once. */
    ContrastiveSums(Workers workers, TileGrid grid, ContrastiveTargets targets) {
        this.targets = targets;
        logSum = new RunningLogSum(grid.n());
        teacherLogSums = targets.isSoftened() ? targets.logSums(workers, grid) : new float[0];
        total = new double[grid.n()];
        entropy = new double[grid.n()];
        cross = new double[grid.n()];
    }

    /** Adds the logits of a tile, whose rows are this side's. */
    void add(TileGrid.Tile tile, float[] logits) {
        int size = tile.rows() * tile.stride();
        float[] t = Scratch.take(size);
        logSum.add(tile, logits, t);
        if (!targets.isHard()) {
            float[] log = Scratch.take(size);
            targets.tile(tile, new PerLine(teacherLogSums, 0, true), t);
            logOrZero(t, log, size);
            for (int r = 0; r < tile.rows(); r++) {
                int at = r * tile.stride();
                total[tile.row() + r] += Reductions.sum(t, at, tile.columns());
                entropy[tile.row() + r] += SmallGemm.dot(t, at, log, at, tile.columns());
                cross[tile.row() + r] += SmallGemm.dot(t, at, logits, at, tile.columns());
            }
            Scratch.give(log);
        } else if (tile.isDiagonal()) {
            for (int r = 0; r < tile.rows(); r++) {
                total[tile.row() + r] = 1;
                cross[tile.row() + r] = logits[r * tile.stride() + r];
            }
        }
        Scratch.give(t);
    }

    /** {@code ln t}, and for t = 0 something finite: its product with t has to be 0. */
    private static void logOrZero(float[] t, float[] log, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            Lanes.load(t, i).max(Float.MIN_NORMAL).intoArray(log, i);
        }
        VectorMath.log(log, 0, log, 0, n);
    }

    /**
     * {@code Σ t (ln t - log softmax(S)) / N}; the log-sum-exp, the sum of labels and their normaliser of each row are
     * stored in three rows of {@code statistics}, from row {@code first} on.
     */
    double loss(Tensor statistics, int first) {
        int n = total.length;
        float[] stored = statistics.host().floats();
        int at = statistics.offset() + first * n;
        double loss = 0;
        for (int i = 0; i < n; i++) {
            double normaliser = targets.isNormalised() ? total[i] : 1;
            double lse = logSum.get(i);
            double sum = normaliser > 0 ? total[i] / normaliser : 0;
            if (normaliser > 0) {
                loss += (entropy[i] - cross[i]) / normaliser + sum * (lse - Math.log(normaliser));
            }
            stored[at + i] = (float) lse;
            stored[at + n + i] = (float) sum;
            stored[at + 2 * n + i] = targets.isSoftened() ? teacherLogSums[i] : (float) normaliser;
        }
        return loss / n;
    }
}
