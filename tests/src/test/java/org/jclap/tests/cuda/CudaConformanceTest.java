package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every op case on the CUDA backend, on the emulated device. */
final class CudaConformanceTest {
    private static final Backend REFERENCE = new ReferenceBackend();
    private static Backend cuda;
    private static Backend withoutLibraries;

    @BeforeAll
    static void open() {
        cuda = Emulator.open();
        withoutLibraries = Emulator.openWithoutLibraries();
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
            withoutLibraries.close();
        }
        REFERENCE.close();
    }

    private static Stream<OpCase> cases() {
        return OpCases.all().stream();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() {
        return check(cases(), cuda);
    }

    /** Where libraries compute, our own kernels have to agree as well; the loss does so in small tiles. */
    @TestFactory
    Stream<DynamicTest> agreesWithTheReferenceWithoutLibraries() {
        return check(
                cases().filter(single -> single.op() instanceof MatMul
                        || single.op() instanceof Linear
                        || single.op() instanceof Convolution
                        || single.op() instanceof Contrastive),
                withoutLibraries);
    }

    private static Stream<DynamicTest> check(Stream<OpCase> cases, Backend backend) {
        return cases.flatMap(single -> Stream.of(DType.F32, DType.BF16, DType.F16)
                .map(type ->
                        dynamicTest(type + " " + single, () -> Conformance.check(single, type, REFERENCE, backend))));
    }

    /** By packs of 16 bytes, and on tensor cores by asynchronous copies, where the sizes of operands allow that. */
    @TestFactory
    Stream<DynamicTest> agreesWithTheReferenceOnAlignedTensors() {
        return cases().flatMap(single -> Stream.of(DType.F32, DType.BF16, DType.F16)
                .map(type -> dynamicTest(
                        type + " " + single,
                        () -> Conformance.checkAligned(single, type, REFERENCE, withoutLibraries))));
    }

    /** With another order of threads and blocks, streams that run late, and no guards. */
    @TestFactory
    Stream<DynamicTest> givesTheSameBitsInAnyOrder() {
        return cases().map(single -> dynamicTest(single.toString(), () -> {
            List<double[]> expected = results(single, withoutLibraries);
            EmulatedDriver.set(Knob.SEED, 12);
            EmulatedDriver.set(Knob.DEFERRED, 1);
            EmulatedDriver.set(Knob.GUARD, 0);
            try {
                List<double[]> actual = results(single, withoutLibraries);
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(expected.get(i), actual.get(i), single + ", result " + i);
                }
            } finally {
                EmulatedDriver.set(Knob.SEED, 1);
                EmulatedDriver.set(Knob.DEFERRED, 0);
                EmulatedDriver.set(Knob.GUARD, 1);
            }
        }));
    }

    /** Outputs, then inputs as the op has left them. */
    private static List<double[]> results(OpCase single, Backend backend) {
        try (Scope _ = Scope.open()) {
            List<Tensor> inputs = inputs(single, backend);
            List<Tensor> outputs = Tensor.applyAll(single.op(), inputs);
            return Stream.concat(outputs.stream(), inputs.stream())
                    .map(Tensor::toDoubles)
                    .toList();
        }
    }

    private static List<Tensor> inputs(OpCase single, Backend backend) {
        return single.inputs(REFERENCE, DType.F32).stream()
                .map(input -> input.to(backend))
                .toList();
    }
}
