package org.jclap.models.clap;

import org.jclap.autograd.Parameter;
import org.jclap.models.nn.Init;
import org.jclap.models.nn.Norm;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/**
 * The projection head of CLAP (Elizalde et al., arXiv 2206.04769): {@code e = x W1ᵀ}, then {@code norm(e + dropout(GELU(e)
 * W2ᵀ))}; {@code (B, in)} to {@code (B, D)}, without biases.
 */
public final class Projection {
    private static final double NORM_EPS = 1e-5;

    private final Parameter linear1;
    private final Parameter linear2;
    private final Norm norm;
    private final int stream;
    private final double dropout;

    /** Creates the weights under the published names. */
    public Projection(Weights weights, int in, int out, double dropout) {
        linear1 = matrix(weights, "linear1", in, out);
        linear2 = matrix(weights, "linear2", out, out);
        norm = new Norm(weights.at("layer_norm"), out, NORM_EPS);
        stream = weights.nextStream();
        this.dropout = dropout;
    }

    private static Parameter matrix(Weights weights, String name, int in, int out) {
        Shape shape = Shape.of(out, in);
        return weights.at(name).parameter("weight", shape, Init.fanIn(shape));
    }

    /** {@code (B, in)} to {@code (B, D)}. */
    public Tensor forward(Tensor x, Pass pass) {
        Tensor embedded = Ops.matmul(x, linear1.value(), false, true);
        Tensor refined = Ops.matmul(Ops.gelu(embedded), linear2.value(), false, true);
        return norm.residual(embedded, refined, pass, dropout, stream);
    }
}
