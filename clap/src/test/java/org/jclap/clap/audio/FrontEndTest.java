package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontEndTest {
    @Test
    void fingerprintsAreStable() {
        assertEquals("44100 Hz, window 1024, hop 320, 64 mel 50-14000 Hz", FrontEnd.CLAP.fingerprint());
        assertEquals("32000 Hz, window 1024, hop 320, 64 mel 50-14000 Hz", FrontEnd.PANNS_32K.fingerprint());
        assertEquals("16000 Hz, window 512, hop 160, 64 mel 50-8000 Hz", FrontEnd.PANNS_16K.fingerprint());
        assertEquals(
                "8000 Hz, window 64, hop 32, 8 mel 0.5-3999.25 Hz",
                new FrontEnd(8000, 64, 32, 8, 0.5, 3999.25).fingerprint());
    }

    @Test
    void countsTheFramesOfPublishedClips() {
        assertEquals(690, FrontEnd.CLAP.frames(FrontEnd.CLAP.samples(5)));
        assertEquals(965, FrontEnd.CLAP.frames(FrontEnd.CLAP.samples(7)));
        assertEquals(1001, FrontEnd.PANNS_32K.frames(FrontEnd.PANNS_32K.samples(10)));
        assertEquals(257, FrontEnd.PANNS_16K.bins());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1024, 320, 64, 50, 14000, sampleRate",
        "44100, 1028, 320, 64, 50, 14000, windowSize",
        "44100, 2, 1, 1, 50, 14000, windowSize",
        "44100, 1024, 0, 64, 50, 14000, hop",
        "44100, 1024, 2000, 64, 50, 14000, hop",
        "44100, 1024, 320, 0, 50, 14000, mels",
        "44100, 1024, 320, 64, 14000, 14000, fMin",
        "44100, 1024, 320, 64, NaN, 14000, fMin",
        "16000, 1024, 320, 64, 50, 14000, fMax",
    })
    void namesTheFieldThatIsWrong(int rate, int window, int hop, int mels, double fMin, double fMax, String field) {
        String message = assertThrows(UserException.class, () -> new FrontEnd(rate, window, hop, mels, fMin, fMax))
                .getMessage();
        assertTrue(message.startsWith("front end: " + field), message);
    }
}
