package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MelBankTest {
    private static MelBank at(int rate) {
        return MelBank.slaney(new FrontEnd(rate, 1024, 320, 64, 50, 14_000));
    }

    /** Values of librosa's bank for 1024 samples, 64 bands from 50 to 14000 Hz. */
    @ParameterizedTest
    @CsvSource({
        "32000, 2.0481262, 866, 3, 0.01501181, 71, 0.00732629, 424, 0.00134121",
        "44100, 1.4852490, 629, 2, 0.01239815, 52, 0.00743222, 307, 0.00131702"
    })
    void equalsThePublishedBank(
            int rate, double sum, int nonZeros, int p0, double v0, int p31, double v31, int p63, double v63) {
        MelBank bank = at(rate);
        float[] matrix = bank.matrix();
        double actualSum = 0;
        int actualNonZeros = 0;
        for (float weight : matrix) {
            actualSum += weight;
            actualNonZeros += weight != 0 ? 1 : 0;
        }
        assertEquals(sum, actualSum, 1e-6);
        assertEquals(nonZeros, actualNonZeros);
        assertArrayEquals(new int[] {p0, p31, p63}, new int[] {bank.peakBin(0), bank.peakBin(31), bank.peakBin(63)});
        assertEquals(v0, matrix[p0], 1e-8);
        assertEquals(v31, matrix[31 * 513 + p31], 1e-8);
        assertEquals(v63, matrix[63 * 513 + p63], 1e-8);
    }

    @Test
    void checkpointMatrixIsTheTranspose() {
        MelBank bank = at(32_000);
        float[] melW = bank.transposed();
        assertEquals(bank.matrix()[31 * 513 + 71], melW[71 * 64 + 31]);
        assertArrayEquals(bank.matrix(), MelBank.ofTransposed(melW, 513, 64).matrix());
    }

    @Test
    void bandsAreTheMatrixWithoutItsZeros() {
        // Rows (0, 2, 3, 0), (1, 0, 0, 4), (0, 0, 0, 0), stored transposed.
        MelBank.Bands bands = MelBank.ofTransposed(new float[] {0, 1, 0, 2, 0, 0, 3, 0, 0, 0, 4, 0}, 4, 3)
                .bands();
        assertEquals(4, bands.width());
        assertArrayEquals(new int[] {1, 2, 0, 4, 4, 0}, bands.places());
        assertArrayEquals(new float[] {2, 3, 0, 0, 1, 0, 0, 4, 0, 0, 0, 0}, bands.weights());
    }

    @Test
    void refusesAMatrixOfAnotherSize() {
        assertThrows(IllegalArgumentException.class, () -> MelBank.ofTransposed(new float[10], 513, 64));
    }
}
