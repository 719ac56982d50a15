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

    /** Channels in and out, and the extent of the images. */
    private record Layer(int channels, int height, int width) {
        Work work() {
            double pixels = (double) BATCH * height * width;
            double weights = 9.0 * channels * channels;
            return Work.flops(2 * pixels * weights).plus(Work.floats(2 * pixels * channels + weights));
        }

        Tensor image(Stage stage) {
            return stage.uniform(BATCH, height, width, channels);
        }

        Tensor weights(Stage stage) {
            return stage.uniform(channels, channels, 3, 3);
        }

        String label(String pass) {
            return "conv3x3/%d channels %dx%d %s".formatted(channels, height, width, pass);
        }
    }

    private ConvolutionCases() {}

    static List<BenchCase> all() {
        return Stream.of(
                        new Layer(64, 690, 64), new Layer(256, 172, 16), new Layer(1024, 43, 4), new Layer(2048, 21, 2))
                .flatMap(layer -> Stream.of(forward(layer), backwardInput(layer), backwardWeight(layer)))
                .toList();
    }

    private static BenchCase forward(Layer layer) {
        return new BenchCase(layer.label("forward"), layer.work(), stage -> {
            var x = layer.image(stage);
            var w = layer.weights(stage);
            return () -> Tensor.apply(new Convolution.Forward(1, 1), x, w);
        });
    }

    private static BenchCase backwardInput(Layer layer) {
        var op = new Convolution.BackwardInput(1, 1, layer.height(), layer.width());
        return new BenchCase(layer.label("backward input"), layer.work(), stage -> {
            var w = layer.weights(stage);
            var dy = layer.image(stage);
            return () -> Tensor.apply(op, w, dy);
        });
    }

    private static BenchCase backwardWeight(Layer layer) {
        var op = new Convolution.BackwardWeight(1, 1, 3, 3);
        return new BenchCase(layer.label("backward weight"), layer.work(), stage -> {
            var x = layer.image(stage);
            var dy = layer.image(stage);
            return () -> Tensor.apply(op, x, dy);
        });
    }
}
