package org.jclap.tests.cuda;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.Tolerance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Sizes that fill a device, for which kernels take larger tiles, many chunks, and several packs a thread. */
final class CudaSizesTest {
    private static final Backend REFERENCE = new ReferenceBackend();
    private static Backend cuda;

    @BeforeAll
    static void open() {
        cuda = Emulator.openWithoutLibraries();
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
        }
        REFERENCE.close();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() {
        return Stream.concat(products(), batchNorms())
                .map(single -> dynamicTest(single.toString(), () -> Conformance.check(single, REFERENCE, cuda)));
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
        Shape channels = Shape.of(3);
        Tolerance tolerance = new Tolerance(shape.dim(0), 8, 1);
        BatchNorm.Training training = new BatchNorm.Training(1e-5, 0.1, true);
        OpCase.Recipe recipe = in -> List.of(
                in.uniform(-1, 1, shape),
                in.awayFromZero(channels),
                in.uniform(-1, 1, channels),
                in.uniform(-1, 1, channels),
                in.uniform(0.5, 2, channels));
        return Stream.of(
                new OpCase(shape.toString(), training, recipe, List.of(), tolerance),
                new OpCase(
                        shape.toString(),
                        new BatchNorm.Backward(true),
                        in -> {
                            List<Tensor> inputs = recipe.make(in);
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
                        tolerance));
    }
}
