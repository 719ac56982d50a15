package org.jclap.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.random.Philox;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static final int CHANNELS = 4;

    private final Backend backend = new ReferenceBackend();

    private Tensor random(int stream, int... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[shape.size()];
        int[] scratch = new int[4];
        for (int i = 0; i < values.length; i++) {
            values[i] = 2 * Philox.uniform(Philox.word(7, 0, stream, i, scratch)) - 1;
        }
        return Tensor.of(backend, shape, values);
    }

    /** What one training step leaves behind, bit for bit, and the memory it took. */
    private record Outcome(Map<String, float[]> numbers, long peak) {
        void equalsBitForBit(Outcome other) {
            assertEquals(numbers.keySet(), other.numbers.keySet());
            numbers.forEach((name, expected) -> assertArrayEquals(expected, other.numbers.get(name), name));
        }
    }

    /** How a block is run. */
    private interface Runner {
        Tensor run(Supplier<Tensor> block);
    }

    /** Blocks of convolution, batch norm, dropout and a residual, with running statistics and a shared scale. */
    private Outcome step(int blocks, Runner runner) {
        Map<String, float[]> numbers = new LinkedHashMap<>();
        long peak;
        try (Scope _ = Scope.open()) {
            List<Parameter> parameters = new ArrayList<>();
            List<Tensor> statistics = new ArrayList<>();
            Parameter shared = new Parameter("shared", random(50, CHANNELS));
            parameters.add(shared);
            for (int i = 0; i < blocks; i++) {
                parameters.add(new Parameter("w" + i, random(3 * i, CHANNELS, CHANNELS, 3, 3)));
                parameters.add(new Parameter("scale" + i, random(3 * i + 1, CHANNELS)));
                parameters.add(new Parameter("shift" + i, random(3 * i + 2, CHANNELS)));
                statistics.add(Tensor.zeros(backend, Shape.of(CHANNELS), DType.F32));
                statistics.add(Ops.fill(Tensor.empty(backend, Shape.of(CHANNELS), DType.F32), 1));
            }
            Tensor state = Tensor.of(backend, Shape.of(2), 11L, 3L);
            GradTape tape = new GradTape();
            tape.watch(parameters);
            Tensor image = tape.watch(random(99, 2, 6, 5, CHANNELS));
            backend.resetPeak();
            Tensor loss = tape.record(() -> {
                Tensor x = image;
                for (int i = 0; i < blocks; i++) {
                    Tensor input = x;
                    int block = i;
                    x = runner.run(() -> block(input, block, parameters, statistics, state));
                    x = Ops.mul(x, shared.value());
                }
                return Ops.mean(Ops.square(x));
            });
            tape.backward(loss);
            peak = backend.memory().peakBytes();
            numbers.put("loss", loss.toFloats());
            numbers.put("image", notNull(tape.gradient(image)).toFloats());
            parameters.forEach(p -> numbers.put(p.name(), notNull(p.grad()).toFloats()));
            for (int i = 0; i < statistics.size(); i++) {
                numbers.put("statistics" + i, statistics.get(i).toFloats());
            }
            parameters.forEach(Parameter::close);
        }
        assertEquals(0, backend.memory().liveBuffers());
        return new Outcome(numbers, peak);
    }

    private static Tensor block(
            Tensor x, int block, List<Parameter> parameters, List<Tensor> statistics, Tensor state) {
        Tensor shared = parameters.getFirst().value();
        List<Tensor> own = parameters.subList(1 + 3 * block, 4 + 3 * block).stream()
                .map(Parameter::value)
                .toList();
        Tensor y = Ops.conv2d(Ops.mul(x, shared), own.getFirst(), 1, 1);
        Tensor normal = Tensor.applyAll(
                        new BatchNorm.Training(1e-5, 0.1, true),
                        List.of(y, own.get(1), own.get(2), statistics.get(2 * block), statistics.get(2 * block + 1)))
                .getFirst();
        return Ops.add(Ops.mul(Ops.dropout(normal, 0.25f, block, state), shared), x);
    }

    private static Tensor notNull(Tensor tensor) {
        assertNotNull(tensor);
        return tensor;
    }

    @Test
    void givesTheSameBitsAndTouchesRunningStatisticsOnce() {
        Outcome plain = step(3, Supplier::get);
        plain.equalsBitForBit(step(3, Checkpoint::run));
        assertTrue(plain.numbers().get("statistics0")[0] != 0);
    }

    @Test
    void nestedSegmentsGiveTheSameBits() {
        step(3, Supplier::get)
                .equalsBitForBit(step(
                        3, block -> Checkpoint.run(() -> Ops.neg(Checkpoint.run(() -> Ops.neg(block.get()))))));
    }

    @Test
    void takesLessMemory() {
        long plain = step(8, Supplier::get).peak();
        long checkpointed = step(8, Checkpoint::run).peak();
        assertTrue(checkpointed < plain * 0.7, "peak %d with, %d without".formatted(checkpointed, plain));
    }

    @Test
    void withoutATapeItJustRuns() {
        try (Scope _ = Scope.open()) {
            Tensor x = random(1, 3);
            assertArrayEquals(
                    Ops.square(x).toFloats(),
                    Checkpoint.run(() -> Ops.square(x)).toFloats());
            GradTape tape = new GradTape();
            Tensor y = tape.record(() -> Checkpoint.run(() -> Ops.square(x)));
            assertFalse(tape.isTracked(y));
        }
    }

    @Test
    void refusesASegmentThatComputesNothing() {
        try (Scope _ = Scope.open()) {
            GradTape tape = new GradTape();
            Tensor x = tape.watch(random(1, 3));
            String message = assertThrows(
                            IllegalArgumentException.class, () -> tape.record(() -> Checkpoint.run(() -> x)))
                    .getMessage();
            assertTrue(message.contains("did not compute"), message);
        }
    }
}
