package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.jclap.tensor.Tensor;

/**
 * What the forward pass gathers about one side of the contrastive loss: for each of its lines of logits S and labels t the
 * log-sum-exp of S, Σ t, Σ t ln t and Σ t S. The audio's lines are the rows of S, the text's the columns.
 */
final class ContrastiveSums {
    private final boolean ofRows;
    private final ContrastiveTargets targets;
    private final RunningLogSum logSum;
    private final float[] teacherLogSums;
    private final double[] total;
    private final double[] entropy;
    private final double[] cross;

    /** Nothing yet; for softened labels the teacher is read once. */
    ContrastiveSums(Workers workers, TileGrid grid, boolean ofRows, ContrastiveTargets targets) {
        this.ofRows = ofRows;
        this.targets = targets;
        logSum = new RunningLogSum(grid.n());
        teacherLogSums = targets.isSoftened() ? targets.logSums(workers, grid) : new float[0];
        total = new double[grid.n()];
        entropy = new double[grid.n()];
        cross = new double[grid.n()];
    }

    /** Adds the logits of a tile, with the teacher's similarities. */
    void add(TileGrid.Tile tile, float[] logits, float[] similarities) {
        logSum.add(tile, ofRows, logits);
        if (!targets.isHard()) {
            addLabels(new TileLines(tile, ofRows), logits, similarities);
        } else if (tile.isDiagonal()) {
            for (int r = 0; r < tile.rows(); r++) {
                total[tile.row() + r] = 1;
                cross[tile.row() + r] = logits[r * tile.stride() + r];
            }
        }
    }

    private void addLabels(TileLines lines, float[] logits, float[] similarities) {
        TileGrid.Tile tile = lines.tile();
        var normalisers = new PerLine(teacherLogSums, 0, ofRows);
        float[] t = Scratch.take(tile.stride());
        float[] log = Scratch.take(tile.stride());
        float[] sums = lines.zeros();
        float[] products = lines.zeros();
        float[] entropies = lines.zeros();
        for (int r = 0; r < tile.rows(); r++) {
            targets.labels(tile, r, similarities, normalisers, t);
            lines.add(r, t, sums);
            lines.addProduct(r, t, logits, r * tile.stride(), products);
            logOrZero(t, log, tile.stride());
            lines.addProduct(r, t, log, 0, entropies);
        }
        add(sums, lines, total);
        add(products, lines, cross);
        add(entropies, lines, entropy);
        Scratch.give(entropies);
        Scratch.give(products);
        Scratch.give(sums);
        Scratch.give(log);
        Scratch.give(t);
    }

    private static void add(float[] sums, TileLines lines, double[] result) {
        for (int i = 0; i < lines.count(); i++) {
            result[lines.first() + i] += sums[i];
        }
    }

    /** {@code ln t}, and for t = 0 something finite: its product with t has to be 0. */
    private static void logOrZero(float[] t, float[] log, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, t, i).max(Float.MIN_NORMAL).intoArray(log, i);
        }
        VectorMath.log(log, 0, log, 0, n);
    }

    /**
     * {@code Σ t (ln t - log softmax(S)) / N}; the log-sum-exp, the sum of labels and their normaliser of each line are
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
