package org.jclap.tensor.type;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ShapeTest {
    @Test
    void scalarHasOneElement() {
        assertEquals(1, Shape.of().size());
        assertEquals(0, Shape.of().rank());
    }

    @Test
    void emptyAxisMakesEmptyShape() {
        assertEquals(0, Shape.of(3, 0, 5).size());
    }

    @Test
    void negativeAxesCountFromTheEnd() {
        Shape shape = Shape.of(2, 3, 5);
        assertEquals(5, shape.dim(-1));
        assertEquals(2, shape.dim(-3));
        assertEquals(1, shape.axis(-2));
    }

    @Test
    void missingAxisIsNamed() {
        var error = assertThrows(
                IllegalArgumentException.class, () -> Shape.of(2, 3).dim(2));
        assertEquals("axis 2 of shape (2, 3) does not exist", error.getMessage());
    }

    @Test
    void refusesWhatNoTensorCanHold() {
        assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1));
        var error = assertThrows(IllegalArgumentException.class, () -> Shape.of(65536, 65536));
        assertTrue(error.getMessage().contains("4294967296"), error.getMessage());
        assertThrows(ArithmeticException.class, () -> Shape.of(1 << 30, 1 << 30, 1 << 30));
    }

    @Test
    void callerCannotChangeIt() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 7;
        shape.toArray()[1] = 9;
        assertEquals(Shape.of(2, 3), shape);
    }

    @Test
    void broadcastsAlignedAtTheEnd() {
        assertEquals(Shape.of(4, 2, 3), Shape.broadcast(Shape.of(2, 1), Shape.of(4, 1, 3)));
        assertEquals(Shape.of(5), Shape.broadcast(Shape.of(), Shape.of(5)));
        assertEquals(Shape.of(0, 3), Shape.broadcast(Shape.of(1, 3), Shape.of(0, 1)));
        assertThrows(IllegalArgumentException.class, () -> Shape.broadcast(Shape.of(2), Shape.of(3)));
    }

    @Test
    void broadcastsToOnlyWhatItFits() {
        assertTrue(Shape.of(1, 3).broadcastsTo(Shape.of(2, 3)));
        assertFalse(Shape.of(2, 3).broadcastsTo(Shape.of(1, 3)));
        assertFalse(Shape.of(2, 3).broadcastsTo(Shape.of(3)));
    }

    @Test
    void derivesOtherShapes() {
        Shape shape = Shape.of(2, 3, 5, 7);
        assertEquals(Shape.of(2, 7), shape.without(1, 3));
        assertEquals(Shape.of(2, 3, 5, 1), shape.with(-1, 1));
        assertEquals(Shape.of(2, 3, 5, 7, 9), shape.append(9));
        assertEquals(15, shape.product(1, 3));
        assertEquals(1, shape.product(2, 2));
    }

    @Test
    void equalsByDimensions() {
        assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
        assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
        assertEquals("(2, 3)", Shape.of(2, 3).toString());
        assertEquals("()", Shape.of().toString());
    }
}
