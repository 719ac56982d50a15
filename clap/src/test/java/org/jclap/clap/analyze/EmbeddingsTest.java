package org.jclap.clap.analyze;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class EmbeddingsTest {
    @Test
    void classMeansAverageTheRowsOfEachClass() {
        var points = new Embeddings(3, 2, new float[] {1, 2, 10, 20, 3, 6});
        assertArrayEquals(
                new float[] {2, 4, 10, 20},
                points.classMeans(new int[] {0, 1, 0}, 2).values());
    }

    @Test
    void namesThePlaceOfAValueThatIsNotFinite() {
        var error = assertThrows(UserException.class, () -> new Embeddings(2, 2, new float[] {1, 2, 3, Float.NaN}));
        assertTrue(error.getMessage().contains("row 1, column 1 is NaN"), error.getMessage());
    }

    @Test
    void refusesSizesThatDoNotFitTheValues() {
        assertThrows(UserException.class, () -> new Embeddings(2, 2, new float[3]));
        assertThrows(UserException.class, () -> new Embeddings(0, 2, new float[0]));
        assertThrows(UserException.class, () -> new ScoreMatrix(1 << 20, 1 << 20, new float[0]));
    }

    @Test
    void refusesLabelsThatDoNotFit() {
        var points = new Embeddings(2, 1, new float[] {1, 2});
        assertThrows(UserException.class, () -> points.classMeans(new int[] {0, 2}, 2));
        assertThrows(UserException.class, () -> points.classMeans(new int[] {0, 0}, 2));
        assertThrows(UserException.class, () -> points.classMeans(new int[] {0}, 1));
    }
}
