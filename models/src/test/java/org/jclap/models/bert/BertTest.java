package org.jclap.models.bert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BertTest {
    private static final BertConfig SIZES = new BertConfig(50, 20, 2, 16, 4, 32, 0.1, true);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Weights weights = new Weights(backend, 3);
    private final Bert bert = new Bert(weights, SIZES);

    @AfterEach
    void close() {
        weights.close();
        backend.close();
    }

    @Test
    void paddingDoesNotChangeTheText() {
        try (Scope _ = Scope.open()) {
            int[] ids = {2, 7, 33, 3};
            float[] alone = hidden(ids, 4, Pass.evaluation());
            for (int length : new int[] {5, 11, 20}) {
                float[] padded = hidden(ids, length, Pass.evaluation());
                assertArrayEquals(alone, Arrays.copyOf(padded, alone.length), 1e-5f, "length " + length);
            }
        }
    }

    @Test
    void theMaskDecidesNotTheId() {
        try (Scope _ = Scope.open()) {
            int[] ids = {2, 7, 0, 3};
            float[] read = run(ids, new float[] {1, 1, 1, 1}, 4, Pass.evaluation());
            float[] masked = run(ids, new float[] {1, 1, 0, 1}, 4, Pass.evaluation());
            assertFalse(Arrays.equals(Arrays.copyOf(read, 16), Arrays.copyOf(masked, 16)));
        }
    }

    @Test
    void orderAndSegmentOfTokensMatter() {
        try (Scope _ = Scope.open()) {
            float[] one = Arrays.copyOf(hidden(new int[] {2, 7, 33, 3}, 4, Pass.evaluation()), 16);
            float[] swapped = Arrays.copyOf(hidden(new int[] {2, 33, 7, 3}, 4, Pass.evaluation()), 16);
            assertFalse(Arrays.equals(one, swapped));
            Tensor ids = Tensor.of(backend, Shape.of(1, 4), 2, 7, 33, 3);
            Tensor types = Tensor.of(backend, Shape.of(1, 4), 0, 0, 1, 1);
            Tensor mask = Tensor.of(backend, Shape.of(1, 4), 1f, 1f, 1f, 1f);
            float[] segments = bert.forward(ids, types, mask, Pass.evaluation()).toFloats();
            assertFalse(Arrays.equals(one, Arrays.copyOf(segments, 16)));
        }
    }

    @Test
    void dropoutChangesWithTheStepAndNothingElse() {
        try (Scope _ = Scope.open()) {
            int[] ids = {2, 7, 33, 3};
            float[] first = hidden(ids, 4, training(1));
            assertArrayEquals(first, hidden(ids, 4, training(1)));
            assertFalse(Arrays.equals(first, hidden(ids, 4, training(2))));
            assertFalse(Arrays.equals(first, hidden(ids, 4, Pass.evaluation())));
        }
    }

    @Test
    void everyDropoutHasAStreamOfItsOwn() {
        try (Weights other = new Weights(backend, 1)) {
            int before = other.nextStream();
            new Bert(other, SIZES);
            // The embeddings, and in each of two layers the attention, its output, and the second network.
            assertEquals(before + 1 + 1 + 2 * 3, other.nextStream());
        }
    }

    @Test
    void aTextBeyondThePositionsIsAnError() {
        UserException e = assertThrows(UserException.class, () -> hidden(new int[] {2, 3}, 21, Pass.evaluation()));
        assertTrue(e.getMessage().contains("21") && e.getMessage().contains("20"), e.getMessage());
    }

    @Test
    void sizesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new BertConfig(50, 20, 2, 16, 3, 32, 0.1, true));
        assertThrows(IllegalArgumentException.class, () -> SIZES.withVocabulary(0));
        assertTrue(weights.state().containsKey("pooler.dense.weight"));
        try (Weights other = new Weights(backend, 1)) {
            new Bert(other, new BertConfig(50, 20, 1, 16, 4, 32, 0, false));
            assertFalse(other.state().containsKey("pooler.dense.weight"));
        }
    }

    private Pass training(long step) {
        return Pass.training(Tensor.of(backend, Shape.of(2), 5L, step));
    }

    /** One text, padded to {@code length}. */
    private float[] hidden(int[] ids, int length, Pass pass) {
        float[] mask = new float[length];
        Arrays.fill(mask, 0, ids.length, 1);
        return run(Arrays.copyOf(ids, length), mask, length, pass);
    }

    private float[] run(int[] ids, float[] mask, int length, Pass pass) {
        Shape shape = Shape.of(1, length);
        Tensor hidden = bert.forward(
                Tensor.of(backend, shape, ids),
                Tensor.of(backend, shape, new int[length]),
                Tensor.of(backend, shape, mask),
                pass);
        assertEquals(Shape.of(1, length, 16), hidden.shape());
        return hidden.toFloats();
    }
}
