package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jclap.tensor.Ops;
import org.jclap.tensor.RepeatedWork;
import org.jclap.tensor.Replay;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work that is captured as a CUDA graph does what the same work does op by op, and a capture that fails leaves nothing. */
final class CudaGraphTest extends OnEmulator {
    private static final int BATCH = 5;

    /** Losses, then all parameters, after steps with these batch sizes. */
    private List<float[]> train(SmallModel model, Function<List<Tensor>, List<Tensor>> step, int... batches) {
        List<float[]> results = new ArrayList<>();
        for (int i = 0; i < batches.length; i++) {
            try (Scope _ = Scope.open()) {
                results.add(step.apply(SmallModel.inputs(cuda, i + 1, batches[i]))
                        .getFirst()
                        .toFloats());
            }
        }
        model.parameters().forEach(parameter -> results.add(parameter.value().toFloats()));
        return results;
    }

    private static void assertSame(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "result " + i);
        }
    }

    private List<float[]> eager(int... batches) {
        try (SmallModel model = new SmallModel(cuda)) {
            return train(model, model::step, batches);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void replayedStepsAreEagerStepsBitForBit(int deferred) {
        EmulatedDriver.set(Knob.DEFERRED, deferred);
        int[] batches = {BATCH, BATCH, BATCH, BATCH, BATCH, BATCH, BATCH};
        List<float[]> expected = eager(batches);
        assertNotEquals(expected.get(1)[0], expected.get(2)[0], "another batch, another mask");
        try (SmallModel model = new SmallModel(cuda);
                RepeatedWork work = new RepeatedWork(cuda, 4, model::step)) {
            long before = launches().kernels();
            assertSame(expected, train(model, work::apply, batches));
            assertEquals(6, launches().graphs());
            long ofEager = launches().kernels() - before;
            try (Scope _ = Scope.open()) {
                work.apply(SmallModel.inputs(cuda, 8, BATCH));
            }
            assertTrue(launches().kernels() - before - ofEager < 2, "a replay launches the graph alone");
        }
    }

    @Test
    void everyShapeHasItsGraphAndTheOldestGoes() {
        int[] batches = {4, 4, 5, 5, 4, 6, 6, 5, 7, 7, 4, 4};
        List<float[]> expected = eager(batches);
        try (SmallModel model = new SmallModel(cuda);
                RepeatedWork work = new RepeatedWork(cuda, 2, model::step)) {
            assertSame(expected, train(model, work::apply, batches));
            assertEquals(2, EmulatedDriver.get(Knob.GRAPHS));
        }
    }

    @Test
    void whatRunsBetweenReplaysDoesNotTouchTheGraphsMemory() {
        int[] batches = {BATCH, BATCH, BATCH, BATCH};
        List<float[]> expected = eager(batches);
        try (SmallModel model = new SmallModel(cuda);
                RepeatedWork work = new RepeatedWork(cuda, 2, model::step)) {
            assertSame(
                    expected,
                    train(
                            model,
                            inputs -> {
                                List<Tensor> outputs = work.apply(inputs);
                                scribble();
                                return outputs;
                            },
                            batches));
        }
    }

    /** Overwrites everything that is free, in the sizes of the model. */
    private void scribble() {
        try (Scope _ = Scope.open()) {
            for (int i = 0; i < 30; i++) {
                for (int size : new int[] {1, 3, 5, 15, 120, 240, 264, 1152}) {
                    Ops.fill(Tensor.empty(cuda, Shape.of(size), DType.F32), 1e9);
                }
            }
        }
    }

    @Test
    void statisticsCountWhatAGraphReservesUntilItIsClosed() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(1024), DType.F32)) {
            Ops.exp(Ops.exp(x)).close();
            long before = cuda.memory().liveBytes();
            Replay replay = cuda.capture(() -> {
                try (Tensor y = Ops.exp(x)) {
                    return List.of(Ops.exp(y));
                }
            });
            assertNotNull(replay);
            assertEquals(before + 2 * 4096, cuda.memory().liveBytes(), "the result, and what came in between");
            replay.run();
            assertEquals(Math.E, replay.outputs().getFirst().toFloats()[1023], 1e-6);
            replay.close();
            replay.close();
            assertEquals(before, cuda.memory().liveBytes());
        }
    }

    @Test
    void badIdsInAReplayAreReported() {
        try (Tensor table = Tensor.zeros(cuda, Shape.of(5, 3), DType.F32);
                RepeatedWork work = new RepeatedWork(cuda, 1, in -> List.of(Ops.gather(table, in.getFirst(), -1)))) {
            for (int step = 0; step < 4; step++) {
                try (Scope _ = Scope.open()) {
                    int id = step == 3 ? 6 : 2;
                    Tensor rows = work.apply(List.of(Tensor.of(cuda, Shape.of(2), 1, id)))
                            .getFirst();
                    if (step == 3) {
                        assertThrows(IndexOutOfBoundsException.class, rows::toFloats);
                    } else {
                        assertEquals(6, rows.toFloats().length);
                    }
                }
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Test
    void aResultThatIsReadInsideIsNotCapturedAndTheWorkGoesOn() {
        refused(x -> Ops.scale(x, x.toFloats()[0]));
        assertEquals(0, cuda.memory().liveBuffers());
    }

    @Test
    void anUploadInsideIsNotCaptured() {
        refused(x -> Ops.mul(x, Tensor.of(cuda, Shape.of(1), 2f)));
        assertEquals(0, cuda.memory().liveBuffers());
    }

    /** The loading of a module is a call that the driver does not allow; the next capture finds it loaded. */
    @Test
    void aCallThatTheDriverRefusesEndsTheCapture() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(4, 4), DType.F32)) {
            assertNull(cuda.capture(() -> List.of(Ops.softmax(x))));
            assertEquals(0.25f, toFloats(Ops.softmax(x))[3]);
            Replay replay = cuda.capture(() -> List.of(Ops.softmax(x)));
            assertNotNull(replay);
            replay.close();
        }
    }

    @Test
    void aCaptureThatTheDriverInvalidatesFallsBack() {
        try (Tensor x = Tensor.of(cuda, Shape.of(2), 0f, 1f)) {
            Ops.exp(x).close();
            EmulatedDriver.set(Knob.FAIL_CAPTURE, 2);
            assertNull(cuda.capture(() -> List.of(Ops.exp(Ops.exp(x)))));
            assertEquals(1, toFloats(Ops.exp(x))[0]);
            EmulatedDriver.set(Knob.FAIL_ALLOCATION, 1);
            assertNull(cuda.capture(() -> List.of(Ops.exp(x))), "no memory for the graph");
            Replay replay = cuda.capture(() -> List.of(Ops.exp(x)));
            assertNotNull(replay);
            replay.close();
        }
    }

    private void refused(Function<Tensor, Tensor> work) {
        try (RepeatedWork repeated = new RepeatedWork(cuda, 2, in -> List.of(work.apply(in.getFirst())))) {
            for (int step = 0; step < 3; step++) {
                try (Scope _ = Scope.open()) {
                    Tensor y = repeated.apply(List.of(Tensor.of(cuda, Shape.of(2), 2f, 3f)))
                            .getFirst();
                    assertArrayEquals(new float[] {4, 6}, y.toFloats());
                }
            }
            assertEquals(0, launches().graphs());
        }
    }

    @Test
    void anErrorOfTheWorkItselfIsThrownAndTheCaptureEnded() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(3), DType.F32)) {
            Ops.exp(x).close();
            assertThrows(
                    ArithmeticException.class,
                    () -> cuda.capture(() -> {
                        Ops.exp(x);
                        throw new ArithmeticException("of the work");
                    }));
            assertEquals(1, toFloats(Ops.exp(x))[2]);
        }
    }

    /** Without memory for a block the cache is freed between two attempts; when that is not enough, there is no graph. */
    @Test
    void memoryThatACaptureLacksIsTakenFromTheCache() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(1 << 20), DType.F32)) {
            Ops.exp(x).close();
            Replay replay = cuda.capture(() -> List.of(Ops.exp(Ops.exp(Ops.exp(x)))));
            assertNotNull(replay, "two more blocks than an op needs");
            replay.run();
            assertEquals(Math.exp(Math.E), replay.outputs().getFirst().toFloats()[5], 1e-4);
            replay.close();

            Tensor.empty(cuda, Shape.of(5 << 20), DType.F32).close();
            EmulatedDriver.set(Knob.MEMORY_LIMIT, EmulatedDriver.get(Knob.LIVE_BYTES));
            Replay second = cuda.capture(() -> List.of(Ops.exp(x), Ops.exp(x), Ops.exp(x), Ops.exp(x), Ops.exp(x)));
            assertNotNull(second);
            second.run();
            assertEquals(1, second.outputs().get(4).toFloats()[7]);
            var exhausted = assertThrows(
                    UserException.class, () -> Tensor.empty(cuda, Shape.of(6 << 20), DType.F32), "graphs hold it");
            assertTrue(String.valueOf(exhausted.getMessage()).contains("captured graphs hold"), exhausted::getMessage);
            second.close();

            EmulatedDriver.set(Knob.MEMORY_LIMIT, EmulatedDriver.get(Knob.LIVE_BYTES));
            assertNull(cuda.capture(() -> {
                List<Tensor> all = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    all.add(Ops.exp(x));
                }
                return all;
            }));
            assertEquals(1, cuda.memory().liveBuffers());
            assertEquals(1, toFloats(Ops.exp(x))[5]);
        }
    }

    /** A shape for which there is no graph runs op by op, with the memory of those that there are. */
    @Test
    void workThatNeedsTheMemoryOfGraphsGetsIt() {
        try (RepeatedWork work = new RepeatedWork(cuda, 4, in -> List.of(Ops.exp(Ops.exp(in.getFirst()))))) {
            long others = EmulatedDriver.get(Knob.LIVE_BYTES);
            for (int size : new int[] {1 << 20, 1 << 20, 3 << 19, 1 << 20}) {
                try (Scope _ = Scope.open()) {
                    Tensor y = work.apply(List.of(Tensor.zeros(cuda, Shape.of(size), DType.F32)))
                            .getFirst();
                    assertEquals(Math.E, y.toFloats()[size - 1], 1e-6);
                }
                EmulatedDriver.set(Knob.MEMORY_LIMIT, others + (21 << 20));
            }
        }
    }

    private static float[] toFloats(Tensor x) {
        try (x) {
            return x.toFloats();
        }
    }
}
