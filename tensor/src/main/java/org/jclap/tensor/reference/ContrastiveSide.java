package org.jclap.tensor.reference;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;
import org.jspecify.annotations.Nullable;

/**
 * One side of the contrastive loss: each of its own embeddings is asked which of the other side's belongs to it. The text
 * side is the audio side with audio and text exchanged.
 */
final class ContrastiveSide {
    private final double[] own;
    private final double[] other;
    private final double[] teacher;
    private final int count;
    private final int width;
    private final int teacherWidth;
    private final double scale;
    private final double beta;
    private final Targets targets;
    private final double temperature;

    /** Own and other embeddings {@code (N, D)}, s, and the teacher of the own side {@code (N, P)} unless beta is 0. */
    ContrastiveSide(
            Tensor own,
            Tensor other,
            Tensor logScale,
            @Nullable Tensor teacher,
            double beta,
            Targets targets,
            double temperature) {
        this.own = Elements.copy(own);
        this.other = Elements.copy(other);
        this.teacher = teacher == null ? new double[0] : Elements.copy(teacher);
        this.count = own.shape().dim(0);
        this.width = own.shape().dim(1);
        this.teacherWidth = teacher == null ? 0 : teacher.shape().dim(1);
        this.scale = Math.exp(Elements.of(logScale).get(0));
        this.beta = beta;
        this.targets = targets;
        this.temperature = temperature;
    }

    /** One row of the logits before and after the clamp, and its targets, where those {@code <= 0} have become 0. */
    record Row(double[] raw, double[] logits, double[] targets, double normaliser) {}

    Row row(int i) {
        double[] raw = new double[count];
        double[] logits = new double[count];
        for (int j = 0; j < count; j++) {
            raw[j] = scale * dot(own, i, other, j, width);
            logits[j] = Math.min(raw[j], Contrastive.MAX_LOGIT);
        }
        double[] t = new double[count];
        double normaliser = beta > 0 ? soften(i, t) : 1;
        for (int j = 0; j < count; j++) {
            t[j] = Math.max(0, beta * t[j] + (i == j ? 1 - beta : 0));
        }
        if (beta > 0 && targets == Targets.NORMALISED) {
            normaliser = sum(t);
            for (int j = 0; j < count; j++) {
                t[j] = t[j] > 0 ? t[j] / normaliser : 0;
            }
        }
        return new Row(raw, logits, t, normaliser);
    }

    /** Writes row {@code i} of G, what the teacher says, and returns its log-sum-exp where G is a softmax, else 1. */
    private double soften(int i, double[] g) {
        for (int j = 0; j < count; j++) {
            g[j] = dot(teacher, i, teacher, j, teacherWidth);
        }
        if (targets != Targets.SOFTENED) {
            return 1;
        }
        for (int j = 0; j < count; j++) {
            g[j] /= temperature;
        }
        double logSum = SoftmaxReference.logSumExp(g);
        System.arraycopy(SoftmaxReference.softmax(g), 0, g, 0, count);
        return logSum;
    }

    /** {@code Σ t (ln t - log softmax(S)) / N}; the three statistics of each row are stored from {@code first} on. */
    double loss(Elements statistics, int first) {
        double loss = 0;
        for (int i = 0; i < count; i++) {
            Row row = row(i);
            double logSum = SoftmaxReference.logSumExp(row.logits);
            for (int j = 0; j < count; j++) {
                double t = row.targets[j];
                loss += t > 0 ? t * (Math.log(t) - row.logits[j] + logSum) / count : 0;
            }
            statistics.set(first + i, logSum);
            statistics.set(first + count + i, sum(row.targets));
            statistics.set(first + 2 * count + i, row.normaliser);
        }
        return loss;
    }

    /**
     * Adds the gradients of {@code weight} times the loss to those of both embeddings; returns that of s. The loss changes
     * with a logit by {@code (softmax Σ t - t) / N}, and a clamped logit does not change.
     */
    double gradient(double weight, double[] dOwn, double[] dOther) {
        double dLogScale = 0;
        for (int i = 0; i < count; i++) {
            Row row = row(i);
            double[] p = SoftmaxReference.softmax(row.logits);
            double sum = sum(row.targets);
            for (int j = 0; j < count; j++) {
                if (row.raw[j] <= Contrastive.MAX_LOGIT) {
                    double dRaw = weight * (p[j] * sum - row.targets[j]) / count;
                    dLogScale += dRaw * row.raw[j];
                    for (int d = 0; d < width; d++) {
                        dOwn[i * width + d] += dRaw * scale * other[j * width + d];
                        dOther[j * width + d] += dRaw * scale * own[i * width + d];
                    }
                }
            }
        }
        return dLogScale;
    }

    private static double dot(double[] a, int rowA, double[] b, int rowB, int width) {
        double dot = 0;
        for (int d = 0; d < width; d++) {
            dot += a[rowA * width + d] * b[rowB * width + d];
        }
        return dot;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
