package org.jclap.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.random.Philox;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The specification against numbers that were worked out in another way. */
final class ReferenceBackendTest {
    private final Backend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
        backend.close();
    }

    // ---------------------------------------------------------------------------------------------- layout

    @Test
    void permuteMovesAxes() {
        Tensor x = range(2, 3, 2);
        double[] expected = {0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11};
        assertArrayEquals(expected, Ops.permute(x, 2, 1, 0).toDoubles());
    }

    @Test
    void padThenSliceIsTheIdentity() {
        Tensor x = range(2, 3);
        Tensor padded = Ops.pad(x, 1, 1, 2);
        assertArrayEquals(new double[] {0, 0, 1, 2, 0, 0, 0, 3, 4, 5, 0, 0}, padded.toDoubles());
        assertArrayEquals(x.toDoubles(), Ops.slice(padded, 1, 1, 4).toDoubles());
    }

    @Test
    void concatJoinsColumns() {
        Tensor joined = Ops.concat(-1, List.of(range(2, 1), range(2, 2)));
        assertArrayEquals(new double[] {0, 0, 1, 1, 2, 3}, joined.toDoubles());
    }

    @Test
    void layoutKeepsEveryBitOfIntegers() {
        long large = (1L << 60) + 1;
        Tensor x = Tensor.of(backend, Shape.of(2, 2), 1, large, 3, 4);
        assertArrayEquals(new long[] {1, 3, large, 4}, Ops.transpose(x).toHost().longs());
    }

    @Test
    void broadcastRepeatsBothOperands() {
        Tensor column = Tensor.of(backend, Shape.of(2, 1), 10.0, 20.0);
        assertArrayEquals(
                new double[] {10, 11, 12, 20, 21, 22}, Ops.add(column, range(3)).toDoubles());
    }

    // ---------------------------------------------------------------------------------------------- reductions

    @Test
    void reductionsOfNothing() {
        Tensor nothing = Tensor.empty(backend, Shape.of(2, 0), DType.F64);
        assertArrayEquals(new double[] {0, 0}, Ops.sum(nothing, 1, false).toDoubles());
        assertArrayEquals(
                new double[] {Double.NaN, Double.NaN},
                Ops.mean(nothing, 1, false).toDoubles());
        assertThrows(IllegalArgumentException.class, () -> Ops.max(nothing, 1, false));
        assertEquals(0, Ops.sum(nothing, 0, false).size());
    }

    @Test
    void gradientOfMaxGoesToTheFirstOfEquals() {
        Tensor x = Tensor.of(backend, Shape.of(4), 1.0, 3.0, 3.0, 2.0);
        Tensor dy = Tensor.of(backend, Shape.of(1), 5.0);
        assertArrayEquals(
                new double[] {0, 5, 0, 0},
                Tensor.apply(new Reduction.MaxBackward(0, 1), x, dy).toDoubles());
    }

    // ---------------------------------------------------------------------------------------------- look-up

    @Test
    void equalIdsAddUpAndThePaddingRowGetsNothing() {
        Tensor ids = Tensor.of(backend, Shape.of(4), 2, 0, 2, 1);
        Tensor gradient = Tensor.apply(new Gather.Backward(3, 0), ids, range(4, 1));
        assertArrayEquals(new double[] {0, 3, 2}, gradient.toDoubles());
    }

    // ---------------------------------------------------------------------------------------------- random

    @Test
    void dropoutFollowsTheStream() {
        Tensor random = Tensor.of(backend, Shape.of(2), 99L, 4L);
        Tensor ones = Ops.fill(Tensor.empty(backend, Shape.of(1000), DType.F64), 1);
        double[] dropped = Ops.dropout(ones, 0.25f, 6, random).toDoubles();
        for (int i = 0; i < dropped.length; i++) {
            boolean gone = Philox.uniform(Philox.word(99, 4, 6, i, new int[4])) < 0.25f;
            assertEquals(gone ? 0 : 1 / 0.75, dropped[i]);
        }
    }

    // ---------------------------------------------------------------------------------------------- attention

    @Test
    void attentionIsSoftmaxOfScaledProducts() {
        int length = 3;
        int width = 4;
        Tensor q = waves(1, 2, length, 2 * width);
        Tensor k = waves(2, 2, length, 2 * width);
        Tensor v = waves(3, 2, length, 2 * width);
        Tensor mask = Tensor.of(backend, Shape.of(2, length), 1.0, 1, 1, 1, 0, 0);
        Tensor actual = Tensor.applyAll(new Attention.Forward(2, 0, 0), List.of(q, k, v, mask))
                .getFirst();
        Tensor scores = Ops.scale(Ops.matmul(heads(q), heads(k), false, true), 1 / Math.sqrt(width));
        Tensor blocked = Ops.reshape(Ops.affine(mask, 1e9, -1e9), 2, 1, 1, length);
        Tensor probabilities = Ops.softmax(Ops.add(scores, blocked));
        Tensor expected = Ops.permute(Ops.matmul(probabilities, heads(v)), 0, 2, 1, 3);
        assertArrayEquals(expected.toDoubles(), actual.toDoubles(), 1e-12);
    }

    private static Tensor heads(Tensor x) {
        Shape shape = x.shape();
        return Ops.permute(Ops.reshape(x, shape.dim(0), shape.dim(1), 2, shape.dim(2) / 2), 0, 2, 1, 3);
    }

    // ---------------------------------------------------------------------------------------------- the loss

    /** Similarities of three teachers, and the loss for S below, computed in NumPy from the formula. */
    private static final double[] AUDIO_SIMILARITIES = {1, 0.6, -0.2, 0.6, 1, 0.1, -0.2, 0.1, 1};

    private static final double[] TEXT_SIMILARITIES = {1, 0.3, 0, 0.3, 1, -0.5, 0, -0.5, 1};
    private static final double[] S = {2, 0.5, -1, 0.3, 1.5, 0.2, -0.4, 0.1, 3};

    @Test
    void contrastiveLossOfKnownLogits() {
        assertEquals(0.26271940, loss(0).get(0).item(), 1e-8);
        assertEquals(0.22937156, loss(0.3).get(0).item(), 1e-8);
        assertEquals(0.55288420, loss(1).get(0).item(), 1e-8);
    }

    @Test
    void contrastiveGradientOfKnownLogits() {
        double[] expected = {
            -0.03617006,
            0.03086889,
            0.01052092,
            0.01965892,
            -0.09266377,
            0.03931573,
            0.01820583,
            0.03142648,
            -0.02116293
        };
        Tensor statistics = loss(0.3).get(1);
        List<Tensor> inputs = List.of(
                matrix(S),
                matrix(1, 0, 0, 0, 1, 0, 0, 0, 1),
                Tensor.of(backend, Shape.of(1), 0.0),
                statistics,
                Tensor.of(backend, Shape.of(1), 1.0),
                cholesky(AUDIO_SIMILARITIES),
                cholesky(TEXT_SIMILARITIES));
        List<Tensor> gradients = Tensor.applyAll(new Contrastive.Backward(0.3, Targets.REFERENCE, 1), inputs);
        assertArrayEquals(expected, gradients.get(0).toDoubles(), 1e-8);
        double[] dText = gradients.get(1).toDoubles();
        double expectedFirst = 0;
        for (int i = 0; i < 3; i++) {
            expectedFirst += expected[3 * i] * S[3 * i];
        }
        assertEquals(expectedFirst, dText[0], 1e-7);
    }

    @Test
    void targetsOfEachKindSumUpAsTheyShould() {
        for (Targets targets : List.of(Targets.NORMALISED, Targets.SOFTENED)) {
            double[] statistics = loss(0.7, targets).get(1).toDoubles();
            for (int i = 0; i < 3; i++) {
                assertEquals(1, statistics[3 + i], 1e-12);
                assertEquals(1, statistics[12 + i], 1e-12);
            }
        }
        // Row 0 of the audio side: 0.3 + 0.7 + 0.42, while -0.14 is masked.
        double[] statistics = loss(0.7, Targets.REFERENCE).get(1).toDoubles();
        assertEquals(1.42, statistics[3], 1e-12);
        assertEquals(1.42, loss(0.7, Targets.NORMALISED).get(1).toDoubles()[6], 1e-12);
    }

    private List<Tensor> loss(double beta) {
        return loss(beta, Targets.REFERENCE);
    }

    /** With text embeddings that are the axes and s = 0, the logits are the audio embeddings. */
    private List<Tensor> loss(double beta, Targets targets) {
        Tensor axes = matrix(1, 0, 0, 0, 1, 0, 0, 0, 1);
        Tensor logScale = Tensor.of(backend, Shape.of(1), 0.0);
        Contrastive.Forward op = new Contrastive.Forward(beta, targets, 0.5);
        return beta == 0
                ? Tensor.applyAll(op, List.of(matrix(S), axes, logScale))
                : Tensor.applyAll(
                        op,
                        List.of(matrix(S), axes, logScale, cholesky(AUDIO_SIMILARITIES), cholesky(TEXT_SIMILARITIES)));
    }

    /** Rows whose dot products are the elements of a positive definite 3 x 3 matrix. */
    private Tensor cholesky(double[] a) {
        double[] l = new double[9];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = a[3 * i + j];
                for (int k = 0; k < j; k++) {
                    rest -= l[3 * i + k] * l[3 * j + k];
                }
                l[3 * i + j] = i == j ? Math.sqrt(rest) : rest / l[3 * j + j];
            }
        }
        return matrix(l);
    }

    private Tensor matrix(double... values) {
        return Tensor.of(backend, Shape.of(3, 3), values);
    }

    // ---------------------------------------------------------------------------------------------- the backend

    @Test
    void computesInHalfPrecisionToo() {
        Tensor x = Ops.cast(Tensor.of(backend, Shape.of(2), 1.5, -2.0), DType.BF16);
        Tensor y = Tensor.apply(Binary.MUL, x, x);
        assertEquals(DType.BF16, y.dtype());
        assertArrayEquals(new double[] {2.25, 4}, y.toDoubles());
    }

    @Test
    void isFoundByNameAndUnknownNamesAreNot() {
        try (Backend found = Backends.open("reference", 1)) {
            assertEquals("reference", found.name());
        }
        var error = assertThrows(UserException.class, () -> Backends.open("abacus", 1));
        assertTrue(String.valueOf(error.getMessage()).contains("reference"), error.getMessage());
    }

    private Tensor range(int... dims) {
        Shape shape = Shape.of(dims);
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Tensor.of(backend, shape, values);
    }

    private Tensor waves(int phase, int... dims) {
        double[] values = range(dims).toDoubles();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.sin(phase + 1.7 * i);
        }
        return Tensor.of(backend, Shape.of(dims), values);
    }
}
