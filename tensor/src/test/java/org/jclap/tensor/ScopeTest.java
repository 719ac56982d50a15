package org.jclap.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ScopeTest {
    private final Backend backend = new ReferenceBackend();

    @AfterEach
    void nothingIsLeft() {
        assertEquals(0, backend.memory().liveBuffers());
        assertNull(Scope.current());
        backend.close();
    }

    @Test
    void closesWhatWasMadeInside() {
        Tensor tensor;
        try (Scope _ = Scope.open()) {
            tensor = tensor(1, 2);
            assertFalse(tensor.isClosed());
        }
        assertTrue(tensor.isClosed());
        var error = assertThrows(IllegalStateException.class, tensor::toFloats);
        assertTrue(error.getMessage().contains("(2)"), error.getMessage());
    }

    @Test
    void keepMovesToTheEnclosingScope() {
        Tensor kept;
        try (Scope _ = Scope.open()) {
            try (Scope inner = Scope.open()) {
                kept = inner.keep(tensor(3));
            }
            assertEquals(3, kept.item());
        }
        assertTrue(kept.isClosed());
    }

    @Test
    void keepOfTheOutermostScopeLeavesTheTensorToItsUser() {
        Tensor kept;
        try (Scope scope = Scope.open()) {
            kept = scope.keep(tensor(3));
        }
        assertEquals(3, kept.item());
        kept.close();
        kept.close();
        assertTrue(kept.isClosed());
    }

    @Test
    void persistentTensorsOutliveEveryScope() {
        Tensor parameter;
        try (Scope _ = Scope.open()) {
            try (Scope _ = Scope.open()) {
                parameter = tensor(1).persistent();
            }
        }
        assertFalse(parameter.isClosed());
        parameter.close();
    }

    @Test
    void viewsShareMemoryAndKeepItAlive() {
        Tensor source = tensor(1, 2, 3, 4, 5, 6);
        Tensor matrix = Ops.reshape(source, 3, 2);
        Tensor view = Ops.slice(matrix, 0, 1, 3);
        assertSame(source.storage(), view.storage());
        assertEquals(2, view.offset());
        source.close();
        Ops.fill(view, 9);
        assertArrayEquals(new float[] {1, 2, 9, 9, 9, 9}, matrix.toFloats());
        matrix.close();
        assertEquals(1, backend.memory().liveBuffers());
        assertArrayEquals(new float[] {9, 9, 9, 9}, view.toFloats());
        view.close();
    }

    @Test
    void elementsThatHaveToMoveAreCopied() {
        try (Scope _ = Scope.open()) {
            Tensor matrix = Ops.reshape(tensor(1, 2, 3, 4, 5, 6), 2, 3);
            Tensor column = Ops.slice(matrix, 1, 1, 2);
            assertNotSame(matrix.storage(), column.storage());
            assertArrayEquals(new float[] {2, 5}, column.toFloats());
            assertArrayEquals(
                    new float[] {1, 4, 2, 5, 3, 6}, Ops.transpose(matrix).toFloats());
        }
    }

    @Test
    void scopesCloseInReverseOrder() {
        try (Scope outer = Scope.open()) {
            try (Scope _ = Scope.open()) {
                assertThrows(IllegalStateException.class, outer::close);
            }
        }
    }

    private Tensor tensor(float... values) {
        return Tensor.of(backend, Shape.of(values.length), values);
    }
}
