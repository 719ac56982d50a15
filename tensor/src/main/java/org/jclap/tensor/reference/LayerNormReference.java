package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LayerNorm;

/** Normalisation of each row of {@code (..., C)}. */
final class LayerNormReference {
    private LayerNormReference() {}

    static void forward(LayerNorm.Forward op, List<Tensor> in, List<Tensor> out) {
        double[] x = Elements.copy(in.get(0));
        normalise(x, op.eps(), in.get(1), in.get(2), out.get(0), out.get(1), out.get(2));
    }

    static void residual(LayerNorm.Residual op, List<Tensor> in, List<Tensor> out) {
        DropoutMask mask = DropoutMask.ofLast(op.rate(), op.stream(), in);
        double[] s = Elements.copy(in.get(0));
        double[] r = Elements.copy(in.get(1));
        for (int i = 0; i < s.length; i++) {
            s[i] += mask.apply(i, r[i]);
        }
        Elements.store(s, out.get(1));
        // What backward will read: mean and rstd are those of the stored sum.
        normalise(Elements.copy(out.get(1)), op.eps(), in.get(2), in.get(3), out.get(0), out.get(2), out.get(3));
    }

    private static void normalise(
            double[] x, double eps, Tensor weight, Tensor shift, Tensor result, Tensor means, Tensor rstds) {
        Elements w = Elements.of(weight);
        Elements b = Elements.of(shift);
        Elements y = Elements.of(result);
        int channels = w.size();
        for (int row = 0; row < means.size(); row++) {
            int first = row * channels;
            double mean = 0;
            for (int c = 0; c < channels; c++) {
                mean += x[first + c] / channels;
            }
            double variance = 0;
            for (int c = 0; c < channels; c++) {
                variance += (x[first + c] - mean) * (x[first + c] - mean) / channels;
            }
            double rstd = 1 / Math.sqrt(variance + eps);
            for (int c = 0; c < channels; c++) {
                y.set(first + c, (x[first + c] - mean) * rstd * w.get(c) + b.get(c));
            }
            Elements.of(means).set(row, mean);
            Elements.of(rstds).set(row, rstd);
        }
    }

    /** With x̂ the normalised row and g = w dy: {@code dx = rstd (g - mean(g) - x̂ mean(g x̂))}. */
    static void backward(List<Tensor> in, List<Tensor> out) {
        double[] x = Elements.copy(in.get(0));
        double[] w = Elements.copy(in.get(1));
        Elements mean = Elements.of(in.get(2));
        Elements rstd = Elements.of(in.get(3));
        double[] dy = Elements.copy(in.get(4));
        double[] dx = new double[x.length];
        int channels = w.length;
        double[] dw = new double[channels];
        double[] db = new double[channels];
        for (int row = 0; row < mean.size(); row++) {
            int first = row * channels;
            double meanG = 0;
            double meanGx = 0;
            for (int c = 0; c < channels; c++) {
                double normal = (x[first + c] - mean.get(row)) * rstd.get(row);
                double g = w[c] * dy[first + c];
                meanG += g / channels;
                meanGx += g * normal / channels;
                dw[c] += dy[first + c] * normal;
                db[c] += dy[first + c];
            }
            for (int c = 0; c < channels; c++) {
                double normal = (x[first + c] - mean.get(row)) * rstd.get(row);
                dx[first + c] = rstd.get(row) * (w[c] * dy[first + c] - meanG - normal * meanGx);
            }
        }
        Elements.store(dx, out.get(0));
        Elements.store(dw, out.get(1));
        Elements.store(db, out.get(2));
    }
}
