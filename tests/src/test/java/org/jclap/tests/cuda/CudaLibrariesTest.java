package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.clap.cli.EngineOptions;
import org.jclap.kernels.cuda.CudaException;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** When cuBLAS and cuDNN compute, what they are asked for, and what follows when they fail. */
final class CudaLibrariesTest {
    private static final long SEED = 5;

    /** Whatever has happened, nothing is left. */
    @AfterEach
    void nothingIsLeft() {
        if (!EmulatedDriver.isAvailable()) {
            return;
        }
        EmulatedDriver.recover();
        EmulatedDriver.set(Knob.FAIL_LIBRARY, 0);
        for (Knob counter : new Knob[] {
            Knob.LIBRARY_OBJECTS, Knob.LIVE_BUFFERS, Knob.PINNED_BUFFERS, Knob.STREAMS, Knob.EVENTS, Knob.CONTEXTS
        }) {
            assertEquals(0, EmulatedDriver.get(counter), counter::name);
        }
    }

    private static Backend open(String... options) {
        for (String option : options) {
            System.setProperty("jclap.cuda." + option, "true");
        }
        try {
            return Emulator.open();
        } finally {
            for (String option : options) {
                System.clearProperty("jclap.cuda." + option);
            }
        }
    }

    private static Tensor random(Backend backend, DType type, int... dims) {
        Shape shape = Shape.of(dims);
        SplittableRandom random = new SplittableRandom(SEED);
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Ops.cast(Tensor.of(backend, shape, values), type);
    }

    /** The three directions of a 3 x 3 convolution, from 16 channels to 8. */
    private static List<Tensor> directions(Backend backend, DType type) {
        Tensor x = random(backend, type, 2, 6, 5, 16);
        Tensor w = random(backend, type, 8, 16, 3, 3);
        Tensor dy = random(backend, type, 2, 6, 5, 8);
        List<Tensor> results = new ArrayList<>();
        results.addAll(Tensor.applyAll(new Convolution.Forward(1, 1), List.of(x, w)));
        results.addAll(Tensor.applyAll(new Convolution.BackwardInput(1, 1, 6, 5), List.of(w, dy)));
        results.addAll(Tensor.applyAll(new Convolution.BackwardWeight(1, 1, 3, 3), List.of(x, dy)));
        return results;
    }

    private static long calls() {
        return EmulatedDriver.get(Knob.LIBRARY_CALLS);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16", "F16"})
    void cudnnComputesEveryDirection(DType type) {
        try (Backend cuda = open();
                Scope _ = Scope.open()) {
            long before = calls();
            directions(cuda, type);
            assertEquals(3, calls() - before);
            assertTrue(cuda.description().endsWith("cuBLAS 12.6, cuDNN 9.5"), cuda::description);
        }
    }

    /** Into or out of pixels that are no whole packs: 4 channels of F32 are one, of halves they are not. */
    @ParameterizedTest
    @CsvSource({"F32, 1, 8, 0", "F32, 8, 3, 0", "F32, 4, 4, 1", "BF16, 4, 8, 0", "F16, 8, 8, 1"})
    void pixelsHaveToFillPacks(DType type, int inputs, int outputs, int expected) {
        try (Backend cuda = open();
                Scope _ = Scope.open()) {
            long before = calls();
            Ops.conv2d(random(cuda, type, 1, 4, 4, inputs), random(cuda, type, outputs, inputs, 3, 3), 1, 1);
            assertEquals(expected, calls() - before);
        }
    }

    @Test
    void withoutLibrariesNoneIsCalled() {
        try (Backend cuda = Emulator.openWithoutLibraries();
                Scope _ = Scope.open()) {
            long before = calls();
            directions(cuda, DType.F32);
            Tensor x = random(cuda, DType.F32, 3, 4);
            Ops.matmul(x, Ops.transpose(x));
            assertEquals(before, calls());
            assertTrue(cuda.description().endsWith("own kernels only"), cuda::description);
        }
    }

    /** The emulated cuDNN wants 2 GiB for what it ranks first with a large kernel. */
    @Test
    void anAlgorithmThatTakesTooMuchWorkspaceIsPassedOver() {
        try (Backend cuda = open();
                Scope _ = Scope.open()) {
            long before = calls();
            Ops.conv2d(random(cuda, DType.F32, 1, 6, 6, 8), random(cuda, DType.F32, 8, 8, 5, 5), 1, 2);
            assertEquals(1, calls() - before);
            assertTrue(cuda.memory().peakBytes() < 1 << 20, "no workspace of 2 GiB");
        }
    }

    /** The emulated cuDNN offers strides of 3 and then refuses them. */
    @Test
    void whatCudnnRefusesIsComputedByOurKernels() {
        try (Backend cuda = open();
                Backend own = Emulator.openWithoutLibraries();
                Scope _ = Scope.open()) {
            long before = calls();
            for (int time = 0; time < 2; time++) {
                assertArrayEquals(strided(own), strided(cuda));
            }
            assertEquals(before, calls());
            assertTrue(EmulatedDriver.get(Knob.LIBRARY_OBJECTS) <= 2, "its descriptors are given back");
        }
    }

    private static float[] strided(Backend backend) {
        Tensor w = random(backend, DType.F32, 8, 16, 3, 3);
        Tensor y = Ops.conv2d(random(backend, DType.F32, 1, 7, 7, 16), w, 3, 1);
        Tensor dw = Tensor.applyAll(
                        new Convolution.BackwardWeight(3, 1, 3, 3), List.of(random(backend, DType.F32, 1, 7, 7, 16), y))
                .getFirst();
        return Ops.concat(0, List.of(Ops.reshape(y, y.size()), Ops.reshape(dw, dw.size())))
                .toFloats();
    }

    @Test
    void tf32IsUsedWhenAllowed() {
        float[] exact;
        float[] rounded;
        try (Backend full = open();
                Backend tf32 = open("tf32");
                Scope _ = Scope.open()) {
            exact = both(full);
            rounded = both(tf32);
        }
        assertEquals(exact.length, rounded.length);
        int different = 0;
        for (int i = 0; i < exact.length; i++) {
            // Two factors of 11 bits each: products are off by 2^-11 of themselves, here up to 1, 144 of them at the
            // most.
            assertEquals(exact[i], rounded[i], 144 * 0x1p-11);
            different += exact[i] == rounded[i] ? 0 : 1;
        }
        assertTrue(different > exact.length / 2, "%d of %d differ".formatted(different, exact.length));
    }

    /** A product and a convolution. */
    private static float[] both(Backend backend) {
        Tensor x = random(backend, DType.F32, 20, 30);
        float[] product = Ops.matmul(x, Ops.transpose(x)).toFloats();
        float[] image = directions(backend, DType.F32).getFirst().toFloats();
        float[] all = Arrays.copyOf(product, product.length + image.length);
        System.arraycopy(image, 0, all, product.length, image.length);
        return all;
    }

    /** Parts of a long sum that meet in BF16 lose what is below 2^-8 of it, each time. */
    @Test
    void partsOfLongSumsMeetInF32() {
        int terms = 2048;
        float[] factors = new float[terms];
        Arrays.fill(factors, 1 + 0x1p-7f);
        try (Backend cuda = open();
                Scope _ = Scope.open()) {
            Tensor x = Ops.cast(Tensor.of(cuda, Shape.of(1, terms), factors), DType.BF16);
            Tensor ones = Ops.cast(Ops.fill(Tensor.empty(cuda, Shape.of(terms, 1), DType.F32), 1), DType.BF16);
            long before = calls();
            assertEquals(
                    terms * (1 + 0x1p-7f),
                    Ops.cast(Ops.matmul(x, ones), DType.F32).item());
            assertEquals(1, calls() - before);
        }
    }

    /** The emulated library's fastest gradients change their last bits from call to call. */
    @Test
    void onRequestResultsRepeat() {
        try (Backend fast = open();
                Backend repeating = open("deterministic");
                Scope _ = Scope.open()) {
            float[] gradient = directions(fast, DType.F32).get(1).toFloats();
            assertFalse(
                    Arrays.equals(gradient, directions(fast, DType.F32).get(1).toFloats()), "the test's own check");
            for (int direction = 0; direction < 3; direction++) {
                assertArrayEquals(
                        directions(repeating, DType.F32).get(direction).toFloats(),
                        directions(repeating, DType.F32).get(direction).toFloats());
            }
        }
    }

    @Test
    void optionsOfTheCommandLineReachTheLibraries() {
        var options = CommandLine.populateCommand(
                new EngineOptions(), "--device", "cuda", "--threads", "1", "--tf32", "--deterministic");
        try (Backend full = open();
                Backend cuda = options.open();
                Scope _ = Scope.open()) {
            assertFalse(Arrays.equals(both(full), both(cuda)), "TF32");
            assertArrayEquals(
                    directions(cuda, DType.F32).get(1).toFloats(),
                    directions(cuda, DType.F32).get(1).toFloats());
        } finally {
            System.clearProperty("jclap.cuda.tf32");
            System.clearProperty("jclap.cuda.deterministic");
        }
    }

    /** The workspace of cuBLAS is the first that the device has no memory for. */
    @Test
    void aLibraryThatGetsNoMemoryIsLeftOut() {
        Emulator.open().close();
        EmulatedDriver.set(Knob.FAIL_ALLOCATION, 1);
        try (Backend cuda = open();
                Scope _ = Scope.open()) {
            assertTrue(cuda.description().endsWith("own matrix products, cuDNN 9.5"), cuda::description);
            Tensor x = random(cuda, DType.F32, 3, 4);
            assertEquals(9, Ops.matmul(x, Ops.transpose(x)).toFloats().length);
        }
    }

    @Test
    void plansAreKept() {
        try (Backend cuda = open()) {
            try (Scope _ = Scope.open()) {
                directions(cuda, DType.BF16);
            }
            long objects = EmulatedDriver.get(Knob.LIBRARY_OBJECTS);
            try (Scope _ = Scope.open()) {
                directions(cuda, DType.BF16);
            }
            assertEquals(objects, EmulatedDriver.get(Knob.LIBRARY_OBJECTS));
            assertEquals(0, cuda.memory().liveBuffers());
        }
    }

    /** Every call of either library fails once: at opening, jclap's kernels step in; later, an error names the call. */
    @Test
    void aFailingLibraryLeavesAUsableProcess() {
        float[] expected;
        try (Backend cuda = open();
                Scope _ = Scope.open()) {
            expected = both(cuda);
        }
        boolean failed = true;
        int errors = 0;
        int replaced = 0;
        for (int call = 1; failed; call++) {
            assertTrue(call < 200, "so many calls are not made");
            EmulatedDriver.set(Knob.FAIL_LIBRARY, call);
            try (Backend cuda = open();
                    Scope _ = Scope.open()) {
                boolean complete = cuda.description().endsWith("cuBLAS 12.6, cuDNN 9.5");
                replaced += complete ? 0 : 1;
                try {
                    assertArrayEquals(expected, both(cuda), 1e-5f);
                } catch (CudaException e) {
                    errors++;
                    String message = String.valueOf(e.getMessage());
                    boolean product = message.contains("cublasGemm") && message.contains("m 20, n 20, k 30");
                    boolean convolution = message.contains("cudnnConvolution") && message.contains("w (8, 16, 3, 3)");
                    assertTrue(product || convolution, message);
                }
                failed = EmulatedDriver.get(Knob.FAIL_LIBRARY) == 0;
                EmulatedDriver.set(Knob.FAIL_LIBRARY, 0);
                assertArrayEquals(expected, both(cuda), 1e-5f, "the next step works");
            }
            nothingIsLeft();
        }
        assertEquals(6, replaced, "creation and settings of both");
        assertNotEquals(0, errors);
    }
}
