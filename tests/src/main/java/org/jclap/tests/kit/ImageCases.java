package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.type.Shape;

/** Convolution and pooling of channels-last images with odd extents. */
final class ImageCases {
    /** Image {@code (B, H, W, C_in)}, output channels, kernel, stride, padding. */
    private record Geometry(Shape x, int channels, int kernelHeight, int kernelWidth, int stride, int padding) {
        Shape weight() {
            return Shape.of(channels, x.last(), kernelHeight, kernelWidth);
        }

        Shape output() {
            return Shape.of(x.dim(0), extent(x.dim(1), kernelHeight), extent(x.dim(2), kernelWidth), channels);
        }

        private int extent(int input, int kernel) {
            return (input + 2 * padding - kernel) / stride + 1;
        }
    }

    /** Winograd's transforms for 4 x 4 tiles multiply rounding errors by about 2, against a direct sum. */
    private static final double WINOGRAD_SLACK = 8;

    /** The last one has a width of 2 under an unpadded kernel of 3: no output column. */
    private static final List<Geometry> GEOMETRIES = List.of(
            new Geometry(Shape.of(1, 1, 1, 1), 1, 3, 3, 1, 1),
            new Geometry(Shape.of(2, 13, 10, 3), 5, 3, 3, 1, 1),
            new Geometry(Shape.of(1, 9, 6, 1), 64, 3, 3, 1, 1),
            new Geometry(Shape.of(1, 5, 4, 16), 13, 3, 3, 1, 1),
            new Geometry(Shape.of(2, 8, 8, 64), 32, 3, 3, 1, 1),
            new Geometry(Shape.of(3, 7, 9, 17), 33, 3, 3, 1, 1),
            new Geometry(Shape.of(1, 33, 38, 32), 48, 3, 3, 1, 1),
            new Geometry(Shape.of(1, 2, 1, 127), 65, 3, 3, 1, 1),
            new Geometry(Shape.of(2, 6, 5, 3), 4, 3, 3, 1, 0),
            new Geometry(Shape.of(2, 7, 8, 3), 4, 3, 3, 2, 1),
            new Geometry(Shape.of(2, 4, 5, 7), 6, 1, 1, 1, 0),
            // Channels that fill whole packs on both sides, as a library wants them.
            new Geometry(Shape.of(2, 5, 4, 8), 16, 1, 1, 1, 0),
            new Geometry(Shape.of(1, 7, 6, 16), 8, 5, 5, 1, 2),
            new Geometry(Shape.of(2, 9, 6, 8), 8, 3, 3, 2, 1),
            new Geometry(Shape.of(1, 8, 9, 2), 3, 5, 2, 1, 2),
            new Geometry(Shape.of(0, 5, 5, 3), 4, 3, 3, 1, 1),
            new Geometry(Shape.of(1, 3, 2, 2), 3, 3, 3, 1, 0));

    private ImageCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (Geometry geometry : GEOMETRIES) {
            convolution(geometry, cases);
        }
        pool(Shape.of(1, 1, 1, 1), 1, 1, cases);
        pool(Shape.of(2, 9, 7, 3), 2, 2, cases);
        pool(Shape.of(2, 4, 6, 127), 2, 2, cases);
        pool(Shape.of(1, 5, 6, 13), 1, 2, cases);
        pool(Shape.of(1, 7, 6, 13), 3, 1, cases);
        pool(Shape.of(1, 1, 5, 3), 2, 2, cases);
        pool(Shape.of(0, 4, 4, 3), 2, 2, cases);
        return cases;
    }

    private static void convolution(Geometry g, List<OpCase> cases) {
        String label = "%s to %d, %d x %d, stride %d, padding %d"
                .formatted(g.x, g.channels, g.kernelHeight, g.kernelWidth, g.stride, g.padding);
        int taps = g.kernelHeight * g.kernelWidth;
        Shape y = g.output();
        cases.add(OpCase.of(
                        new Convolution.Forward(g.stride, g.padding),
                        label,
                        in -> List.of(in.uniform(-1, 1, g.x), in.uniform(-1, 1, g.weight())))
                .differentiable(0, 1)
                .within(taps * g.x.last(), WINOGRAD_SLACK, 1));
        for (boolean relu : new boolean[] {false, true}) {
            // Channels are multiplied by up to 2 / sqrt(0.5), which is what sums near 1 become.
            cases.add(OpCase.of(
                            new Convolution.Normalized(g.stride, g.padding, 1e-3, relu),
                            label + (relu ? ", ReLU" : ""),
                            in -> List.of(
                                    in.uniform(-1, 1, g.x),
                                    in.uniform(-1, 1, g.weight()),
                                    in.wide(-2, 2, g.channels),
                                    in.wide(-1, 1, g.channels),
                                    in.wide(-1, 1, g.channels),
                                    in.wide(0.5, 2, g.channels)))
                    .within(taps * g.x.last(), WINOGRAD_SLACK, 3));
        }
        cases.add(OpCase.of(
                        new Convolution.BackwardInput(g.stride, g.padding, g.x.dim(1), g.x.dim(2)),
                        label,
                        in -> List.of(in.uniform(-1, 1, g.weight()), in.uniform(-1, 1, y)))
                .within(taps * g.channels, WINOGRAD_SLACK, 1));
        cases.add(OpCase.of(
                        new Convolution.BackwardWeight(g.stride, g.padding, g.kernelHeight, g.kernelWidth),
                        label,
                        in -> List.of(in.uniform(-1, 1, g.x), in.uniform(-1, 1, y)))
                .within(y.product(0, 3), WINOGRAD_SLACK, 1));
    }

    private static void pool(Shape x, int height, int width, List<OpCase> cases) {
        String label = "%s by %d x %d".formatted(x, height, width);
        Shape y = Shape.of(x.dim(0), x.dim(1) / height, x.dim(2) / width, x.last());
        cases.add(OpCase.of(new Pool.Forward(height, width), label, in -> List.of(in.uniform(-1, 1, x)))
                .differentiable(0)
                .within(height * width, 4, 1));
        cases.add(OpCase.of(
                new Pool.Backward(height, width, x.dim(1), x.dim(2)), label, in -> List.of(in.uniform(-1, 1, y))));
    }
}
