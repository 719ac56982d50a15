package org.jclap.tests.cuda;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Kernels that are compiled so that the emulated device sees every access: none is out of bounds, and barriers lie between
 * all that depend on each other.
 */
final class CudaRaceTest {
    private static final Backend REFERENCE = new ReferenceBackend();
    private static Backend cuda;
    private static Backend turing;

    @BeforeAll
    static void open() {
        Assumptions.assumeTrue(EmulatedDriver.isAvailable(), "the CUDA tests need g++, with which they build a driver");
        EmulatedDriver.startChecked();
        EmulatedDriver.set(Knob.CHECKED, 1);
        cuda = Emulator.openWithoutLibraries();
        EmulatedDriver.set(Knob.COMPUTE, 75);
        turing = Emulator.openWithoutLibraries();
        EmulatedDriver.set(Knob.COMPUTE, 90);
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
            turing.close();
            EmulatedDriver.set(Knob.CHECKED, 0);
        }
        REFERENCE.close();
    }

    @TestFactory
    Stream<DynamicTest> noOpRaces() {
        return check(OpCases.all().stream(), DType.F32, cuda);
    }

    @TestFactory
    Stream<DynamicTest> noProductRacesOnTensorCores() {
        return check(OpCases.all().stream().filter(single -> multiplies(single.op())), DType.BF16, cuda);
    }

    /** Where halves are multiplied on ordinary cores. */
    @TestFactory
    Stream<DynamicTest> noProductRacesOnDevicesWithoutTensorCoresOfOurs() {
        return check(OpCases.all().stream().filter(single -> multiplies(single.op())), DType.BF16, turing);
    }

    /** Whose stages are filled again while others are read. */
    @TestFactory
    Stream<DynamicTest> noAttentionOverSeveralTilesRaces() {
        return Stream.of(DType.F32, DType.BF16)
                .flatMap(type -> check(CudaSizesTest.attention(Shape.of(1, 150, 128), 2), type, cuda));
    }

    private static boolean multiplies(Op op) {
        return op instanceof MatMul || op instanceof Linear || op instanceof Convolution || op instanceof Attention;
    }

    private static Stream<DynamicTest> check(Stream<OpCase> cases, DType type, Backend backend) {
        return cases.map(single ->
                dynamicTest(type + " " + single, () -> Conformance.checkAligned(single, type, REFERENCE, backend)));
    }
}
