package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NngsTest {
    private static final Embeddings X = new Embeddings(6, 2, TestPoints.CLUSTERS);
    private static final Embeddings Y =
            new Embeddings(6, 2, new float[] {0, 0.1f, 1.1f, 0, 4, 4.3f, 5, 5.9f, 0.3f, 1.6f, 2.5f, 2.2f});

    /** Values of the authors' library. */
    @ParameterizedTest
    @CsvSource({"1, 0.333333, 0.111111", "2, 0.222222, 0.25", "3, 0.483333, 0.428571"})
    void matchesTheReference(int k, double similarity, double chance) {
        var result = Nngs.of(X, Y, k, Metric.EUCLIDEAN);
        assertEquals(similarity, result.mean(), 1e-6);
        assertEquals(chance, result.chance(), 1e-6);
    }

    @Test
    void aSpaceIsEntirelySimilarToItself() {
        var points = TestPoints.clouds(200, 9, 3, 2, 3);
        assertEquals(1, Nngs.of(points, points, 17, Metric.COSINE).mean());
    }

    @Test
    void unrelatedSpacesScoreAboutChance() {
        var result =
                Nngs.of(TestPoints.clouds(800, 6, 1, 0, 21), TestPoints.clouds(800, 8, 1, 0, 22), 20, Metric.EUCLIDEAN);
        assertEquals(result.chance(), result.mean(), 0.004);
    }

    @Test
    void ofEqualDistancesTheLowerIndexWins() {
        var points = new Embeddings(5, 1, new float[] {0, 1, -1, 1, -1});
        assertArrayEquals(new int[] {1, 2}, NearestNeighbours.of(points, Metric.EUCLIDEAN, 2)[0]);
        assertArrayEquals(new int[] {0, 3}, NearestNeighbours.of(points, Metric.EUCLIDEAN, 2)[1]);
    }

    @Test
    void aShareOfTheItemsGivesTheNeighbourCount() {
        assertEquals(200, Nngs.neighbours(0.1, 2000));
        assertEquals(1, Nngs.neighbours(0.01, 20));
        assertThrows(UserException.class, () -> Nngs.neighbours(1.5, 20));
    }

    @Test
    void refusesMoreNeighboursThanThereAreOthers() {
        assertThrows(UserException.class, () -> Nngs.of(X, Y, 6, Metric.EUCLIDEAN));
        assertThrows(UserException.class, () -> Nngs.of(X, Y, 0, Metric.EUCLIDEAN));
        assertThrows(UserException.class, () -> Nngs.of(X, new Embeddings(1, 1, new float[1]), 1, Metric.EUCLIDEAN));
    }
}
