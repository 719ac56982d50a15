package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class RetrievalTest {
    /** Row r scores column c with -(c): column c has rank c. */
    private static ScoreMatrix descending(int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = -(i % columns);
        }
        return new ScoreMatrix(rows, columns, values);
    }

    @Test
    void scoresOneRightAnswerPerQuery() {
        var result = Retrieval.single(descending(4, 20), new int[] {0, 3, 9, 14});
        assertEquals(new Retrieval(4, 7.5, 7, 0.25, 0.5, 0.75, (1 + 1.0 / 4 + 1.0 / 10) / 4), result);
    }

    @Test
    void takesTheBestOfSeveralCaptionsAndCountsAllInThePrecision() {
        int[] owners = IntStream.range(0, 20).map(c -> c % 2).toArray();
        // query 0 finds its ten captions at ranks 0, 2, .. 18, query 1 at 1, 3, .. 19
        var result = Retrieval.bestOf(descending(2, 20), owners);
        double first = (1 + 2.0 / 3 + 3.0 / 5 + 4.0 / 7 + 5.0 / 9) / 10;
        double second = (1.0 / 2 + 2.0 / 4 + 3.0 / 6 + 4.0 / 8 + 5.0 / 10) / 10;
        assertEquals(1.5, result.meanRank());
        assertEquals(0.5, result.recallAt1());
        assertEquals(1, result.recallAt5());
        assertEquals((first + second) / 2, result.mapAt10(), 1e-12);
    }

    @Test
    void ofEqualScoresTheLowerColumnRanksFirst() {
        var scores = new ScoreMatrix(1, 3, new float[] {1, 1, 1});
        assertEquals(2, scores.rank(0, 2));
        assertEquals(0, scores.rank(0, 0));
        assertEquals(0, scores.argmax(0));
    }

    @Test
    void selectsByTheMeanOfBothDirections() {
        var good = Retrieval.single(descending(1, 4), new int[] {0});
        var fair = Retrieval.single(descending(1, 4), new int[] {1});
        assertEquals(0.75, Retrieval.selectionScore(good, fair));
    }

    @Test
    void refusesAnswersThatDoNotExist() {
        assertThrows(UserException.class, () -> Retrieval.single(descending(1, 3), new int[] {3}));
        assertThrows(UserException.class, () -> Retrieval.bestOf(descending(2, 3), new int[] {0, 0, 0}));
    }
}
