package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class TsneTest {
    @Test
    void keepsSeparateCloudsApart() {
        long seed = 31;
        var points = TestPoints.clouds(150, 20, 3, 12, seed);
        var layout = Tsne.usual(Metric.EUCLIDEAN, 150, seed).fit(points);
        double separation = Silhouette.of(plane(layout), TestPoints.cloudLabels(150, 3), Metric.EUCLIDEAN)
                .mean();
        assertTrue(separation > 0.7, "seed " + seed + ": silhouette of the map " + separation);
        assertTrue(layout.divergence() > 0 && layout.divergence() < 1, "divergence " + layout.divergence());
    }

    @Test
    void keepsNeighboursOfACurve() {
        float[] values = new float[3 * 120];
        for (int i = 0; i < 120; i++) {
            double angle = i * 2 * Math.PI / 120;
            values[3 * i] = (float) Math.cos(angle);
            values[3 * i + 1] = (float) Math.sin(angle);
            values[3 * i + 2] = (float) Math.sin(2 * angle);
        }
        var curve = new Embeddings(120, 3, values);
        var layout = new Tsne(Metric.EUCLIDEAN, 10, 12, 600, 1).fit(curve);
        assertTrue(Nngs.of(curve, plane(layout), 4, Metric.EUCLIDEAN).mean() > 0.6);
    }

    @Test
    void isTheSameForAnyNumberOfThreads() throws Exception {
        var points = TestPoints.clouds(140, 6, 2, 3, 4);
        var settings = new Tsne(Metric.COSINE, 12, 12, 120, 9);
        var one = TestPoints.withThreads(1, () -> settings.fit(points));
        var many = TestPoints.withThreads(4, () -> settings.fit(points));
        assertArrayEquals(one.x(), many.x());
        assertArrayEquals(one.y(), many.y());
        assertEquals(one.divergence(), many.divergence());
    }

    @Test
    void pointsWithoutClustersFillTheMap() {
        long seed = 12;
        var layout = new Tsne(Metric.EUCLIDEAN, 30, 12, 600, seed).fit(TestPoints.clouds(400, 200, 1, 0, seed));
        double spread = Arrays.stream(layout.x()).map(Math::abs).average().orElseThrow();
        assertTrue(spread > 1, "seed " + seed + ": mean distance from the centre " + spread);
    }

    @Test
    void coincidingPointsStayFinite() {
        var layout = new Tsne(Metric.EUCLIDEAN, 3, 12, 300, 2).fit(new Embeddings(10, 2, new float[20]));
        assertTrue(Arrays.stream(layout.x()).allMatch(Double::isFinite));
        assertTrue(Arrays.stream(layout.y()).allMatch(Double::isFinite));
        assertTrue(Double.isFinite(layout.divergence()));
    }

    @Test
    void componentsFollowTheVariance() {
        float[] values = new float[2 * 50];
        for (int i = 0; i < 50; i++) {
            values[2 * i] = i % 2 == 0 ? 0.5f : -0.5f;
            values[2 * i + 1] = 10 + i;
        }
        double[][] scores = PrincipalComponents.scores(new Embeddings(50, 2, values), 2, 3);
        assertEquals(49, Math.abs(scores[0][49] - scores[0][0]), 0.1);
        assertEquals(1, Math.abs(scores[1][1] - scores[1][0]), 0.1);
    }

    @Test
    void refusesMoreNeighboursThanPoints() {
        var points = new Embeddings(3, 1, new float[] {1, 2, 3});
        var tooMany = new Tsne(Metric.EUCLIDEAN, 3, 12, 10, 1);
        assertThrows(UserException.class, () -> tooMany.fit(points));
        assertThrows(UserException.class, () -> new Tsne(Metric.EUCLIDEAN, 0.5, 12, 10, 1));
    }

    private static Embeddings plane(Tsne.Layout layout) {
        float[] values = new float[2 * layout.x().length];
        for (int i = 0; i < layout.x().length; i++) {
            values[2 * i] = (float) layout.x()[i];
            values[2 * i + 1] = (float) layout.y()[i];
        }
        return new Embeddings(layout.x().length, 2, values);
    }
}
