package org.jclap.bench;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Convolution;

/**
 * The 3 x 3 convolutions of CNN14 at batch 4 x 5 s, forward and both backward passes. Their work is that of the direct
 * algorithm; Winograd's needs fewer multiplications, so it may exceed the limit.
 */
final class ConvolutionCases {
    private static final int BATCH = 4;
    private static final Convolution.Forward FORWARD = new Convolution.Forward(1, 1);
    private static final Convolution.BackwardWeight BACKWARD_WEIGHT = new Convolution.BackwardWeight(1, 1, 3, 3);

    /** Channels in and out, and the extent of the images. */
    private record Layer(int in, int out, int height, int width) {
        Layer(int channels, int height, int width) {
            this(channels, channels, height, width);
        }

        Work work() {
            double pixels = (double) BATCH * height * width;
            double weights = 9.0 * in * out;
            return Work.flops(2 * pixels * weights).plus(Work.floats(pixels * (in + out) + weights));
        }

        Convolution.BackwardInput backwardInput() {
            return new Convolution.BackwardInput(1, 1, height, width);
        }

        Tensor image(Stage stage) {
            return stage.uniform(BATCH, height, width, in);
        }

        Tensor outputGradient(Stage stage) {
            return stage.uniform(BATCH, height, width, out);
        }

        Tensor weights(Stage stage) {
            return stage.uniform(out, in, 3, 3);
        }

        String label(String pass) {
            var channels = in == out ? "%d channels".formatted(in) : "%d to %d channels".formatted(in, out);
            return "conv3x3/%s %dx%d %s".formatted(channels, height, width, pass);
        }
    }

    private ConvolutionCases() {}

    static List<BenchCase> all() {
        var layers = Stream.of(
                new Layer(1, 64, 690, 64),
                new Layer(64, 690, 64),
                new Layer(256, 172, 16),
                new Layer(1024, 43, 4),
                new Layer(2048, 21, 2));
        return layers.flatMap(layer ->
                        Stream.of(forward(layer), backwardInput(layer), backwardWeight(layer), forwardBackward(layer)))
                .toList();
    }

    private static BenchCase forward(Layer layer) {
        return new BenchCase(layer.label("forward"), layer.work(), stage -> {
            var x = layer.image(stage);
            var w = layer.weights(stage);
            return () -> List.of(Tensor.apply(FORWARD, x, w));
        });
    }

    private static BenchCase backwardInput(Layer layer) {
        var op = layer.backwardInput();
        return new BenchCase(layer.label("backward input"), layer.work(), stage -> {
            var w = layer.weights(stage);
            var dy = layer.outputGradient(stage);
            return () -> List.of(Tensor.apply(op, w, dy));
        });
    }

    private static BenchCase backwardWeight(Layer layer) {
        return new BenchCase(layer.label("backward weight"), layer.work(), stage -> {
            var x = layer.image(stage);
            var dy = layer.outputGradient(stage);
            return () -> List.of(Tensor.apply(BACKWARD_WEIGHT, x, dy));
        });
    }

    /** As a training step needs them: the image, the gradient of the input, and that of the weights. */
    private static BenchCase forwardBackward(Layer layer) {
        var backwardInput = layer.backwardInput();
        return new BenchCase(layer.label("forward+backward"), layer.work().times(3), stage -> {
            var x = layer.image(stage);
            var w = layer.weights(stage);
            var dy = layer.outputGradient(stage);
            return () -> List.of(
                    Tensor.apply(FORWARD, x, w),
                    Tensor.apply(backwardInput, w, dy),
                    Tensor.apply(BACKWARD_WEIGHT, x, dy));
        });
    }
}
