package org.jclap.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ops whose kernels work in several tiles, at sizes that need more than one, against the reference. */
final class VectorBackendTest {
    private static final long SEED = 20_240_607;
    private static final Backend REFERENCE = new ReferenceBackend();
    private static final Backend ONE = new VectorBackend(1);
    private static final Backend THREE = new VectorBackend(3);

    private final SplittableRandom random = new SplittableRandom(SEED);

    @AfterAll
    static void close() {
        THREE.close();
        ONE.close();
        REFERENCE.close();
    }

    @Test
    void isFoundByName() {
        try (Backend backend = Backends.open("vector", 2)) {
            assertTrue(backend instanceof VectorBackend, backend.description());
            assertTrue(backend.description().contains("2 threads"), backend.description());
        }
    }

    @Test
    void opensOnAllProcessorsWhenNoneAreNamed() {
        String expected = Runtime.getRuntime().availableProcessors() + " threads";
        try (Backend backend = Backends.open("vector", 0)) {
            assertTrue(backend.description().contains(expected), backend.description());
        }
    }

    @ParameterizedTest
    @EnumSource(Targets.class)
    void contrastiveLossInManyTilesIsThatOfTheReference(Targets targets) {
        int n = 331;
        try (Scope _ = Scope.open()) {
            Tensor audio = unitRows(n, 24);
            Tensor text = unitRows(n, 24);
            Tensor logScale = Tensor.of(REFERENCE, Shape.of(1), 2.7f);
            List<Tensor> teachers = List.of(unitRows(n, 31), unitRows(n, 7));
            List<Tensor> inputs = join(List.of(audio, text, logScale), teachers);
            var forward = new Contrastive.Forward(0.3, targets, 0.1);
            check(forward, inputs, 2e-5);
            Tensor statistics = Tensor.applyAll(forward, inputs).get(1);
            Tensor weight = Tensor.of(REFERENCE, Shape.of(1), 1.5f);
            check(
                    new Contrastive.Backward(0.3, targets, 0.1),
                    join(List.of(audio, text, logScale, statistics, weight), teachers),
                    2e-5);
        }
    }

    @Test
    void contrastiveLossHoldsNoMatrixOfLogits() {
        int n = 3000;
        try (Scope _ = Scope.open()) {
            Tensor audio = unitRows(n, 8).to(THREE);
            Tensor text = unitRows(n, 8).to(THREE);
            Tensor logScale = Tensor.of(THREE, Shape.of(1), 2.7f);
            THREE.resetPeak();
            long before = THREE.memory().liveBytes();
            var outputs =
                    Tensor.applyAll(new Contrastive.Forward(0, Targets.REFERENCE, 1), List.of(audio, text, logScale));
            assertEquals(
                    hardLoss(audio.toFloats(), text.toFloats(), n),
                    outputs.getFirst().item(),
                    1e-4);
            long held = THREE.memory().peakBytes() - before;
            assertTrue(held < (long) n * n, () -> "seed %d: %d bytes".formatted(SEED, held));
        }
    }

    /** The mean of both cross-entropies by its definition, for rows of width 8 and s = 2.7. */
    private static double hardLoss(float[] audio, float[] text, int n) {
        double[] rows = new double[n];
        double[] columns = new double[n];
        double diagonal = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double dot = 0;
                for (int d = 0; d < 8; d++) {
                    dot += (double) audio[8 * i + d] * text[8 * j + d];
                }
                double logit = Math.exp(2.7) * dot;
                rows[i] += Math.exp(logit);
                columns[j] += Math.exp(logit);
                diagonal += i == j ? logit : 0;
            }
        }
        double logSums = Arrays.stream(rows).map(Math::log).sum()
                + Arrays.stream(columns).map(Math::log).sum();
        return (logSums / 2 - diagonal) / n;
    }

    /** More queries than one tile has, a batch entry without any key that counts, and one with few. */
    @ParameterizedTest
    @ValueSource(floats = {0, 0.3f})
    void attentionInSeveralTilesIsThatOfTheReference(float rate) {
        int length = AttentionTiles.QUERIES + 37;
        try (Scope _ = Scope.open()) {
            Shape shape = Shape.of(3, length, 2 * 12);
            float[] mask = new float[3 * length];
            Arrays.fill(mask, 2 * length, 2 * length + 40, 1f);
            Arrays.fill(mask, 0, length, 1f);
            List<Tensor> state = rate > 0 ? List.of(Tensor.of(REFERENCE, Shape.of(2), 0x1_2345_6789L, 77L)) : List.of();
            List<Tensor> operands = List.of(
                    uniform(shape), uniform(shape), uniform(shape), Tensor.of(REFERENCE, Shape.of(3, length), mask));
            var forward = new Attention.Forward(2, rate, 9);
            check(forward, join(operands, state), 1e-5);
            List<Tensor> results = Tensor.applyAll(forward, join(operands, state));
            List<Tensor> all = join(join(operands, results), join(List.of(uniform(shape)), state));
            check(new Attention.Backward(2, rate, 9), all, 1e-5);
        }
    }

    /** Streams that begin and end inside blocks, at a step beyond 32 bits. */
    @ParameterizedTest
    @CsvSource({"1, 0.5", "6, 0.1", "63, 0.9", "64, 0.3", "4099, 0.25", "40000, 0.1"})
    void dropoutTakesTheReferencesElements(int n, float rate) {
        try (Scope _ = Scope.open()) {
            Tensor state = Tensor.of(REFERENCE, Shape.of(2), -5L, (1L << 40) + 3);
            check(new Dropout(rate, 123), List.of(uniform(Shape.of(n)), state), 1e-6);
        }
    }

    @Test
    void everyPermutationOfFourAxesIsThatOfTheReference() {
        List<List<Integer>> orders = new ArrayList<>();
        permutations(List.of(), orders);
        try (Scope _ = Scope.open()) {
            Tensor x = uniform(Shape.of(3, 37, 5, 41));
            for (List<Integer> order : orders) {
                check(new Layout.Permute(order), List.of(x), 0);
            }
        }
        assertEquals(24, orders.size());
    }

    private static void permutations(List<Integer> begun, List<List<Integer>> all) {
        if (begun.size() == 4) {
            all.add(begun);
        }
        for (int axis = 0; axis < 4; axis++) {
            if (!begun.contains(axis)) {
                List<Integer> longer = new ArrayList<>(begun);
                longer.add(axis);
                permutations(longer, all);
            }
        }
    }

    /** The reference's results within a share of the largest magnitude, and the same bits for one thread and three. */
    private static void check(Op op, List<Tensor> inputs, double tolerance) {
        List<double[]> expected = run(op, inputs, REFERENCE);
        List<double[]> one = run(op, inputs, ONE);
        List<double[]> three = run(op, inputs, THREE);
        for (int i = 0; i < expected.size(); i++) {
            String what = "%s, output %d, seed %d".formatted(op, i, SEED);
            double largest = Arrays.stream(expected.get(i))
                    .map(Math::abs)
                    .filter(v -> v < 1e30)
                    .max()
                    .orElse(1);
            assertArrayEquals(expected.get(i), one.get(i), tolerance * largest + Double.MIN_VALUE, what);
            assertArrayEquals(one.get(i), three.get(i), what + ": threads");
        }
    }

    private static List<double[]> run(Op op, List<Tensor> inputs, Backend backend) {
        try (Scope _ = Scope.open()) {
            List<Tensor> there = inputs.stream().map(x -> x.to(backend)).toList();
            return Tensor.applyAll(op, there).stream().map(Tensor::toDoubles).toList();
        }
    }

    private static List<Tensor> join(List<Tensor> first, List<Tensor> second) {
        List<Tensor> all = new ArrayList<>(first);
        all.addAll(second);
        return Collections.unmodifiableList(all);
    }

    private Tensor uniform(Shape shape) {
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensor.fromHost(REFERENCE, shape, DType.F32, values, values.length);
    }

    private Tensor unitRows(int rows, int width) {
        float[] values = new float[rows * width];
        for (int r = 0; r < rows; r++) {
            double squares = 0;
            for (int d = 0; d < width; d++) {
                values[r * width + d] = (float) random.nextGaussian();
                squares += values[r * width + d] * values[r * width + d];
            }
            for (int d = 0; d < width; d++) {
                values[r * width + d] /= (float) Math.sqrt(squares);
            }
        }
        return Tensor.fromHost(REFERENCE, Shape.of(rows, width), DType.F32, values, values.length);
    }
}
