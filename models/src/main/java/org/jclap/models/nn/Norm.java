package org.jclap.models.nn;

import java.util.ArrayList;
import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.type.Shape;

/** Layer normalisation over the last axis, {@code (..., C)}. */
public final class Norm {
    private final double eps;
    private final Parameter weight;
    private final Parameter bias;

    /** A normalisation that starts as the identity of normalised values. */
    public Norm(Weights weights, int channels, double eps) {
        this.eps = eps;
        weight = weights.parameter("weight", Shape.of(channels), Init.ones());
        bias = weights.parameter("bias", Shape.of(channels), Init.zeros());
    }

    /** The normalised x. */
    public Tensor forward(Tensor x) {
        return Tensor.applyAll(new LayerNorm.Forward(eps), List.of(x, weight.value(), bias.value()))
                .getFirst();
    }

    /** The normalised {@code x + dropout(r)}: the residual step of a transformer. */
    public Tensor residual(Tensor x, Tensor r, Pass pass, double rate, int stream) {
        List<Tensor> inputs = new ArrayList<>(List.of(x, r, weight.value(), bias.value()));
        if (pass.rate(rate) > 0) {
            inputs.add(pass.randomState());
        }
        return Tensor.applyAll(new LayerNorm.Residual(eps, pass.rate(rate), stream), inputs)
                .getFirst();
    }
}
