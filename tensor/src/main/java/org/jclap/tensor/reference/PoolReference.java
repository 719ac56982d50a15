package org.jclap.tensor.reference;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.type.Shape;

/** Average pooling of {@code (B, H, W, C)} with windows side by side. */
final class PoolReference {
    private PoolReference() {}

    static void forward(Pool.Forward op, Tensor input, Tensor output) {
        forward(op.windowHeight(), op.windowWidth(), Elements.copy(input), input.shape(), output);
    }

    /** The means of the windows of x. */
    static void forward(int windowHeight, int windowWidth, double[] x, Shape shape, Tensor output) {
        double[] y = new double[output.size()];
        double share = 1.0 / (windowHeight * windowWidth);
        forEachPair(shape, output.shape(), windowHeight, windowWidth, (xi, yi) -> {
            y[yi] += share * x[xi];
        });
        Elements.store(y, output);
    }

    static void backward(Pool.Backward op, Tensor gradient, Tensor output) {
        Elements.store(backward(op.windowHeight(), op.windowWidth(), gradient, output.shape()), output);
    }

    /** The gradient of an image of that shape. */
    static double[] backward(int windowHeight, int windowWidth, Tensor gradient, Shape shape) {
        double[] dy = Elements.copy(gradient);
        double[] dx = new double[shape.size()];
        double share = 1.0 / (windowHeight * windowWidth);
        forEachPair(shape, gradient.shape(), windowHeight, windowWidth, (xi, yi) -> {
            dx[xi] = share * dy[yi];
        });
        return dx;
    }

    /** Is given the positions of an element of the image and of the result that it is part of. */
    @FunctionalInterface
    private interface Pair {
        void at(int xi, int yi);
    }

    private static void forEachPair(Shape x, Shape y, int windowHeight, int windowWidth, Pair pair) {
        int channels = x.dim(3);
        for (int b = 0; b < x.dim(0); b++) {
            for (int row = 0; row < y.dim(1) * windowHeight; row++) {
                for (int column = 0; column < y.dim(2) * windowWidth; column++) {
                    int from = (b * x.dim(1) + row) * x.dim(2) + column;
                    int to = (b * y.dim(1) + row / windowHeight) * y.dim(2) + column / windowWidth;
                    for (int c = 0; c < channels; c++) {
                        pair.at(from * channels + c, to * channels + c);
                    }
                }
            }
        }
    }
}
