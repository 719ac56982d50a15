package org.jclap.clap.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that follow from the definition by hand; those of larger batches are golden. */
final class ContrastiveLossTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void pairsThatCannotBeToldApartCostTheLogarithmOfTheirNumber() {
        try (Scope _ = Scope.open()) {
            Tensor same = Ops.normalize(Tensor.of(backend, Shape.of(3, 2), 1f, 1f, 1f, 1f, 1f, 1f));
            assertEquals(Math.log(3), hard(same, same, 2), 1e-6);
        }
    }

    @Test
    void orthogonalPairsCostWhatTheScaleLeaves() {
        try (Scope _ = Scope.open()) {
            Tensor eye = Tensor.of(backend, Shape.of(3, 3), 1f, 0f, 0f, 0f, 1f, 0f, 0f, 0f, 1f);
            for (double scale : new double[] {1, 14, 50}) {
                double expected = Math.log(1 + 2 * Math.exp(-scale));
                assertEquals(expected, hard(eye, eye, Math.log(scale)), 1e-6 * (1 + expected), "scale " + scale);
            }
        }
    }

    @Test
    void swappedPairsCostTheScaleMore() {
        try (Scope _ = Scope.open()) {
            Tensor audio = Tensor.of(backend, Shape.of(2, 2), 1f, 0f, 0f, 1f);
            Tensor text = Tensor.of(backend, Shape.of(2, 2), 0f, 1f, 1f, 0f);
            assertEquals(hard(audio, audio, Math.log(5)) + 5, hard(audio, text, Math.log(5)), 1e-5);
        }
    }

    @Test
    void audioAndTextHaveEqualParts() {
        try (Scope _ = Scope.open()) {
            Tensor audio = Ops.normalize(Tensor.of(backend, Shape.of(2, 2), 1f, 0.2f, 0.3f, 1f));
            Tensor text = Ops.normalize(Tensor.of(backend, Shape.of(2, 2), 0.9f, 0.5f, -0.4f, 0.8f));
            assertEquals(hard(audio, text, 1), hard(text, audio, 1), 1e-6);
        }
    }

    @Test
    void aSoftLossNeedsATeacher() {
        try (Scope _ = Scope.open()) {
            Tensor eye = Tensor.of(backend, Shape.of(2, 2), 1f, 0f, 0f, 1f);
            Tensor scale = Tensor.of(backend, Shape.of(), 0f);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ContrastiveLoss.soft(0.3).of(eye, eye, scale, null));
            ContrastiveLoss.Teacher teacher = new ContrastiveLoss.Teacher(eye, eye);
            // Without weight the teacher changes nothing.
            assertEquals(
                    hard(eye, eye, 0),
                    ContrastiveLoss.soft(0).of(eye, eye, scale, teacher).item(),
                    1e-6);
        }
    }

    private double hard(Tensor audio, Tensor text, double logScale) {
        Tensor scale = Tensor.of(backend, Shape.of(), (float) logScale);
        return ContrastiveLoss.hard().of(audio, text, scale, null).item();
    }
}
