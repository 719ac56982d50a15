package org.jclap.clap.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimilarityHistogramTest {
    @Test
    void quantilesAreThoseOfTheSortedValuesToTheWidthOfABin() {
        var random = new SplittableRandom(3);
        var values = new double[1001];
        var histogram = new SimilarityHistogram();
        for (var i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
            histogram.add((float) values[i]);
        }
        Arrays.sort(values);
        var summary = histogram.summary();
        assertEquals(values[500], summary.median(), 0.001);
        assertEquals(values[50], summary.q05(), 0.001);
        assertEquals(values[950], summary.q95(), 0.001);
        assertEquals(values[1000], summary.max());
        assertEquals(1001, Arrays.stream(summary.bins()).sum());
    }

    @Test
    void takesWhatRoundingPutsOutsideAndKnowsNothingOfAnEmptySet() {
        var histogram = new SimilarityHistogram();
        assertTrue(Double.isNaN(histogram.summary().median()));
        histogram.add(1.0000001f);
        histogram.add(-1.0000001f);
        var bins = histogram.summary().bins();
        assertEquals(1, bins[0]);
        assertEquals(1, bins[bins.length - 1]);
    }
}
