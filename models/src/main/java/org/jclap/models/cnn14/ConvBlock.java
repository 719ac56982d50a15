package org.jclap.models.cnn14;

import org.jclap.autograd.Parameter;
import org.jclap.models.nn.ChannelNorm;
import org.jclap.models.nn.Init;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** Twice convolution 3x3, batch normalisation, ReLU; then average pooling: {@code (B, T, F, in)} to {@code (B, T/p, F/p, out)}. */
final class ConvBlock {
    private final Parameter conv1;
    private final ChannelNorm bn1;
    private final Parameter conv2;
    private final ChannelNorm bn2;

    ConvBlock(Weights weights, int in, int out) {
        conv1 = convolution(weights, "conv1", in, out);
        conv2 = convolution(weights, "conv2", out, out);
        bn1 = new ChannelNorm(weights.at("bn1"), out, true);
        bn2 = new ChannelNorm(weights.at("bn2"), out, true);
    }

    private static Parameter convolution(Weights weights, String name, int in, int out) {
        Shape shape = Shape.of(out, in, 3, 3);
        return weights.at(name).parameter("weight", shape, Init.xavier(shape));
    }

    Tensor forward(Tensor x, int pool, Pass pass) {
        Tensor a = bn1.convolve(x, conv1.value(), 1, 1, pass);
        return bn2.convolve(a, conv2.value(), 1, pool, pass);
    }
}
