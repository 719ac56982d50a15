package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.type.Shape;

/**
 * Cross-correlation, x {@code (B, H, W, C_in)}, w {@code (C_out, C_in, KH, KW)}, y {@code (B, H', W', C_out)}: {@code
 * y[b, r, c, o] = Σ x[b, r s + i - p, c s + j - p, k] w[o, k, i, j]} with stride s and padding p. The two gradients run
 * over the same products and differ in which of the three factors they add to.
 */
final class ConvolutionReference {
    private ConvolutionReference() {}

    static void forward(Convolution.Forward op, Tensor input, Tensor weight, Tensor output) {
        Elements.store(convolve(input, weight, output.shape(), op.stride(), op.padding()), output);
    }

    /** The result of the convolution is not rounded before it is normalised. */
    static void normalized(Convolution.Normalized op, List<Tensor> in, Tensor output) {
        double[] y = convolve(in.get(0), in.get(1), output.shape(), op.stride(), op.padding());
        BatchNormReference.inference(y, op.eps(), op.relu(), in.subList(2, 6), output);
    }

    private static double[] convolve(Tensor input, Tensor weight, Shape output, int stride, int padding) {
        double[] x = Elements.copy(input);
        double[] w = Elements.copy(weight);
        double[] y = new double[output.size()];
        forEachProduct(input.shape(), weight.shape(), output, stride, padding, (xi, wi, yi) -> {
            y[yi] += x[xi] * w[wi];
        });
        return y;
    }

    static void backwardInput(Convolution.BackwardInput op, Tensor weight, Tensor gradient, Tensor output) {
        double[] w = Elements.copy(weight);
        double[] dy = Elements.copy(gradient);
        double[] dx = new double[output.size()];
        forEachProduct(output.shape(), weight.shape(), gradient.shape(), op.stride(), op.padding(), (xi, wi, yi) -> {
            dx[xi] += dy[yi] * w[wi];
        });
        Elements.store(dx, output);
    }

    static void backwardWeight(Convolution.BackwardWeight op, Tensor input, Tensor gradient, Tensor output) {
        double[] x = Elements.copy(input);
        double[] dy = Elements.copy(gradient);
        double[] dw = new double[output.size()];
        forEachProduct(input.shape(), output.shape(), gradient.shape(), op.stride(), op.padding(), (xi, wi, yi) -> {
            dw[wi] += dy[yi] * x[xi];
        });
        Elements.store(dw, output);
    }

    /** Is given the positions of an element of x and of w whose product is part of an element of y. */
    @FunctionalInterface
    private interface Product {
        void at(int xi, int wi, int yi);
    }

    private static void forEachProduct(Shape x, Shape w, Shape y, int stride, int padding, Product product) {
        int kernelHeight = w.dim(2);
        int kernelWidth = w.dim(3);
        for (int b = 0; b < y.dim(0); b++) {
            for (int row = 0; row < y.dim(1); row++) {
                for (int column = 0; column < y.dim(2); column++) {
                    int pixel = (b * y.dim(1) + row) * y.dim(2) + column;
                    for (int i = 0; i < kernelHeight; i++) {
                        for (int j = 0; j < kernelWidth; j++) {
                            int inputRow = row * stride + i - padding;
                            int inputColumn = column * stride + j - padding;
                            if (contains(x, inputRow, inputColumn)) {
                                int inputPixel = (b * x.dim(1) + inputRow) * x.dim(2) + inputColumn;
                                forEachChannel(x, w, inputPixel, i * kernelWidth + j, pixel, product);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void forEachChannel(Shape x, Shape w, int inputPixel, int tap, int pixel, Product product) {
        int channelsOut = w.dim(0);
        int channelsIn = w.dim(1);
        int taps = w.dim(2) * w.dim(3);
        for (int o = 0; o < channelsOut; o++) {
            for (int k = 0; k < channelsIn; k++) {
                product.at(inputPixel * x.dim(3) + k, (o * channelsIn + k) * taps + tap, pixel * channelsOut + o);
            }
        }
    }

    private static boolean contains(Shape image, int row, int column) {
        return row >= 0 && row < image.dim(1) && column >= 0 && column < image.dim(2);
    }
}
