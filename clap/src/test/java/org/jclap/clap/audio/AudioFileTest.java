package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AudioFileTest {
    @TempDir
    Path folder;

    @Test
    void loadsByContentAtTheTargetRate() {
        Path path = folder.resolve("clip.bin");
        float[] wave = {0.5f, -0.25f, 0.125f, 0};
        WavFile.write(path, 22_050, SampleFormat.FLOAT_32, wave);
        assertArrayEquals(wave, AudioFile.load(path, 22_050).samples());
        Waveform twice = AudioFile.load(path, 44_100);
        assertEquals(44_100, twice.sampleRate());
        assertArrayEquals(Resampler.of(22_050, 44_100).apply(wave), twice.samples());
        assertEquals(4, AudioFile.header(path).frames());
    }

    @ParameterizedTest
    @CsvSource({
        "fLaC0000, FLAC",
        "OggS0000, Ogg",
        "ID3_0000, MP3",
        "\u00ff\u00fb00, MP3",
        "FORM0000AIFF, AIFF",
        "0000ftypM4A_, MP4",
        "RIFF0000AVI_, unknown",
        "'', empty"
    })
    void namesTheFormatAndTheRemedy(String content, String kind) throws IOException {
        Path path = folder.resolve("clip.wav");
        Files.write(path, content.getBytes(StandardCharsets.ISO_8859_1));
        String message = assertThrows(UserException.class, () -> AudioFile.load(path, 44_100))
                .getMessage();
        assertTrue(message.contains(kind), message);
        assertTrue(message.contains("ffmpeg -i " + path + " out.wav"), message);
    }

    @Test
    void namesAMissingFile() {
        Path path = folder.resolve("none.wav");
        String message = assertThrows(UserException.class, () -> AudioFile.load(path, 44_100))
                .getMessage();
        assertTrue(message.endsWith("there is no such file"), message);
    }
}
