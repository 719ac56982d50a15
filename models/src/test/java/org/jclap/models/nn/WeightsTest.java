package org.jclap.models.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.random.Philox;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WeightsTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void viewsNameWhatTheyCreateAndListWhatIsBelowThem() {
        try (Weights weights = new Weights(backend, 1)) {
            weights.at("tower").at("layer1").parameter("weight", Shape.of(2, 3), Init.ones());
            weights.at("tower").at("layer10").parameter("weight", Shape.of(4), Init.zeros());
            weights.at("tower").buffer("running", Shape.of(5), DType.F32, 0.5);
            weights.parameter("scale", Shape.of(), Init.ones());

            assertEquals(
                    List.of("tower.layer1.weight", "tower.layer10.weight", "tower.running", "scale"),
                    List.copyOf(weights.state().keySet()));
            assertEquals(
                    List.of("tower.layer1.weight"), names(weights.at("tower").at("layer1")));
            assertEquals(List.of("tower.layer1.weight", "tower.layer10.weight"), names(weights.at("tower")));
            assertEquals(11, weights.parameterCount());
            assertEquals(0.5, weights.state().get("tower.running").toFloats()[4]);
        }
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        try (Weights weights = new Weights(backend, 1)) {
            weights.at("a").parameter("b", Shape.of(1), Init.ones());
            Weights same = weights.at("a");
            assertThrows(IllegalArgumentException.class, () -> same.parameter("b", Shape.of(1), Init.ones()));
        }
    }

    @Test
    void closedWeightsHoldNoMemory() {
        Weights weights = new Weights(backend, 1);
        Parameter parameter = weights.parameter("w", Shape.of(100), Init.ones());
        weights.buffer("b", Shape.of(100), DType.I64, 0);
        parameter.accumulate(Tensor.zeros(backend, Shape.of(100), DType.F32));
        assertEquals(3, backend.memory().liveBuffers());
        weights.close();
        assertEquals(0, backend.memory().liveBuffers());
    }

    @Test
    void normalsAreTheSameOnEveryMachine() {
        int size = 1 << 20;
        long key = 5 ^ 0xAF63DC4C8601EC8CL; // FNV-1a of "a"
        float[] expected = new float[size];
        int[] words = new int[4];
        int[] more = new int[4];
        for (int i = 0; i < size; i++) {
            Philox.block(i / 4, 0, 0, 0, key, words);
            Philox.block(i / 4, 1, 0, 0, key, more);
            double radius = Math.sqrt(-2 * StrictMath.log(1 - Philox.uniform(words[i % 4])));
            double angle = 2 * Math.PI * Philox.uniform(more[i % 4]);
            expected[i] = (float) (0.02 * (radius * StrictMath.cos(angle)));
        }
        assertArrayEquals(expected, new Init.Normal(0.02).values(size, "a", 5));
    }

    @Test
    void blankWeightsAreZero() {
        try (Weights weights = Weights.blank(backend)) {
            Parameter parameter = weights.parameter("w", Shape.of(3), Init.ones());
            Tensor buffer = weights.buffer("b", Shape.of(2), DType.F32, 0.5);
            assertArrayEquals(new float[3], parameter.value().toFloats());
            assertArrayEquals(new float[] {0.5f, 0.5f}, buffer.toFloats());
        }
    }

    @Test
    void constantWeightsAreNotTrained() {
        try (Weights weights = new Weights(backend, 1)) {
            Parameter parameter = weights.at("a").parameter("w", Shape.of(3), Init.ones());
            Tensor buffer = weights.at("b").buffer("mean", Shape.of(2), DType.F32, 0.5);
            weights.at("a").makeConstant();
            for (Tensor tensor : List.of(parameter.value(), buffer)) {
                assertThrows(IllegalStateException.class, () -> Ops.fill(tensor, 2));
            }
            assertArrayEquals(new float[] {1, 1, 1}, parameter.value().toFloats());
        }
    }

    @Test
    void aParameterStartsFromItsNameAndTheSeedAlone() {
        Init.Normal init = new Init.Normal(0.02);
        try (Weights one = new Weights(backend, 7);
                Weights other = new Weights(backend, 7);
                Weights reseeded = new Weights(backend, 8)) {
            other.parameter("first", Shape.of(9), init);
            float[] x = one.at("a").parameter("w", Shape.of(1000), init).value().toFloats();
            assertArrayEquals(
                    x,
                    other.at("a").parameter("w", Shape.of(1000), init).value().toFloats());
            assertFalse(Arrays.equals(
                    x, one.at("b").parameter("w", Shape.of(1000), init).value().toFloats()));
            assertFalse(Arrays.equals(
                    x,
                    reseeded.at("a")
                            .parameter("w", Shape.of(1000), init)
                            .value()
                            .toFloats()));
        }
    }

    @Test
    void startsHaveTheirDistributions() {
        int count = 200_000;
        float[] normal = new Init.Normal(0.02).values(count, "n", 1);
        assertEquals(0, mean(normal), 4 * 0.02 / Math.sqrt(count));
        assertEquals(0.02, deviation(normal), 0.02 * 4 / Math.sqrt(2.0 * count));
        float[] uniform = new Init.Uniform(0.5).values(count, "u", 1);
        assertEquals(0, mean(uniform), 4 * 0.29 / Math.sqrt(count));
        assertEquals(0.5 / Math.sqrt(3), deviation(uniform), 0.003);
        for (float value : uniform) {
            assertTrue(Math.abs(value) <= 0.5);
        }
        // Glorot: sqrt(6 / ((in + out) 9)) for 3x3; PyTorch's linear: 1 / sqrt(in).
        assertEquals(new Init.Uniform(Math.sqrt(6.0 / (24 * 9))), Init.xavier(Shape.of(16, 8, 3, 3)));
        assertEquals(new Init.Uniform(0.25), Init.fanIn(Shape.of(5, 16)));
    }

    @Test
    void dropoutsOfAModelUseDifferentStreams() {
        try (Weights weights = new Weights(backend, 1)) {
            int first = weights.nextStream();
            int second = weights.at("layer").nextStream();
            assertFalse(first == second);
            Tensor ones = Tensor.zeros(backend, Shape.of(256), DType.F32);
            Ops.fill(ones, 1);
            Pass pass = Pass.training(Tensor.of(backend, Shape.of(2), 3L, 4L));
            float[] a = pass.dropout(ones, 0.5, first).toFloats();
            assertArrayEquals(a, pass.dropout(ones, 0.5, first).toFloats());
            assertFalse(Arrays.equals(a, pass.dropout(ones, 0.5, second).toFloats()));
            Pass next = Pass.training(Tensor.of(backend, Shape.of(2), 3L, 5L));
            assertFalse(Arrays.equals(a, next.dropout(ones, 0.5, first).toFloats()));
        }
    }

    @Test
    void nothingIsDroppedWithoutARandomState() {
        Tensor x = Tensor.of(backend, Shape.of(3), 1f, 2f, 3f);
        assertTrue(Pass.evaluation().dropout(x, 0.5, 0) == x);
        assertTrue(Pass.trainingWithoutDropout().dropout(x, 0.5, 0) == x);
        assertThrows(NullPointerException.class, () -> Pass.evaluation().randomState());
    }

    private static List<String> names(Weights weights) {
        return weights.parameters().stream().map(Parameter::name).toList();
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double deviation(float[] values) {
        double mean = mean(values);
        double sum = 0;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length);
    }
}
