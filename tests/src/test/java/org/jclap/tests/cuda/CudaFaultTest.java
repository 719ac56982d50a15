package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.kernels.cuda.CudaException;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Prefetch;
import org.jclap.tensor.RepeatedWork;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails in the middle of a step, nothing leaks, and the process goes on or says that it cannot. */
final class CudaFaultTest {
    private static final int BATCH = 5;

    private Backend cuda;
    private SmallModel model;

    @BeforeEach
    void open() {
        cuda = Emulator.open();
        model = new SmallModel(cuda);
        step();
    }

    @AfterEach
    void close() {
        if (cuda != null) {
            model.close();
            Emulator.closeWithoutLeaks(cuda);
        }
    }

    private double step() {
        try (Scope _ = Scope.open()) {
            return model.step(SmallModel.inputs(cuda, 1, BATCH)).getFirst().item();
        }
    }

    /** Each launch and each copy of a step in turn is refused: the step fails, the next one does not. */
    @ParameterizedTest
    @EnumSource(names = {"REJECT_LAUNCH", "FAIL_COPY"})
    void aStepThatIsRefusedLeavesNothingAndTheNextOneRuns(Knob failure) {
        long live = cuda.memory().liveBuffers();
        int failures = 0;
        boolean done = false;
        while (!done) {
            EmulatedDriver.set(failure, failures + 1L);
            try {
                step();
                done = true;
            } catch (CudaException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("injected"), e::getMessage);
                assertFalse(String.valueOf(e.getMessage()).contains("context is lost"), e::getMessage);
                failures++;
            }
            model.parameters().forEach(Parameter::zeroGrad);
            assertEquals(live, cuda.memory().liveBuffers(), "after failure " + failures);
        }
        EmulatedDriver.set(failure, 0);
        assertTrue(failures >= 4, "only %d could fail".formatted(failures));
        assertTrue(Double.isFinite(step()));
    }

    /** Found without the cache, so the step does not notice. */
    @Test
    void anAllocationThatFailsOnceIsNotNoticed() {
        for (int n = 1; n < 5; n++) {
            try (Scope _ = Scope.open()) {
                EmulatedDriver.set(Knob.FAIL_ALLOCATION, n);
                for (int size = 1; size < 6; size++) {
                    Tensor.zeros(cuda, Shape.of(10_000 * n + 1000 * size), DType.F32);
                }
                assertTrue(Double.isFinite(step()));
            }
        }
    }

    /** A kernel in the middle of a step ends the context: as it happens, or seen when somebody waits. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFaultInAStepSaysThatTheContextIsLostAndWhatToDo(int deferred) {
        EmulatedDriver.set(Knob.DEFERRED, deferred);
        EmulatedDriver.set(Knob.FAIL_LAUNCH, 7);
        String first = message(assertThrows(CudaException.class, this::step));
        assertTrue(first.contains("context is lost") && first.contains("--resume"), first);
        assertTrue(first.contains("--cuda-sync"), first);
        String second = message(assertThrows(CudaException.class, this::step));
        assertTrue(second.startsWith("a fault before this has ended CUDA: ") && second.contains(first), second);
        assertEquals(
                second, message(assertThrows(CudaException.class, () -> Tensor.empty(cuda, Shape.of(1), DType.F32))));
    }

    @Test
    void aFaultInAReplaySaysThatTheContextIsLost() {
        try (RepeatedWork work = new RepeatedWork(cuda, 1, model::step);
                Scope _ = Scope.open()) {
            List<Tensor> inputs = SmallModel.inputs(cuda, 1, BATCH);
            for (int i = 0; i < 3; i++) {
                work.apply(inputs);
            }
            EmulatedDriver.set(Knob.DEFERRED, 1);
            List<Tensor> outputs = work.apply(inputs);
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 7);
            String message = message(
                    assertThrows(CudaException.class, () -> outputs.getFirst().item()));
            assertTrue(message.contains("context is lost"), message);
            EmulatedDriver.recover();
        }
    }

    @Test
    void aTransferThatFailsLeavesNothing() {
        for (int n = 1; n < 4; n++) {
            EmulatedDriver.set(Knob.FAIL_COPY, n);
            float[] values = new float[(2 << 20) + 1];
            var error = assertThrows(
                    CudaException.class, () -> Prefetch.of(cuda, Shape.of(values.length), DType.F32, values));
            assertTrue(message(error).startsWith("transfer of 2097153 x F32"), error::getMessage);
        }
        try (Prefetch sent = Prefetch.of(cuda, Shape.of(2), DType.F32, new float[] {1, 2});
                Tensor x = sent.take();
                Tensor y = Ops.neg(x)) {
            assertEquals(-2, y.toFloats()[1]);
        }
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
