package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jcuda.driver.JCudaDriver;
import org.jclap.autograd.Parameter;
import org.jclap.kernels.cuda.CudaException;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Prefetch;
import org.jclap.tensor.RepeatedWork;
import org.jclap.tensor.Replay;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Softmax;
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
final class CudaFaultTest extends OnEmulator {
    private static final int BATCH = 5;

    private SmallModel model;

    @BeforeEach
    void begin() {
        model = new SmallModel(cuda);
        step();
    }

    @AfterEach
    void end() {
        if (model != null) {
            model.close();
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

    /** The launch of a graph may be the first call that sees it. */
    @Test
    void aFaultThatAReplayRunsIntoEndsTheContext() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(3), DType.F32)) {
            Ops.exp(x).close();
            Replay replay = Objects.requireNonNull(cuda.capture(() -> List.of(Ops.exp(x))));
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            String message = message(assertThrows(CudaException.class, replay::run));
            assertTrue(message.startsWith("replay of a captured graph: cuGraphLaunch"), message);
            assertTrue(message(assertThrows(CudaException.class, replay::run)).startsWith("a fault before this"));
            assertTrue(message(assertThrows(CudaException.class, this::step)).contains(message));
            EmulatedDriver.recover();
            replay.close();
        }
    }

    /** It is no reason to go on without a graph. */
    @Test
    void aFaultBeforeACaptureEndsTheContext() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(3), DType.F32);
            EmulatedDriver.set(Knob.DEFERRED, 1);
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            Ops.exp(x);
            drainUnseen();
            String message = message(assertThrows(CudaException.class, () -> cuda.capture(() -> List.of(Ops.exp(x)))));
            assertTrue(message.startsWith("capture of a graph: cuStreamBeginCapture"), message);
            assertTrue(message.contains("context is lost"), message);
        }
    }

    /** cuBLAS can only say that its work has failed. */
    @Test
    void aLibraryThatStumblesOverAFaultDoesNotHideIt() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(3, 3), DType.F32);
            Tensor y = Tensor.empty(cuda, Shape.of(3, 3), DType.F32);
            EmulatedDriver.set(Knob.DEFERRED, 1);
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            Ops.exp(x);
            drainUnseen();
            CudaException error = assertThrows(
                    CudaException.class, () -> cuda.run(new MatMul(false, false), List.of(x, x), List.of(y)));
            assertTrue(
                    message(error).startsWith("MatMul") && message(error).contains("context is lost"),
                    error::getMessage);
        }
    }

    /** Lets the device run into the fault, as it does on its own, with no call of ours to see it. */
    private static void drainUnseen() {
        assertNotEquals(0, JCudaDriver.cuCtxSynchronize());
    }

    /** Modules take memory beside that of tensors; cached blocks make room for them. */
    @Test
    void aModuleForWhichThereIsNoMemoryGetsThatOfTheCache() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(4, 4), DType.F32);
            Tensor y = Tensor.empty(cuda, Shape.of(4, 4), DType.F32);
            Tensor.empty(cuda, Shape.of(1 << 20), DType.F32).close();
            long live = EmulatedDriver.get(Knob.LIVE_BYTES);
            EmulatedDriver.set(Knob.FAIL_ALLOCATION, 1);
            cuda.run(new Softmax.Forward(false), List.of(x), List.of(y));
            assertEquals(0.25f, y.toFloats()[15]);
            assertTrue(EmulatedDriver.get(Knob.LIVE_BYTES) <= live - (4 << 20), "the cache was given up");
        }
    }

    @Test
    void anErrorOfTheDriversCompilerSaysWhatItComplainsOf() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(4, 4), DType.F32)) {
            EmulatedDriver.set(Knob.REJECT_PTX, 1);
            String message = message(assertThrows(CudaException.class, () -> Ops.softmax(x)));
            assertTrue(
                    message.contains("cuModuleLoadData of normalisation (ptxas fatal : an injected complaint)"),
                    message);
        }
    }

    @Test
    void aBackendThatWasClosedSaysSo() {
        Backend closed = Emulator.open();
        Tensor x = Tensor.zeros(closed, Shape.of(3), DType.F32).persistent();
        Ops.exp(x).close();
        Replay replay = Objects.requireNonNull(closed.capture(() -> List.of(Ops.exp(x))));
        Prefetch sent = Prefetch.of(closed, Shape.of(2), DType.F32, new float[2]);
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> Ops.exp(x));
        assertThrows(IllegalStateException.class, x::toFloats);
        assertThrows(IllegalStateException.class, () -> Prefetch.of(closed, Shape.of(2), DType.F32, new float[2]));
        assertThrows(IllegalStateException.class, replay::run);
        assertThrows(IllegalStateException.class, sent::take);
        sent.close();
        replay.close();
        x.close();
    }

    @Test
    void aReplayThatWasClosedSaysSo() {
        try (Tensor x = Tensor.zeros(cuda, Shape.of(3), DType.F32)) {
            Ops.exp(x).close();
            Replay replay = Objects.requireNonNull(cuda.capture(() -> List.of(Ops.exp(x))));
            replay.close();
            assertThrows(IllegalStateException.class, replay::run);
        }
    }

    /** The page-locked memory stays until the thread that fills it has seen the end. */
    @Test
    void aBackendCanBeClosedWhileBatchesAreSent() throws Exception {
        float[] values = new float[3 << 20];
        Backend closing = Emulator.open();
        try (ExecutorService loader = Executors.newSingleThreadExecutor()) {
            CountDownLatch begun = new CountDownLatch(2);
            Future<?> sending = loader.submit(() -> {
                while (true) {
                    Prefetch.of(closing, Shape.of(values.length), DType.F32, values)
                            .close();
                    begun.countDown();
                }
            });
            begun.await();
            closing.close();
            assertInstanceOf(
                    IllegalStateException.class,
                    assertThrows(ExecutionException.class, sending::get).getCause());
        }
    }

    /** Opened, used, read and closed by a thread each: all of them make the context their own. */
    @Test
    void anyThreadMayUseTheDevice() throws Exception {
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            Backend device = threads.submit(() -> Emulator.open()).get();
            Tensor x = threads.submit(() -> Tensor.of(device, Shape.of(1), 2f).persistent())
                    .get();
            Tensor y = threads.submit(() -> Ops.square(Ops.neg(x)).persistent()).get();
            Replay replay = threads.submit(
                            () -> Objects.requireNonNull(device.capture(() -> List.of(Ops.neg(Ops.neg(x))))))
                    .get();
            threads.submit(replay::run).get();
            assertEquals(
                    2,
                    threads.submit(() -> replay.outputs().getFirst().toFloats()[0])
                            .get());
            assertEquals(4, threads.submit(() -> y.toFloats()[0]).get());
            threads.submit(replay::close).get();
            threads.submit(device::close).get();
            x.close();
            y.close();
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
