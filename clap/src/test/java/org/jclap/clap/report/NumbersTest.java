package org.jclap.clap.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void fixedDoesNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals("1,234.50", Numbers.fixed(1234.5, 2));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void fixedHasNoNegativeZeroAndMarksWhatIsMissing() {
        assertEquals("0.00", Numbers.fixed(-0.001, 2));
        assertEquals("−1.5", Numbers.fixed(-1.5, 1));
        assertEquals("–", Numbers.fixed(Double.NaN, 2));
        assertEquals("–", Numbers.fixed(Double.NEGATIVE_INFINITY, 2));
    }

    @Test
    void compactKeepsFourDigits() {
        assertEquals("0.1235", Numbers.compact(0.123456));
        assertEquals("12.3", Numbers.compact(12.3));
        assertEquals("6,000", Numbers.compact(6000));
        assertEquals("0", Numbers.compact(0));
        assertEquals("3.125e−5", Numbers.compact(3.125e-5));
        assertEquals("−2e6", Numbers.compact(-2e6));
    }

    @Test
    void tinyPValuesAreBounds() {
        assertEquals("p = 0.032", Numbers.pValue(0.0321));
        assertEquals("p < 0.001", Numbers.pValue(1e-9));
        assertEquals("p undefined", Numbers.pValue(Double.NaN));
    }

    @Test
    void coordinatesAreShort() {
        assertEquals("3", Numbers.coordinate(3.0));
        assertEquals("-0.13", Numbers.coordinate(-0.1251));
        assertEquals("0", Numbers.coordinate(-0.001));
    }
}
