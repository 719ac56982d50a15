package org.jclap.autograd.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class NonFiniteGuardTest {
    @Test
    void skipsAndCountsThenGivesUp() {
        NonFiniteGuard guard = new NonFiniteGuard(2);
        assertTrue(guard.admits(1, 2));
        assertFalse(guard.admits(Double.NaN, 1));
        assertFalse(guard.admits(1, Double.POSITIVE_INFINITY));
        assertTrue(guard.admits(1, 1), "a good step starts the count again");
        assertFalse(guard.admits(Double.NaN, 1));
        assertFalse(guard.admits(Double.NaN, 1));
        String message = assertThrows(UserException.class, () -> guard.admits(Double.NaN, 1))
                .getMessage();
        assertTrue(message.contains("3 steps in a row"), message);
        assertEquals(5, guard.skipped());
    }
}
