package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;

/** Normalisation of each channel of {@code (..., C)}: channel c is the elements c, c + C, c + 2 C and so on. */
final class BatchNormReference {
    private BatchNormReference() {}

    static void training(BatchNorm.Training op, List<Tensor> in, List<Tensor> out) {
        double[] x = Elements.copy(in.get(0));
        int channels = in.get(1).size();
        double[] mean = new double[channels];
        double[] variance = new double[channels];
        double[] rstd = new double[channels];
        int n = channels == 0 ? 0 : x.length / channels;
        for (int i = 0; i < x.length; i++) {
            mean[i % channels] += x[i] / n;
        }
        for (int i = 0; i < x.length; i++) {
            double deviation = x[i] - mean[i % channels];
            variance[i % channels] += deviation * deviation / n;
        }
        Elements runningMean = Elements.of(in.get(3));
        Elements runningVariance = Elements.of(in.get(4));
        for (int c = 0; c < channels; c++) {
            rstd[c] = 1 / Math.sqrt(variance[c] + op.eps());
            move(runningMean, c, op.momentum(), mean[c]);
            move(runningVariance, c, op.momentum(), variance[c] * n / (n - 1));
        }
        scale(x, mean, rstd, op.relu(), in.get(1), in.get(2), out.get(0));
        Elements.store(mean, out.get(1));
        Elements.store(rstd, out.get(2));
    }

    private static void move(Elements running, int channel, double momentum, double value) {
        running.set(channel, (1 - momentum) * running.get(channel) + momentum * value);
    }

    static void inference(BatchNorm.Inference op, List<Tensor> in, Tensor output) {
        inference(Elements.copy(in.getFirst()), op.eps(), op.relu(), in.subList(1, 5), output);
    }

    /** Normalises x by w, b, mean and variance. */
    static void inference(double[] x, double eps, boolean relu, List<Tensor> parameters, Tensor output) {
        double[] mean = Elements.copy(parameters.get(2));
        double[] rstd = Elements.copy(parameters.get(3));
        for (int c = 0; c < rstd.length; c++) {
            rstd[c] = 1 / Math.sqrt(rstd[c] + eps);
        }
        scale(x, mean, rstd, relu, parameters.get(0), parameters.get(1), output);
    }

    private static void scale(
            double[] x, double[] mean, double[] rstd, boolean relu, Tensor weight, Tensor bias, Tensor output) {
        Elements w = Elements.of(weight);
        Elements b = Elements.of(bias);
        Elements y = Elements.of(output);
        for (int i = 0; i < x.length; i++) {
            int c = i % mean.length;
            double value = (x[i] - mean[c]) * rstd[c] * w.get(c) + b.get(c);
            y.set(i, relu ? Math.max(value, 0) : value);
        }
    }

    /** With x̂ the normalised x and g = dy where ReLU let it pass: {@code dx = w rstd (g - mean(g) - x̂ mean(g x̂))}. */
    static void backward(BatchNorm.Backward op, List<Tensor> in, List<Tensor> out) {
        double[] x = Elements.copy(in.get(0));
        double[] w = Elements.copy(in.get(1));
        double[] mean = Elements.copy(in.get(2));
        double[] rstd = Elements.copy(in.get(3));
        Elements y = Elements.of(in.get(4));
        double[] g = Elements.copy(in.get(5));
        int channels = w.length;
        double[] dw = new double[channels];
        double[] db = new double[channels];
        for (int i = 0; i < x.length; i++) {
            int c = i % channels;
            if (op.relu() && !(y.get(i) > 0)) {
                g[i] = 0;
            }
            x[i] = (x[i] - mean[c]) * rstd[c];
            dw[c] += g[i] * x[i];
            db[c] += g[i];
        }
        int n = channels == 0 ? 0 : x.length / channels;
        Elements dx = Elements.of(out.get(0));
        for (int i = 0; i < x.length; i++) {
            int c = i % channels;
            dx.set(i, w[c] * rstd[c] * (g[i] - db[c] / n - x[i] * dw[c] / n));
        }
        Elements.store(dw, out.get(1));
        Elements.store(db, out.get(2));
    }
}
