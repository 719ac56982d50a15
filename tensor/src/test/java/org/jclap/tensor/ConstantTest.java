package org.jclap.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tensors whose elements never change, and what backends keep of them. */
final class ConstantTest {
    private final Backend backend = new ReferenceBackend();

    @AfterEach
    void nothingIsLeft() {
        assertEquals(0, backend.memory().liveBuffers());
        backend.close();
    }

    @Test
    void noOpChangesAConstantOrItsViews() {
        try (Scope _ = Scope.open()) {
            Tensor constant =
                    Tensor.of(backend, Shape.of(2, 3), 1, 2, 3, 4, 5, 6f).constant();
            Tensor view = Ops.reshape(constant, Shape.of(6));
            for (Tensor target : new Tensor[] {constant, view}) {
                var error = assertThrows(IllegalStateException.class, () -> Ops.fill(target, 0));
                assertTrue(error.getMessage().contains("constant"), error.getMessage());
            }
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, constant.toFloats());
        }
    }

    @Test
    void nothingIsUploadedToAConstant() {
        try (Scope _ = Scope.open()) {
            Tensor constant = Tensor.of(backend, Shape.of(2), 1f, 2f).constant();
            HostStorage other = HostStorage.wrap(DType.F32, new float[] {3, 4}, 2);
            assertThrows(
                    IllegalStateException.class,
                    () -> backend.upload(other, 0, constant.storage(), constant.offset(), 2));
            assertArrayEquals(new float[] {1, 2}, constant.toFloats());
        }
    }

    @Test
    void keepsWhatIsMadeOfAConstantAsLongAsTheConstant() {
        try (Scope _ = Scope.open()) {
            HostStorage constant =
                    Tensor.of(backend, Shape.of(2), 1f, 2f).constant().host();
            HostStorage made = constant.arranged("reversed", () -> (HostStorage) backend.allocate(DType.F32, 2));
            assertSame(made, constant.arranged("reversed", () -> {
                throw new AssertionError("made twice");
            }));
            assertEquals(2, backend.memory().liveBuffers());
        }
    }

    @Test
    void keepsNothingOfWhatMayChange() {
        try (Scope _ = Scope.open()) {
            HostStorage variable = Tensor.of(backend, Shape.of(2), 1f, 2f).host();
            assertThrows(IllegalStateException.class, () -> variable.arranged("copy", () -> variable));
        }
    }
}
