package org.jclap.tests.cuda;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.Inputs;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.jclap.tests.kit.Tolerance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Sizes that fill a device, for which kernels take larger tiles, many chunks, and several packs a thread; tensor cores and
 * what stands in for them.
 */
final class CudaSizesTest {
    private static final Backend REFERENCE = new ReferenceBackend();
    private static Backend cuda;
    private static Backend tf32;
    private static Backend turing;

    @BeforeAll
    static void open() {
        cuda = Emulator.openWithoutLibraries();
        System.setProperty("jclap.cuda.tf32", "true");
        try {
            tf32 = Emulator.openWithoutLibraries();
        } finally {
            System.clearProperty("jclap.cuda.tf32");
        }
        EmulatedDriver.set(Knob.COMPUTE, 75);
        try {
            turing = Emulator.openWithoutLibraries();
        } finally {
            EmulatedDriver.set(Knob.COMPUTE, 90);
        }
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
            tf32.close();
            turing.close();
        }
        REFERENCE.close();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() {
        return Stream.of(products(), batchNorms(), wideReductions())
                .flatMap(cases -> cases)
                .map(single -> dynamicTest(
                        single.toString(), () -> Conformance.checkAligned(single, DType.F32, REFERENCE, cuda)));
    }

    /** In tiles of 256 and of 128. */
    @TestFactory
    Stream<DynamicTest> multipliesHalvesOnTensorCores() {
        return Stream.of(
                        largeProducts(2001, 2104),
                        largeProducts(1504, 1490),
                        largeConvolutions(),
                        attention(Shape.of(2, 200, 128), 2),
                        attention(Shape.of(1, 150, 72), 3))
                .flatMap(cases -> cases)
                .flatMap(single -> Stream.of(DType.BF16, DType.F16)
                        .map(type -> dynamicTest(
                                type + " " + single, () -> Conformance.checkAligned(single, type, REFERENCE, cuda))));
    }

    /** F32 whose factors have 10 bits of mantissa, 13 fewer. */
    @TestFactory
    Stream<DynamicTest> multipliesInTf32WhereThatIsAllowed() {
        Stream<OpCase> cases = OpCases.all().stream()
                .filter(single -> single.op() instanceof MatMul
                        || single.op() instanceof Linear
                        || single.op() instanceof Convolution);
        return Stream.of(cases, largeProducts(1504, 1490), largeConvolutions())
                .flatMap(all -> all)
                .map(single -> single.within(
                        single.tolerance().terms(),
                        0x1p13 * single.tolerance().slack(),
                        single.tolerance().magnitude()))
                .map(single -> dynamicTest(
                        single.toString(), () -> Conformance.checkAligned(single, DType.F32, REFERENCE, tf32)));
    }

    @TestFactory
    Stream<DynamicTest> multipliesHalvesOnDevicesWithoutTensorCoresOfOurs() {
        return OpCases.all().stream()
                .filter(single -> single.op() instanceof MatMul || single.op() instanceof Linear)
                .map(single ->
                        dynamicTest(single.toString(), () -> Conformance.check(single, DType.BF16, REFERENCE, turing)));
    }

    private static Stream<OpCase> largeProducts(int m, int n) {
        int k = 40;
        return Stream.of(
                product(new MatMul(false, false), k, Shape.of(m, k), Shape.of(k, n)),
                product(new MatMul(true, false), k, Shape.of(k, m), Shape.of(k, n)),
                new OpCase(
                        "(%d, %d) to %d".formatted(m, k, n),
                        new Linear(true),
                        in -> List.of(in.uniform(m, k), in.uniform(n, k), in.uniform(n)),
                        List.of(),
                        new Tolerance(k + 1, 8, 1)));
    }

    /** In every tile, gathered by chunks, and for one channel by elements. */
    private static Stream<OpCase> largeConvolutions() {
        Convolution.Forward forward = new Convolution.Forward(1, 1);
        Convolution.BackwardWeight weight = new Convolution.BackwardWeight(1, 1, 3, 3);
        return Stream.of(
                product(forward, 9, Shape.of(1, 182, 181, 1), Shape.of(64, 1, 3, 3)),
                product(forward, 72, Shape.of(1, 182, 181, 8), Shape.of(40, 8, 3, 3)),
                product(forward, 72, Shape.of(1, 128, 129, 8), Shape.of(72, 8, 3, 3)),
                product(forward, 72, Shape.of(1, 128, 129, 8), Shape.of(136, 8, 3, 3)),
                product(backward(1, 182, 181), 72, Shape.of(8, 40, 3, 3), Shape.of(1, 182, 181, 8)),
                product(backward(2, 127, 130), 72, Shape.of(8, 72, 3, 3), Shape.of(1, 64, 65, 8)),
                product(backward(1, 128, 129), 72, Shape.of(8, 136, 3, 3), Shape.of(1, 128, 129, 8)),
                product(weight, 20 * 21, Shape.of(1, 20, 21, 8), Shape.of(1, 20, 21, 65)),
                product(weight, 10 * 21, Shape.of(1, 10, 21, 128), Shape.of(1, 10, 21, 65)));
    }

    /** Over several tiles of keys, whose last is not whole. */
    static Stream<OpCase> attention(Shape shape, int heads) {
        Attention.Forward forward = new Attention.Forward(heads, 0.25f, 5);
        OpCase.Recipe recipe = in -> List.of(
                in.uniform(-2, 2, shape),
                in.uniform(-2, 2, shape),
                in.uniform(-1, 1, shape),
                in.mask(shape.dim(0), shape.dim(1)),
                in.random());
        Tolerance tolerance = new Tolerance(shape.dim(1) + shape.dim(2) / heads, 8, 1);
        return Stream.of(
                new OpCase(shape.toString(), forward, recipe, List.of(), tolerance),
                new OpCase(
                        shape.toString(),
                        new Attention.Backward(heads, 0.25f, 5),
                        in -> {
                            List<Tensor> inputs = recipe.make(in);
                            List<Tensor> results = in.apply(forward, inputs.toArray(Tensor[]::new));
                            return List.of(
                                    inputs.get(0),
                                    inputs.get(1),
                                    inputs.get(2),
                                    inputs.get(3),
                                    results.get(0),
                                    results.get(1),
                                    in.uniform(-1, 1, shape),
                                    inputs.get(4));
                        },
                        List.of(),
                        tolerance));
    }

    private static Convolution.BackwardInput backward(int stride, int height, int width) {
        return new Convolution.BackwardInput(stride, 1, height, width);
    }

    private static Stream<OpCase> products() {
        Shape image = Shape.of(1, 128, 129, 1);
        return Stream.of(
                product(new MatMul(false, false), 9, Shape.of(2001, 9), Shape.of(9, 1000)),
                product(new Convolution.Forward(1, 1), 9, image, Shape.of(65, 1, 3, 3)),
                product(new Convolution.Forward(2, 0), 18, Shape.of(1, 257, 259, 2), Shape.of(66, 2, 3, 3)),
                product(new Convolution.BackwardInput(1, 1, 128, 129), 9, Shape.of(1, 65, 3, 3), image),
                product(
                        new Convolution.BackwardInput(2, 1, 127, 130),
                        18,
                        Shape.of(2, 66, 3, 3),
                        Shape.of(1, 64, 65, 2)),
                product(
                        new Convolution.BackwardWeight(1, 1, 3, 3),
                        63 * 65,
                        Shape.of(1, 63, 65, 8),
                        Shape.of(1, 63, 65, 65)));
    }

    /** More columns than a grid has blocks of 32 across. */
    private static Stream<OpCase> wideReductions() {
        Shape shape = Shape.of(2, 32 * 65_536 + 5);
        return Stream.of(Reduction.Kind.SUM, Reduction.Kind.MAX)
                .map(kind -> new OpCase(
                        shape.toString(),
                        new Reduction.Reduce(kind, 0, 1, false),
                        in -> List.of(in.uniform(-1, 1, shape)),
                        List.of(),
                        new Tolerance(2, 8, 1)));
    }

    private static OpCase product(Op op, int terms, Shape a, Shape b) {
        return new OpCase(
                "%s, %s".formatted(a, b),
                op,
                in -> List.of(in.uniform(-1, 1, a), in.uniform(-1, 1, b)),
                List.of(),
                new Tolerance(terms, 8, 1));
    }

    private static Stream<OpCase> batchNorms() {
        Shape shape = Shape.of(360_001, 3);
        Shape image = Shape.of(1, 601, 901, 3);
        Tolerance tolerance = new Tolerance(image.size() / 3, 8, 1);
        BatchNorm.Training training = new BatchNorm.Training(1e-5, 0.1, true);
        BatchNorm.PooledTraining pooled = new BatchNorm.PooledTraining(1e-5, 0.1, 1, 2);
        return Stream.of(
                new OpCase(shape.toString(), training, in -> batchNormInputs(in, shape), List.of(), tolerance),
                new OpCase(
                        shape.toString(),
                        new BatchNorm.Backward(true),
                        in -> {
                            List<Tensor> inputs = batchNormInputs(in, shape);
                            List<Tensor> results = in.apply(training, inputs.toArray(Tensor[]::new));
                            return List.of(
                                    inputs.get(0),
                                    inputs.get(1),
                                    results.get(1),
                                    results.get(2),
                                    results.get(0),
                                    in.uniform(-1, 1, shape));
                        },
                        List.of(),
                        tolerance),
                new OpCase(image.toString(), pooled, in -> batchNormInputs(in, image), List.of(), tolerance),
                new OpCase(
                        image.toString(),
                        new BatchNorm.PooledBackward(1, 2),
                        in -> {
                            List<Tensor> inputs = batchNormInputs(in, image);
                            List<Tensor> results = in.apply(pooled, inputs.toArray(Tensor[]::new));
                            return List.of(
                                    inputs.get(0),
                                    inputs.get(1),
                                    inputs.get(2),
                                    results.get(1),
                                    results.get(2),
                                    in.uniform(-1, 1, results.getFirst().shape()));
                        },
                        List.of(),
                        tolerance));
    }

    private static List<Tensor> batchNormInputs(Inputs in, Shape shape) {
        Shape channels = Shape.of(shape.last());
        return List.of(
                in.uniform(-1, 1, shape),
                in.awayFromZero(channels),
                in.uniform(-1, 1, channels),
                in.uniform(-1, 1, channels),
                in.uniform(0.5, 2, channels));
    }
}
