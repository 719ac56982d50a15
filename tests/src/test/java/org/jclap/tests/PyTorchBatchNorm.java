package org.jclap.tests;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Recorder;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Op;

/**
 * The gradient of {@code bn0} as PyTorch 1.13 computes it, which is wrong.
 *
 * <p>The published model normalises mel bands by transposing {@code (B, 1, T, F)} to {@code (B, F, T, 1)}. With an extent of
 * 1 the memory format of that tensor is ambiguous, and the backward of batch normalisation takes the incoming gradient,
 * which lies in memory as {@code (B, T, F)}, for {@code (B, F, T)}: the gradients of weight and bias are sums over the
 * wrong elements. (Finite differences confirm jclap's; every other gradient agrees.) Golden files that were made so are
 * compared with the same misreading of jclap's own gradient, which still holds all of its elements to account.
 */
final class PyTorchBatchNorm {
    private final GradTape tape;
    private float[] x = {};
    private float[] gradient = {};
    private int channels;
    private int frames;
    private float[] mean = {};
    private float[] reciprocalDeviation = {};

    PyTorchBatchNorm(GradTape tape) {
        this.tape = tape;
    }

    /** Records on the tape, and watches the first batch normalisation. */
    <T> T record(Supplier<T> forward) {
        return ScopedValue.where(Tensor.RECORDER, new Watch()).call(forward::get);
    }

    private final class Watch implements Recorder {
        @Override
        public void record(Op op, List<Tensor> inputs, List<Tensor> outputs) {
            tape.record(op, inputs, outputs);
            if (op instanceof BatchNorm.Training && channels == 0) {
                x = inputs.getFirst().toFloats();
                channels = inputs.getFirst().shape().last();
                frames = inputs.getFirst().shape().dim(1);
                mean = outputs.get(1).toFloats();
                reciprocalDeviation = outputs.get(2).toFloats();
                tape.onGradient(outputs.getFirst(), dy -> {
                    gradient = dy.toFloats();
                    return dy;
                });
            }
        }
    }

    /** Whether a golden gradient of the bias is the misread one: it lies nearer to that than to the true one. */
    boolean explains(double[] goldenBias, Parameter bias) {
        double[] right = Objects.requireNonNull(bias.grad()).toDoubles();
        double[] misread = sums(false);
        double toRight = 0;
        double toMisread = 0;
        for (int i = 0; i < goldenBias.length; i++) {
            toRight += Math.abs(goldenBias[i] - right[i]);
            toMisread += Math.abs(goldenBias[i] - misread[i]);
        }
        return toMisread < toRight;
    }

    /** As {@link #explains}, by the Euclidean norm alone. */
    boolean explainsNorm(double goldenNorm, Parameter bias) {
        double right = norm(Objects.requireNonNull(bias.grad()).toDoubles());
        return Math.abs(goldenNorm - norm(sums(false))) < Math.abs(goldenNorm - right);
    }

    private static double norm(double[] values) {
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    /** Replaces the gradients of bn0 by the misread ones. */
    void imitate(Parameter weight, Parameter bias) {
        replace(weight, sums(true));
        replace(bias, sums(false));
    }

    private static void replace(Parameter parameter, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        parameter.zeroGrad();
        Tensor value = parameter.value();
        parameter.accumulate(Tensor.of(value.backend(), value.shape(), floats));
    }

    /** Per channel the sum of the misread gradient, times the normalised input for the weight. */
    private double[] sums(boolean ofWeight) {
        double[] sums = new double[channels];
        for (int i = 0; i < gradient.length; i++) {
            int clip = i / (channels * frames);
            int c = i / frames % channels;
            int t = i % frames;
            float input = x[(clip * frames + t) * channels + c];
            double normalised = ((double) input - mean[c]) * reciprocalDeviation[c];
            sums[c] += ofWeight ? gradient[i] * normalised : gradient[i];
        }
        return sums;
    }
}
