package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;

/** Normalisation of each channel of {@code (..., C)}: channel c is the elements c, c + C, c + 2 C and so on. */
final class BatchNormReference {
    private BatchNormReference() {}

    static void training(BatchNorm.Training op, List<Tensor> in, List<Tensor> out) {
        statistics(op.eps(), op.momentum(), in, out);
        Elements.store(normalised(in, out.get(1), out.get(2), op.relu()), out.get(0));
    }

    static void pooledTraining(BatchNorm.PooledTraining op, List<Tensor> in, List<Tensor> out) {
        statistics(op.eps(), op.momentum(), in, out);
        double[] z = normalised(in, out.get(1), out.get(2), true);
        PoolReference.forward(
                op.windowHeight(), op.windowWidth(), z, in.getFirst().shape(), out.get(0));
    }

    /** Those of the batch, and what the running ones become. */
    private static void statistics(double eps, double momentum, List<Tensor> in, List<Tensor> out) {
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
            rstd[c] = 1 / Math.sqrt(variance[c] + eps);
            move(runningMean, c, momentum, mean[c]);
            move(runningVariance, c, momentum, variance[c] * n / (n - 1));
        }
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
        double[] rstd = Elements.copy(parameters.get(3));
        for (int c = 0; c < rstd.length; c++) {
            rstd[c] = 1 / Math.sqrt(rstd[c] + eps);
        }
        scale(x, parameters, Elements.copy(parameters.get(2)), rstd, relu);
        Elements.store(x, output);
    }

    /** x by w, b and the statistics as they were stored, so that backward finds the same sign. */
    private static double[] normalised(List<Tensor> in, Tensor mean, Tensor rstd, boolean relu) {
        double[] x = Elements.copy(in.getFirst());
        scale(x, in.subList(1, 3), Elements.copy(mean), Elements.copy(rstd), relu);
        return x;
    }

    /** In place; the parameters begin with w and b. */
    private static void scale(double[] x, List<Tensor> parameters, double[] mean, double[] rstd, boolean relu) {
        double[] w = Elements.copy(parameters.get(0));
        double[] b = Elements.copy(parameters.get(1));
        for (int i = 0; i < x.length; i++) {
            int c = i % mean.length;
            double value = (x[i] - mean[c]) * rstd[c] * w[c] + b[c];
            x[i] = relu ? Math.max(value, 0) : value;
        }
    }

    static void backward(BatchNorm.Backward op, List<Tensor> in, List<Tensor> out) {
        double[] g = Elements.copy(in.get(5));
        if (op.relu()) {
            stop(g, Elements.copy(in.get(4)));
        }
        gradients(in.get(0), in.get(1), in.get(2), in.get(3), g, out);
    }

    static void pooledBackward(BatchNorm.PooledBackward op, List<Tensor> in, List<Tensor> out) {
        double[] g = PoolReference.backward(
                op.windowHeight(), op.windowWidth(), in.get(5), in.getFirst().shape());
        stop(g, normalised(in, in.get(3), in.get(4), true));
        gradients(in.get(0), in.get(1), in.get(3), in.get(4), g, out);
    }

    /** Sets the gradient to 0 where ReLU did not let y pass. */
    private static void stop(double[] g, double[] y) {
        for (int i = 0; i < g.length; i++) {
            if (!(y[i] > 0)) {
                g[i] = 0;
            }
        }
    }

    /** With x̂ the normalised x and g the gradient of its affine map: {@code dx = w rstd (g - mean(g) - x̂ mean(g x̂))}. */
    private static void gradients(
            Tensor input, Tensor weight, Tensor means, Tensor deviations, double[] g, List<Tensor> out) {
        double[] x = Elements.copy(input);
        double[] w = Elements.copy(weight);
        double[] mean = Elements.copy(means);
        double[] rstd = Elements.copy(deviations);
        int channels = w.length;
        double[] dw = new double[channels];
        double[] db = new double[channels];
        for (int i = 0; i < x.length; i++) {
            int c = i % channels;
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
