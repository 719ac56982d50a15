package org.jclap.clap.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
    private static final List<Integer> ITEMS = IntStream.range(0, 10).boxed().toList();

    @Test
    void holdsOutTheFirstOfTheShuffledItems() {
        var split = Split.reference(ITEMS, 0.2, Split.REFERENCE_SEED, 1);
        assertEquals(List.of(8, 7), split.validation());
        assertEquals(List.of(5, 9, 2, 3, 6, 1, 4, 0), split.train());
    }

    @Test
    void roundsSharesDown() {
        var split = Split.reference(ITEMS, Split.REFERENCE_VALIDATION_SHARE, Split.REFERENCE_SEED, 0.49);
        assertEquals(List.of(8), split.validation());
        assertEquals(List.of(7, 5, 9, 2), split.train());
    }

    @Test
    void aSmallerTrainingShareKeepsTheValidationPart() {
        var all = Split.reference(ITEMS, 0.3, 5, 1);
        var some = Split.reference(ITEMS, 0.3, 5, 0.5);
        assertEquals(all.validation(), some.validation());
        assertEquals(all.train().subList(0, 3), some.train());
    }

    @Test
    void refusesSharesOutsideTheUnitInterval() {
        TestFiles.rejects(() -> Split.reference(ITEMS, 1.5, 1, 1), "validation share", "1.5");
        TestFiles.rejects(() -> Split.reference(ITEMS, 0.1, 1, Double.NaN), "training share", "NaN");
    }
}
