package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class CkaTest {
    /** The definition by features: |Y'X|^2 / (|X'X| |Y'Y|) with centred columns. */
    @Test
    void linearEqualsTheFormulaByFeatures() {
        var x = TestPoints.clouds(90, 5, 3, 4, 1);
        var y = TestPoints.clouds(90, 7, 2, 4, 2);
        double expected = squaredNorm(x, y) / Math.sqrt(squaredNorm(x, x) * squaredNorm(y, y));
        assertEquals(expected, Cka.linear(x, y), 1e-12);
    }

    @Test
    void isInvariantToRotationScalingAndTranslation() {
        var x = TestPoints.clouds(100, 2, 2, 3, 5);
        float[] moved = new float[200];
        for (int i = 0; i < 200; i += 2) {
            moved[i] = 3 * (0.6f * x.values()[i] - 0.8f * x.values()[i + 1]) + 7;
            moved[i + 1] = 3 * (0.8f * x.values()[i] + 0.6f * x.values()[i + 1]) - 2;
        }
        var y = new Embeddings(100, 2, moved);
        assertEquals(1, Cka.linear(x, y), 1e-6);
        assertEquals(1, Cka.rbf(x, y, 0.5), 1e-6);
    }

    @Test
    void unrelatedSpacesAreFarFromOne() {
        var x = TestPoints.clouds(600, 3, 1, 0, 8);
        var y = TestPoints.clouds(600, 3, 1, 0, 9);
        assertTrue(Cka.linear(x, y) < 0.05);
        assertTrue(Cka.rbf(x, y, 0.8) < 0.1);
    }

    @Test
    void refusesCoincidingPointsAndDifferentCounts() {
        var same = new Embeddings(3, 1, new float[] {1, 1, 1});
        assertThrows(UserException.class, () -> Cka.rbf(same, same, 0.5));
        assertThrows(UserException.class, () -> Cka.linear(same, new Embeddings(2, 1, new float[2])));
    }

    private static double squaredNorm(Embeddings x, Embeddings y) {
        double[] meanX = Pairwise.columnMeans(x);
        double[] meanY = Pairwise.columnMeans(y);
        double total = 0;
        for (int a = 0; a < x.dim(); a++) {
            for (int b = 0; b < y.dim(); b++) {
                double cross = 0;
                for (int i = 0; i < x.rows(); i++) {
                    cross += (x.values()[i * x.dim() + a] - meanX[a]) * (y.values()[i * y.dim() + b] - meanY[b]);
                }
                total += cross * cross;
            }
        }
        return total;
    }
}
