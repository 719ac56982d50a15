package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/** One-pass parameter updates with PyTorch's formulas. */
public final class Optimizers {
    /**
     * The settings of Adam.
     *
     * @param decoupled whether the weight decay acts on the parameter (AdamW) instead of on the gradient (Adam)
     */
    public record Adam(
            double learningRate, double beta1, double beta2, double eps, double weightDecay, boolean decoupled) {}

    /** The settings of gradient descent. */
    public record Sgd(double learningRate, double momentum, double weightDecay, boolean nesterov) {}

    private final Workers workers;

    /** Updates on the given threads. */
    public Optimizers(Workers workers) {
        this.workers = workers;
    }

    /**
     * Adam's step number {@code step} (from 1): {@code m += (1 - beta1)(g - m)}, {@code v = beta2 v + (1 - beta2) g^2},
     * {@code p -= lr / (1 - beta1^step) m / (sqrt(v / (1 - beta2^step)) + eps)}; the gradient is {@code factor g}, and g
     * is only read.
     */
    public void adam(
            Adam settings,
            int step,
            float factor,
            float[] p,
            int po,
            float[] g,
            int go,
            float[] m,
            int mo,
            float[] v,
            int vo,
            int n) {
        double correction1 = 1 - Math.pow(settings.beta1(), step);
        double correction2 = 1 - Math.pow(settings.beta2(), step);
        float gradientDecay = settings.decoupled() ? 0f : (float) settings.weightDecay();
        float keep = settings.decoupled() ? (float) (1 - settings.learningRate() * settings.weightDecay()) : 1f;
        float rate1 = (float) (1 - settings.beta1());
        float beta2 = (float) settings.beta2();
        float rate2 = (float) (1 - settings.beta2());
        float inverseRoot = (float) (1 / Math.sqrt(correction2));
        float eps = (float) settings.eps();
        float stepSize = (float) (-settings.learningRate() / correction1);
        workers.parallelRanges(n, Rows.task(n), (from, to) -> {
            int whole = from + Lanes.bound(to - from);
            // Masked stores are slow where vectors have 256 bits.
            for (var i = from; i < whole; i += Lanes.COUNT) {
                var parameter = FloatVector.fromArray(SPECIES, p, po + i);
                var gradient = parameter.fma(
                        FloatVector.broadcast(SPECIES, gradientDecay),
                        FloatVector.fromArray(SPECIES, g, go + i).mul(factor));
                var first = FloatVector.fromArray(SPECIES, m, mo + i);
                first = gradient.sub(first).fma(FloatVector.broadcast(SPECIES, rate1), first);
                var second = gradient.mul(gradient)
                        .mul(rate2)
                        .add(FloatVector.fromArray(SPECIES, v, vo + i).mul(beta2));
                first.intoArray(m, mo + i);
                second.intoArray(v, vo + i);
                var denominator = second.sqrt()
                        .fma(FloatVector.broadcast(SPECIES, inverseRoot), FloatVector.broadcast(SPECIES, eps));
                first.div(denominator)
                        .fma(FloatVector.broadcast(SPECIES, stepSize), parameter.mul(keep))
                        .intoArray(p, po + i);
            }
            for (var i = whole; i < to; i++) {
                float parameter = p[po + i];
                float gradient = Math.fma(parameter, gradientDecay, g[go + i] * factor);
                float first = Math.fma(gradient - m[mo + i], rate1, m[mo + i]);
                float second = gradient * gradient * rate2 + v[vo + i] * beta2;
                m[mo + i] = first;
                v[vo + i] = second;
                float denominator = Math.fma((float) Math.sqrt(second), inverseRoot, eps);
                p[po + i] = Math.fma(first / denominator, stepSize, parameter * keep);
            }
        });
    }

    /**
     * A step of gradient descent: {@code g' = factor g + decay p}, {@code b = momentum b + g'}, {@code p -= lr b}, or {@code p
     * -= lr (g' + momentum b)} with Nesterov; b starts as zeros.
     */
    public void sgd(Sgd settings, float factor, float[] p, int po, float[] g, int go, float[] b, int bo, int n) {
        float momentum = (float) settings.momentum();
        float decay = (float) settings.weightDecay();
        float rate = (float) -settings.learningRate();
        workers.parallelRanges(n, Rows.task(n), (from, to) -> {
            for (var i = from; i < to; i += Lanes.COUNT) {
                var mask = SPECIES.indexInRange(i, to);
                var parameter = FloatVector.fromArray(SPECIES, p, po + i, mask);
                var gradient = FloatVector.fromArray(SPECIES, g, go + i, mask).mul(factor);
                gradient = parameter.fma(FloatVector.broadcast(SPECIES, decay), gradient);
                var buffer = FloatVector.fromArray(SPECIES, b, bo + i, mask)
                        .fma(FloatVector.broadcast(SPECIES, momentum), gradient);
                buffer.intoArray(b, bo + i, mask);
                var direction =
                        settings.nesterov() ? buffer.fma(FloatVector.broadcast(SPECIES, momentum), gradient) : buffer;
                direction.fma(FloatVector.broadcast(SPECIES, rate), parameter).intoArray(p, po + i, mask);
            }
        });
    }
}
