package org.jclap.models.nn;

import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Batch normalisation of the channels of {@code (..., C)}, optionally with ReLU in the same pass. */
public final class ChannelNorm {
    private static final double EPS = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final boolean relu;
    private final Parameter weight;
    private final Parameter bias;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    /** A normalisation that starts as the identity of normalised values. */
    public ChannelNorm(Weights weights, int channels, boolean relu) {
        this.relu = relu;
        Shape shape = Shape.of(channels);
        weight = weights.parameter("weight", shape, Init.ones());
        bias = weights.parameter("bias", shape, Init.zeros());
        runningMean = weights.buffer("running_mean", shape, DType.F32, 0);
        runningVariance = weights.buffer("running_var", shape, DType.F32, 1);
        // Published files carry this counter. The momentum is constant, so nothing reads it.
        weights.buffer("num_batches_tracked", Shape.of(), DType.I64, 0);
    }

    /**
     * A convolution of x {@code (B, H, W, C_in)} with w {@code (C, C_in, KH, KW)} and stride 1, normalised as by {@link
     * #forward}, then averages over windows of {@code pool} by {@code pool}. Outside of training the normalisation is one
     * pass with the convolution, in training of a ReLU with the averages.
     */
    public Tensor convolve(Tensor x, Tensor w, int padding, int pool, Pass pass) {
        if (!pass.isTraining()) {
            List<Tensor> inputs = List.of(x, w, weight.value(), bias.value(), runningMean, runningVariance);
            Tensor y = Tensor.applyAll(new Convolution.Normalized(1, padding, EPS, relu), inputs)
                    .getFirst();
            return pooled(y, pool);
        }
        Tensor y = Ops.conv2d(x, w, 1, padding);
        return relu && pool > 1
                ? apply(new BatchNorm.PooledTraining(EPS, MOMENTUM, pool, pool), y)
                : pooled(forward(y, pass), pool);
    }

    private static Tensor pooled(Tensor x, int pool) {
        return pool == 1 ? x : Ops.avgPool2d(x, pool, pool);
    }

    /** Normalises by the batch in training (and updates the running statistics), else by the running statistics. */
    public Tensor forward(Tensor x, Pass pass) {
        return apply(
                pass.isTraining() ? new BatchNorm.Training(EPS, MOMENTUM, relu) : new BatchNorm.Inference(EPS, relu),
                x);
    }

    private Tensor apply(BatchNorm op, Tensor x) {
        List<Tensor> inputs = List.of(x, weight.value(), bias.value(), runningMean, runningVariance);
        return Tensor.applyAll(op, inputs).getFirst();
    }
}
