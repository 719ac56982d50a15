package org.jclap.bench.peers;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AgreementTest {
    private static final double TOLERANCE = 1e-3;

    @Test
    void measuresErrorsAgainstTheSizeOfTheAnswer() {
        var peer = List.of(new float[] {1000, -1000});
        assertDoesNotThrow(() -> Agreement.check("case", List.of(new float[] {1000.5f, -1000}), peer, TOLERANCE));
        var error = assertThrows(
                IllegalStateException.class,
                () -> Agreement.check("case", List.of(new float[] {1002, -1000}), peer, TOLERANCE));
        assertTrue(error.getMessage().startsWith("case: answer 1 of 1"), error.getMessage());
    }

    @Test
    void letsRoundingBeBesideLargeAnswers() {
        var ours = List.of(new float[] {1}, new float[] {3e-7f});
        var peer = List.of(new float[] {1}, new float[] {-3e-7f});
        assertDoesNotThrow(() -> Agreement.check("case", ours, peer, TOLERANCE));
    }

    @Test
    void refusesWhatIsNotANumber() {
        var nan = List.of(new float[] {Float.NaN});
        assertThrows(IllegalStateException.class, () -> Agreement.check("case", nan, nan, TOLERANCE));
    }

    @Test
    void refusesAnswersOfOtherSizes() {
        var one = List.of(new float[] {1});
        var two = List.of(new float[] {1, 1});
        assertThrows(IllegalStateException.class, () -> Agreement.check("case", one, two, TOLERANCE));
        assertThrows(IllegalStateException.class, () -> Agreement.check("case", one, List.of(), TOLERANCE));
    }
}
