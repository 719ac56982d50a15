package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jclap.kernels.cuda.CudaException;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.LogMel;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory, copies and faults of the CUDA backend. */
final class CudaDeviceTest extends OnEmulator {
    /** From empty to several times what goes through page-locked memory at once. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1021, 1 << 20, (1 << 20) + 1, 3_500_001})
    void copiesComeBackAsTheyWere(int length) {
        EmulatedDriver.set(Knob.DEFERRED, 1);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i;
        }
        try (Tensor x = Tensor.of(cuda, Shape.of(length), values.clone())) {
            assertArrayEquals(values, x.toFloats());
        }
    }

    @Test
    void anUploadedArrayMayChangeAtOnce() {
        EmulatedDriver.set(Knob.DEFERRED, 1);
        float[] values = {1, 2, 3};
        try (Tensor x = Tensor.of(cuda, Shape.of(3), values)) {
            values[0] = 7;
            assertArrayEquals(new float[] {1, 2, 3}, x.toFloats());
        }
    }

    @Test
    void stepInSteadyStateAllocatesNothing() {
        step();
        long created = cuda.memory().createdBuffers();
        for (int i = 0; i < 5; i++) {
            step();
        }
        assertEquals(created, cuda.memory().createdBuffers());
        assertEquals(0, cuda.memory().liveBuffers());
    }

    /** Thousands of launches a step would otherwise keep the garbage collector busy. */
    @Test
    void launchesLeaveNoGarbage() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(32, 32), DType.F32);
            Tensor y = Tensor.zeros(cuda, Shape.of(32, 32), DType.F32);
            List<Op> unary = List.of(Unary.GELU, new Affine(2, 1), new Softmax.Forward(false));
            List<Tensor> inputs = List.of(x);
            List<Tensor> outputs = List.of(y);
            List<Tensor> both = List.of(x, y);
            Op accumulate = new Assign.Accumulate(1);
            Runnable work = () -> {
                for (int i = 0; i < unary.size(); i++) {
                    cuda.run(unary.get(i), inputs, outputs);
                }
                cuda.run(accumulate, both, List.of());
            };
            work.run();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            work.run();
            assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before);
        }
    }

    private void step() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(127, 33), DType.F32);
            Ops.sum(Ops.softmax(Ops.matmul(x, Ops.transpose(x)))).item();
        }
    }

    @Test
    void idsThatAreNotInTheTableAreReportedByTheNextDownload() {
        EmulatedDriver.set(Knob.DEFERRED, 1);
        try (Scope _ = Scope.open()) {
            Tensor table = Tensor.zeros(cuda, Shape.of(5, 3), DType.F32);
            for (int id : new int[] {5, -1}) {
                Tensor rows = Ops.gather(table, Tensor.of(cuda, Shape.of(3), 4, id, 99), -1);
                var error = assertThrows(IndexOutOfBoundsException.class, rows::toFloats);
                assertEquals(
                        "Gather.Forward: id %d at position 1, the table has 5 rows".formatted(id), error.getMessage());
            }
            Tensor.applyAll(
                    new Gather.Backward(5, -1),
                    List.of(Tensor.of(cuda, Shape.of(2), 4, 7), Tensor.zeros(cuda, Shape.of(2, 3), DType.F32)));
            var error = assertThrows(IndexOutOfBoundsException.class, table::toFloats);
            assertEquals("Gather.Backward: id 7 at position 1, the table has 5 rows", error.getMessage());
            assertEquals(0, table.toFloats()[0], "reported once");
        }
    }

    /** Words that faults are told apart by are few; the last of them is for all others. */
    @Test
    void aFaultOfOneKindTooManyIsStillReported() {
        try (Scope _ = Scope.open()) {
            Tensor ids = Tensor.of(cuda, Shape.of(1), 2000);
            Tensor tables = Tensor.zeros(cuda, Shape.of(1100, 1), DType.F32);
            Tensor none = Tensor.of(cuda, Shape.of(1), 0);
            for (int rows = 1; rows < 1100; rows++) {
                Ops.gather(Ops.slice(tables, 0, 0, rows), none, -1);
            }
            Tensor y = Ops.gather(tables, ids, -1);
            var error = assertThrows(IndexOutOfBoundsException.class, y::toFloats);
            assertEquals(
                    "an op was given 2000 at position 0, which is beyond its table; --cuda-sync names it",
                    error.getMessage());
        }
    }

    /** Behind the spectrum's 9 bins, before it, and more bins than weights. */
    @ParameterizedTest
    @CsvSource({"8, 2", "-1, 1", "0, 3"})
    void bandsBeyondTheSpectrumAreReported(int first, int count) {
        try (Scope _ = Scope.open()) {
            Tensor waves = Tensor.zeros(cuda, Shape.of(1, 100), DType.F32);
            Tensor window = Tensor.zeros(cuda, Shape.of(16), DType.F32);
            Tensor weights = Tensor.zeros(cuda, Shape.of(2, 2), DType.F32);
            Tensor bands = Tensor.of(cuda, Shape.of(2, 2), 7, 2, first, count);
            List<Tensor> outputs = Tensor.applyAll(new LogMel(8), List.of(waves, window, weights, bands));
            var error = assertThrows(
                    IndexOutOfBoundsException.class, () -> outputs.getFirst().toFloats());
            assertTrue(String.valueOf(error.getMessage()).contains("from bin " + first), error::getMessage);
        }
    }

    @Test
    void anAllocationThatFailsIsTriedAgainWithoutTheCache() {
        long before = EmulatedDriver.get(Knob.LIVE_BUFFERS);
        Tensor.empty(cuda, Shape.of(1000), DType.F32).close();
        EmulatedDriver.set(Knob.FAIL_ALLOCATION, 1);
        try (Tensor x = Tensor.zeros(cuda, Shape.of(2000), DType.F32)) {
            assertEquals(0, x.toFloats()[1999]);
        }
        assertEquals(
                1, EmulatedDriver.get(Knob.LIVE_BUFFERS) - before, "the cache was freed, what came after is cached");
    }

    @Test
    void outOfMemorySaysWhatIsHeldAndGoesOn() {
        EmulatedDriver.set(Knob.MEMORY_LIMIT, 66 << 20);
        try (Scope _ = Scope.open()) {
            Tensor held = Tensor.zeros(cuda, Shape.of(8 << 20), DType.F32);
            var error = assertThrows(UserException.class, () -> Tensor.empty(cuda, Shape.of(12 << 20), DType.F32));
            String message = String.valueOf(error.getMessage());
            assertTrue(message.contains("asked for 48.0 MiB"), message);
            assertTrue(message.contains("hold 32.0 MiB in 1 buffers (largest: 1 x 32.0 MiB)"), message);
            assertTrue(message.contains("smaller batch"), message);
            assertEquals(0, held.toFloats()[1]);
        }
    }

    @Test
    void tensorsTakeNoMoreThanTheLimit() {
        System.setProperty("jclap.cuda.memory", "16777216");
        try (Backend limited = Emulator.open();
                Scope _ = Scope.open()) {
            Tensor.empty(limited, Shape.of(2 << 20), DType.F32).close();
            Tensor held = Tensor.zeros(limited, Shape.of(3 << 20), DType.F32);
            var error = assertThrows(UserException.class, () -> Tensor.empty(limited, Shape.of(2 << 20), DType.F32));
            assertTrue(String.valueOf(error.getMessage()).contains("limited to 16.0 MiB"), error::getMessage);
            held.close();
            Tensor.empty(limited, Shape.of(4 << 20), DType.F32);
        } finally {
            System.clearProperty("jclap.cuda.memory");
        }
    }

    @Test
    void f64IsMovedButNotComputed() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(cuda, Shape.of(2, 3), 0.1, 1, 2, 3, 4, 5);
            Tensor single = Tensor.zeros(cuda, Shape.of(3), DType.F32);
            assertArrayEquals(
                    new double[] {0.1, 3, 1, 4, 2, 5}, Ops.transpose(x).toDoubles());
            var error = assertThrows(UserException.class, () -> Ops.exp(x));
            var cast = assertThrows(UserException.class, () -> Ops.cast(single, DType.F64));
            assertTrue(String.valueOf(error.getMessage()).startsWith("Unary.EXP in F64"), error::getMessage);
            assertTrue(String.valueOf(cast.getMessage()).contains("convert to F32"), cast::getMessage);
        }
    }

    @Test
    void aFaultOfTheDeviceNamesKernelOpAndShapes() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(5, 7), DType.F32);
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            var error = assertThrows(CudaException.class, () -> Ops.exp(x));
            String message = String.valueOf(error.getMessage());
            assertTrue(message.startsWith("Unary.EXP"), message);
            assertTrue(message.contains("F32 (5, 7)"), message);
            assertTrue(message.contains("launch of exp_f32"), message);
            assertTrue(message.contains("--cuda-sync"), message);
        }
    }

    @Test
    void aFaultThatComesToLightLaterSaysHowToFindItsCause() {
        EmulatedDriver.set(Knob.DEFERRED, 1);
        try (Scope _ = Scope.open()) {
            Tensor y = Ops.exp(Tensor.zeros(cuda, Shape.of(5, 7), DType.F32));
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            var error = assertThrows(CudaException.class, y::toFloats);
            String message = String.valueOf(error.getMessage());
            assertTrue(message.startsWith("download of 35 x F32") && message.contains("--cuda-sync"), message);
        }
    }

    @Test
    void synchronousOpsNameTheirOwnFaults() {
        System.setProperty("jclap.cuda.sync", "true");
        try (Backend synchronous = Emulator.open();
                Scope _ = Scope.open()) {
            EmulatedDriver.set(Knob.DEFERRED, 1);
            Tensor x = Tensor.zeros(synchronous, Shape.of(5, 7), DType.F32);
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            var error = assertThrows(CudaException.class, () -> Ops.exp(x));
            String message = String.valueOf(error.getMessage());
            assertTrue(message.startsWith("Unary.EXP") && message.contains("exp_f32"), message);
            assertFalse(message.contains("--cuda-sync"), message);
            EmulatedDriver.recover();
        } finally {
            System.clearProperty("jclap.cuda.sync");
        }
    }

    @Test
    void synchronousOpsReportTheirOwnBadInputs() {
        System.setProperty("jclap.cuda.sync", "true");
        try (Backend synchronous = Emulator.open();
                Scope _ = Scope.open()) {
            Tensor table = Tensor.zeros(synchronous, Shape.of(5, 3), DType.F32);
            Tensor ids = Tensor.of(synchronous, Shape.of(1), 5);
            assertThrows(IndexOutOfBoundsException.class, () -> Ops.gather(table, ids, -1));
        } finally {
            System.clearProperty("jclap.cuda.sync");
        }
    }

    @Test
    void afterAFaultTheProcessGoesOnWithANewBackend() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(cuda, Shape.of(3), DType.F32);
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 1);
            assertThrows(CudaException.class, () -> Ops.exp(x));
            assertThrows(CudaException.class, x::toFloats);
        }
        EmulatedDriver.recover();
        try (Backend second = Emulator.open();
                Tensor y = Tensor.of(second, Shape.of(2), 0f, 1f);
                Tensor z = Ops.square(y)) {
            assertArrayEquals(new float[] {0, 1}, z.toFloats());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {75, 80, 90})
    void everyFamilyHasPtxForThisArchitecture(int compute) {
        EmulatedDriver.set(Knob.COMPUTE, compute);
        try (Backend device = Emulator.open();
                Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(device, Shape.of(3, 5), DType.F32);
            Tensor product = Ops.matmul(x, Ops.transpose(x));
            assertEquals(3, Ops.sum(Ops.softmax(Ops.square(product))).item(), 1e-6);
        }
    }
}
