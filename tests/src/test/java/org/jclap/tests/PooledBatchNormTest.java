package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jclap.autograd.GradTape;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.ShapeException;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Generator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fused op against batch normalisation with ReLU and pooling one after the other, in double precision. */
final class PooledBatchNormTest {
    private static final double EPS = 1e-5;
    private static final double MOMENTUM = 0.1;
    private static final long SEED = 7;

    @ParameterizedTest
    @CsvSource({"1, 2, 2, 3, 2, 2", "3, 5, 7, 4, 2, 2", "2, 8, 6, 1, 3, 2", "1, 4, 9, 17, 1, 2", "2, 6, 4, 5, 6, 4"})
    void equalsNormalisationThenPooling(int batch, int height, int width, int channels, int kh, int kw) {
        Shape shape = Shape.of(batch, height, width, channels);
        List<double[]> expected = run(shape, inputs -> {
            List<Tensor> out = Tensor.applyAll(new BatchNorm.Training(EPS, MOMENTUM, true), inputs);
            return List.of(Ops.avgPool2d(out.get(0), kh, kw), out.get(1), out.get(2));
        });
        List<double[]> actual =
                run(shape, inputs -> Tensor.applyAll(new BatchNorm.PooledTraining(EPS, MOMENTUM, kh, kw), inputs));
        assertEquals(8, actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), 1e-12, "result " + i + ", seed " + SEED);
        }
    }

    private interface Forward {
        List<Tensor> apply(List<Tensor> inputs);
    }

    /** The three outputs, the two running statistics, and the gradients of x, w and b. */
    private static List<double[]> run(Shape shape, Forward forward) {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Generator generator = new Generator(SEED);
            Shape channels = Shape.of(shape.last());
            List<Tensor> inputs = List.of(
                    uniform(backend, generator, -2, shape),
                    uniform(backend, generator, -1, channels),
                    uniform(backend, generator, -1, channels),
                    uniform(backend, generator, -1, channels),
                    uniform(backend, generator, 0.5, channels));
            GradTape tape = new GradTape();
            inputs.subList(0, 3).forEach(tape::watch);
            List<Tensor> outputs = tape.record(() -> forward.apply(inputs));
            List<double[]> results = new ArrayList<>();
            outputs.forEach(output -> results.add(output.toDoubles()));
            inputs.subList(3, 5).forEach(input -> results.add(input.toDoubles()));
            Tensor y = outputs.getFirst();
            tape.backward(List.of(y), List.of(uniform(backend, generator, -1, y.shape())));
            inputs.subList(0, 3)
                    .forEach(input -> results.add(
                            Objects.requireNonNull(tape.gradient(input)).toDoubles()));
            return results;
        }
    }

    private static Tensor uniform(Backend backend, Generator generator, double low, Shape shape) {
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = generator.uniform(low, 1);
        }
        return Tensor.of(backend, shape, values);
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "1, 4", "0, 1", "1, -1"})
    void refusesWindowsThatDoNotFit(int height, int width) {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(backend, Shape.of(2, 4, 3, 5), DType.F32);
            Tensor c = Tensor.zeros(backend, Shape.of(5), DType.F32);
            for (BatchNorm op : List.of(
                    new BatchNorm.PooledTraining(EPS, MOMENTUM, height, width),
                    new BatchNorm.PooledBackward(height, width))) {
                List<Tensor> inputs = new ArrayList<>(List.of(x, c, c, c, c));
                if (op instanceof BatchNorm.PooledBackward) {
                    inputs.add(x);
                }
                String message = assertThrows(ShapeException.class, () -> Tensor.applyAll(op, inputs))
                        .getMessage();
                assertTrue(message.contains("no larger than the image"), message);
            }
        }
    }

    @Test
    void refusesOneValueAChannel() {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(backend, Shape.of(1, 1, 1, 5), DType.F32);
            Tensor c = Tensor.zeros(backend, Shape.of(5), DType.F32);
            BatchNorm op = new BatchNorm.PooledTraining(EPS, MOMENTUM, 1, 1);
            String message = assertThrows(ShapeException.class, () -> Tensor.applyAll(op, List.of(x, c, c, c, c)))
                    .getMessage();
            assertTrue(message.contains("PooledTraining") && message.contains("more than one value"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 2, 5", "2, 2, 1, 4", "1, 2, 1, 5", "2, 4, 3, 5"})
    void refusesAGradientOfAnotherShape(int batch, int height, int width, int channels) {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(backend, Shape.of(2, 4, 3, 5), DType.F32);
            Tensor c = Tensor.zeros(backend, Shape.of(5), DType.F32);
            Tensor dy = Tensor.zeros(backend, Shape.of(batch, height, width, channels), DType.F32);
            String message = assertThrows(
                            ShapeException.class,
                            () -> Tensor.applyAll(new BatchNorm.PooledBackward(2, 2), List.of(x, c, c, c, c, dy)))
                    .getMessage();
            assertTrue(message.contains("expected dy"), message);
        }
    }
}
