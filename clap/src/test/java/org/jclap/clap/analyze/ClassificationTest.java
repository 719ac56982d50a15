package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class ClassificationTest {
    @Test
    void countsTopOneByClass() {
        var scores = new ScoreMatrix(4, 3, new float[] {
            0.9f, 0.1f, 0, //
            0.2f, 0.7f, 0.1f,
            0.5f, 0.5f, 0.1f,
            0.1f, 0.8f, 0.2f
        });
        var result = ZeroShotScores.of(scores, new int[] {0, 1, 1, 1});
        assertEquals(0.75, result.accuracy());
        assertArrayEquals(new int[] {0, 1, 0, 1}, result.predictions());
        assertArrayEquals(new int[][] {{1, 0, 0}, {1, 2, 0}, {0, 0, 0}}, result.confusion());
        assertArrayEquals(new double[] {1, 2.0 / 3, Double.NaN}, result.perClass(), 1e-12);
        assertArrayEquals(new double[] {1, 1, 0, 1}, result.correct());
        assertThrows(UserException.class, () -> ZeroShotScores.of(scores, new int[] {0, 1, 2, 3}));
    }

    @Test
    void averagePrecisionSharesOneThresholdAmongEqualScores() {
        var scores = new ScoreMatrix(4, 2, new float[] {0.9f, 1, 0.8f, 1, 0.8f, 1, 0.1f, 1});
        boolean[] relevant = {true, false, false, false, true, false, false, false};
        var result = MultiLabelScores.of(scores, relevant);
        // thresholds 0.9: recall 1/2 at precision 1; 0.8: recall 1 at precision 2/3
        assertEquals(0.5 + 0.5 * 2 / 3, result.averagePrecision()[0], 1e-12);
        assertTrue(Double.isNaN(result.averagePrecision()[1]));
        assertEquals(result.averagePrecision()[0], result.macroMap());
    }

    @Test
    void bootstrapIntervalOfAnAccuracyIsAboutBinomial() {
        double[] correct = new double[400];
        Arrays.fill(correct, 0, 240, 1);
        var interval = Bootstrap.mean(correct, 0.95, 4000, 5);
        double halfWidth = 1.96 * Math.sqrt(0.6 * 0.4 / 400);
        assertEquals(0.6, interval.estimate(), 1e-12);
        assertEquals(0.6 - halfWidth, interval.low(), 0.006);
        assertEquals(0.6 + halfWidth, interval.high(), 0.006);
        assertEquals(interval, Bootstrap.mean(correct, 0.95, 4000, 5));
        assertThrows(UserException.class, () -> Bootstrap.mean(new double[0], 0.95, 10, 1));
    }
}
