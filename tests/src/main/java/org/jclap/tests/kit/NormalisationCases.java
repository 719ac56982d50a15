package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.type.Shape;

/** Softmax, layer normalisation, batch normalisation. */
final class NormalisationCases {
    private static final List<Shape> ROWS = List.of(
            Shape.of(1021), Shape.of(5, 37), Shape.of(13, 1), Shape.of(2, 3, 127), Shape.of(7, 768), Shape.of(0, 5));

    private static final List<Shape> IMAGES = List.of(
            Shape.of(3, 4, 5, 6), Shape.of(2, 13), Shape.of(127, 1), Shape.of(2, 3, 3, 127), Shape.of(1021, 64));

    private NormalisationCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (boolean log : new boolean[] {false, true}) {
            softmax(log, cases);
        }
        for (Shape shape : ROWS) {
            layerNorm(shape, cases);
        }
        for (boolean relu : new boolean[] {false, true}) {
            for (Shape shape : IMAGES) {
                batchNorm(shape, relu, cases);
            }
        }
        cases.add(offset(new BatchNorm.Training(1e-5, 0.1, false), "", Shape.of(500, 13)));
        cases.add(offset(new BatchNorm.Training(1e-5, 0.1, true), " ReLU", Shape.of(500, 13)));
        cases.add(offset(new BatchNorm.PooledTraining(1e-5, 0.1, 2, 2), "", Shape.of(2, 15, 17, 13)));
        pooledBatchNorms(cases);
        return cases;
    }

    private static void softmax(boolean log, List<OpCase> cases) {
        Softmax op = new Softmax.Forward(log);
        String suffix = log ? " log" : "";
        for (Shape shape : ROWS) {
            cases.add(OpCase.of(op, shape + suffix, in -> List.of(in.uniform(-3, 3, shape)))
                    .differentiable(0)
                    .within(shape.last(), 4, log ? 1 : 0));
            cases.add(OpCase.of(new Softmax.Backward(log), shape + suffix, in -> {
                        Tensor y = in.apply(op, in.uniform(-3, 3, shape)).getFirst();
                        return List.of(y, in.uniform(-1, 1, shape));
                    })
                    .within(shape.last(), 4, log ? 1 : 1.0 / shape.last()));
        }
        cases.add(OpCase.of(op, "no columns" + suffix, in -> List.of(in.uniform(4, 0))));
        double infinity = Double.POSITIVE_INFINITY;
        cases.add(OpCase.of(
                op,
                "extremes" + suffix,
                in -> List.of(in.values(
                        Shape.of(4, 3), 1000, 999, -1000, -1000, -1001, -1000, -infinity, 0, 1, Double.NaN, 0, 1))));
    }

    private static void layerNorm(Shape shape, List<OpCase> cases) {
        int channels = shape.last();
        double eps = 1e-5;
        LayerNorm.Forward forward = new LayerNorm.Forward(eps);
        cases.add(OpCase.of(
                        forward,
                        shape.toString(),
                        in -> List.of(in.uniform(-1, 1, shape), in.wide(-1, 1, channels), in.wide(-1, 1, channels)))
                .differentiable(0, 1, 2)
                .within(channels, 4, 1));
        for (float rate : new float[] {0, 0.25f}) {
            cases.add(OpCase.of(new LayerNorm.Residual(eps, rate, 3), shape + " rate " + rate, in -> {
                        List<Tensor> inputs = new ArrayList<>(List.of(
                                in.uniform(-1, 1, shape),
                                in.uniform(-1, 1, shape),
                                in.wide(-1, 1, channels),
                                in.wide(-1, 1, channels)));
                        if (rate > 0) {
                            inputs.add(in.random());
                        }
                        return inputs;
                    })
                    .differentiable(0, 1, 2, 3)
                    .within(channels, 4, 1));
        }
        cases.add(OpCase.of(new LayerNorm.Backward(), shape.toString(), in -> {
                    Tensor x = in.uniform(-1, 1, shape);
                    Tensor w = in.wide(-1, 1, channels);
                    List<Tensor> results = in.apply(forward, x, w, in.wide(-1, 1, channels));
                    return List.of(x, w, results.get(1), results.get(2), in.uniform(-1, 1, shape));
                })
                // One channel has no variance: what cancels is as large as 1 / sqrt(eps).
                .within(Math.max(channels, shape.size() / channels), 4, channels == 1 ? 1 / Math.sqrt(eps) : 1));
    }

    private static void batchNorm(Shape shape, boolean relu, List<OpCase> cases) {
        int channels = shape.last();
        int terms = shape.size() / channels;
        String label = shape + (relu ? " ReLU" : "");
        BatchNorm.Training training = new BatchNorm.Training(1e-5, 0.1, relu);
        // The deviation of few values may be small against the values, whose rounding errors it divides.
        double magnitude = terms < 10 ? 100 : 1;
        // Finite differences must not cross ReLU's kink, so only the plain variant is differentiated.
        OpCase forward =
                OpCase.of(training, label, in -> batchNormInputs(in, shape, 0)).within(terms, 4, magnitude);
        cases.add(relu ? forward : forward.differentiable(0, 1, 2));
        OpCase inference = OpCase.of(new BatchNorm.Inference(1e-3, relu), label, in -> batchNormInputs(in, shape, 0))
                .within(1, 8, 1);
        cases.add(relu ? inference : inference.differentiable(0, 1, 2));
        cases.add(OpCase.of(new BatchNorm.Backward(relu), label, in -> {
                    List<Tensor> inputs = batchNormInputs(in, shape, 0);
                    List<Tensor> results = in.apply(training, inputs.toArray(Tensor[]::new));
                    return List.of(
                            inputs.get(0),
                            inputs.get(1),
                            results.get(1),
                            results.get(2),
                            results.get(0),
                            in.uniform(-1, 1, shape));
                })
                .within(terms, 8, magnitude));
    }

    /**
     * A mean far from 0 against the deviation: variance as a difference of two large sums would lose its digits. What a
     * pass {@code a x + b} subtracts is 300 w / 0.6, with w up to 2.
     */
    private static OpCase offset(BatchNorm op, String suffix, Shape shape) {
        return OpCase.of(op, "far from 0" + suffix, in -> batchNormInputs(in, shape, 300))
                .within(1, 8, 1000);
    }

    private static void pooledBatchNorms(List<OpCase> cases) {
        pooledBatchNorm(Shape.of(1, 2, 2, 3), 2, 2, cases);
        pooledBatchNorm(Shape.of(1, 5, 7, 1), 2, 2, cases);
        pooledBatchNorm(Shape.of(3, 4, 5, 3), 1, 2, cases);
        pooledBatchNorm(Shape.of(3, 7, 4, 16), 3, 2, cases);
        pooledBatchNorm(Shape.of(1, 9, 11, 17), 2, 2, cases);
        pooledBatchNorm(Shape.of(3, 6, 8, 64), 2, 2, cases);
        // On processors a strip is eight pixels, which cuts windows of three.
        pooledBatchNorm(Shape.of(1, 4, 19, 64), 1, 3, cases);
        pooledBatchNorm(Shape.of(3, 7, 13, 100), 3, 2, cases);
        pooledBatchNorm(Shape.of(1, 5, 3, 520), 2, 2, cases);
        // Sums in several parts.
        pooledBatchNorm(Shape.of(3, 71, 33, 16), 2, 2, cases);
    }

    private static void pooledBatchNorm(Shape shape, int height, int width, List<OpCase> cases) {
        int terms = shape.size() / shape.last();
        String label = "%s by (%d, %d)".formatted(shape, height, width);
        double magnitude = terms < 10 ? 100 : 1;
        BatchNorm training = new BatchNorm.PooledTraining(1e-5, 0.1, height, width);
        cases.add(
                OpCase.of(training, label, in -> batchNormInputs(in, shape, 0)).within(terms, 4, magnitude));
        // No kink is near where everything is positive.
        cases.add(OpCase.of(training, label + " positive", in -> {
                    List<Tensor> inputs = new ArrayList<>(batchNormInputs(in, shape, 0));
                    inputs.set(2, in.wide(4, 5, shape.last()));
                    return inputs;
                })
                .within(terms, 4, magnitude)
                .differentiable(0, 1, 2));
        cases.add(OpCase.of(new BatchNorm.PooledBackward(height, width), label, in -> {
                    List<Tensor> inputs = batchNormInputs(in, shape, 0);
                    List<Tensor> results = in.apply(training, inputs.toArray(Tensor[]::new));
                    return List.of(
                            inputs.get(0),
                            inputs.get(1),
                            inputs.get(2),
                            results.get(1),
                            results.get(2),
                            in.uniform(-1, 1, results.getFirst().shape()));
                })
                .within(terms, 8, magnitude));
    }

    private static List<Tensor> batchNormInputs(Inputs in, Shape shape, double centre) {
        int channels = shape.last();
        return List.of(
                in.uniform(centre - 1, centre + 1, shape),
                in.wide(-2, 2, channels),
                in.wide(-1, 1, channels),
                in.wide(-1, 1, channels),
                in.wide(0.5, 2, channels));
    }
}
