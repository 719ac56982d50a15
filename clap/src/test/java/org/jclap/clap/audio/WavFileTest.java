package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WavFileTest {
    private static final byte[] TWO_FRAMES = WavBytes.of(0, 0x40, 0, 0xC0);

    @TempDir
    Path folder;

    private Path save(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("a.wav"), bytes);
    }

    private float[] samples(byte[] bytes) throws IOException {
        return WavFile.read(save(bytes)).samples();
    }

    private void assertRefused(byte[] bytes, String... parts) throws IOException {
        Path path = save(bytes);
        String message =
                assertThrows(UserException.class, () -> WavFile.read(path)).getMessage();
        assertTrue(message.contains(path.toString()), message);
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void decodesUnsigned8Bit() throws IOException {
        byte[] data = WavBytes.of(0, 64, 128, 192, 255);
        assertArrayEquals(new float[] {-1, -0.5f, 0, 0.5f, 127 / 128f}, samples(WavBytes.file(1, 1, 8000, 8, data)));
    }

    @Test
    void decodes16Bit() throws IOException {
        byte[] data = WavBytes.of(0, 0x80, 0, 0xC0, 0, 0, 1, 0, 0xFF, 0x7F);
        assertArrayEquals(
                new float[] {-1, -0.5f, 0, 1 / 32768f, 32767 / 32768f}, samples(WavBytes.file(1, 1, 8000, 16, data)));
    }

    @Test
    void decodes24Bit() throws IOException {
        byte[] data = WavBytes.of(0, 0, 0x80, 0, 0, 0xC0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F);
        assertArrayEquals(
                new float[] {-1, -0.5f, 1 / 8388608f, -1 / 8388608f, 8388607 / 8388608f},
                samples(WavBytes.file(1, 1, 8000, 24, data)));
    }

    @Test
    void decodes32Bit() throws IOException {
        byte[] data = WavBytes.of(0, 0, 0, 0x80, 0, 0, 0, 0xC0, 0, 1, 0, 0, 0, 0, 0, 0x60);
        assertArrayEquals(new float[] {-1, -0.5f, 1 / 8388608f, 0.75f}, samples(WavBytes.file(1, 1, 8000, 32, data)));
    }

    @Test
    void decodesFloatsUnchangedEvenBeyondFullScale() throws IOException {
        // 0x3F000000 = 0.5, 0xC0200000 = -2.5
        byte[] single = WavBytes.of(0, 0, 0, 0x3F, 0, 0, 0x20, 0xC0);
        assertArrayEquals(new float[] {0.5f, -2.5f}, samples(WavBytes.file(3, 1, 8000, 32, single)));
        // 0x3FE0000000000000 = 0.5, 0xBFD0000000000000 = -0.25
        byte[] twice = WavBytes.of(0, 0, 0, 0, 0, 0, 0xE0, 0x3F, 0, 0, 0, 0, 0, 0, 0xD0, 0xBF);
        assertArrayEquals(new float[] {0.5f, -0.25f}, samples(WavBytes.file(3, 1, 8000, 64, twice)));
    }

    @Test
    void decodes20BitsInA24BitContainer() throws IOException {
        byte[] file = new WavBytes()
                .riff(0)
                .extensibleFormat(1, 1, 8000, 24, 20)
                .chunk("data", WavBytes.of(0, 0, 0x40))
                .bytes();
        assertArrayEquals(new float[] {0.5f}, samples(file));
    }

    @Test
    void decodesExtensibleFloat() throws IOException {
        byte[] file = new WavBytes()
                .riff(0)
                .extensibleFormat(3, 2, 48_000, 32, 32)
                .chunk("data", WavBytes.of(0, 0, 0x80, 0x3F, 0, 0, 0, 0))
                .bytes();
        Waveform wave = WavFile.read(save(file));
        assertArrayEquals(new float[] {0.5f}, wave.samples());
        assertEquals(48_000, wave.sampleRate());
    }

    @Test
    void averagesStereoInsteadOfFlatteningIt() throws IOException {
        // Frames (0.5, -0.5), (0.5, 0.25)
        byte[] data = WavBytes.of(0, 0x40, 0, 0xC0, 0, 0x40, 0, 0x20);
        assertArrayEquals(new float[] {0, 0.375f}, samples(WavBytes.file(1, 2, 44_100, 16, data)));
    }

    @Test
    void averagesSixChannels() throws IOException {
        byte[] data = WavBytes.of(128, 128, 128, 128, 128, 224);
        assertArrayEquals(new float[] {0.125f}, samples(WavBytes.file(1, 6, 44_100, 8, data)));
    }

    @Test
    void skipsUnknownChunksWithTheirPadding() throws IOException {
        byte[] file = new WavBytes()
                .riff(0)
                .chunk("JUNK", new byte[28])
                .format(1, 1, 8000, 16)
                .chunk("LIST", new byte[7])
                .chunk("data", TWO_FRAMES)
                .chunk("id3 ", new byte[5])
                .bytes();
        assertArrayEquals(new float[] {0.5f, -0.5f}, samples(file));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xFFFF_FFFFL})
    void readsStreamedFilesToTheirEnd(long declared) throws IOException {
        byte[] file = new WavBytes()
                .riff(declared)
                .format(1, 1, 8000, 16)
                .text("data")
                .number(declared, 4)
                .append(TWO_FRAMES)
                .raw(9)
                .bytes();
        assertArrayEquals(new float[] {0.5f, -0.5f}, samples(file));
    }

    @Test
    void readsRf64() throws IOException {
        byte[] file = new WavBytes()
                .text("RF64")
                .number(0xFFFF_FFFFL, 4)
                .text("WAVEds64")
                .number(28, 4)
                .number(80, 8)
                .number(4, 8)
                .number(2, 8)
                .number(0, 4)
                .format(1, 1, 8000, 16)
                .text("data")
                .number(0xFFFF_FFFFL, 4)
                .append(TWO_FRAMES)
                .chunk("LIST", new byte[8])
                .bytes();
        assertArrayEquals(new float[] {0.5f, -0.5f}, samples(file));
    }

    @Test
    void saysHowMuchOfATruncatedFileIsMissing() throws IOException {
        byte[] file = WavBytes.file(1, 1, 8000, 16, new byte[1000]);
        assertRefused(Arrays.copyOf(file, 44 + 300), "cut short", "1000 bytes", "300 follow");
    }

    @Test
    void refusesWhatIsNotReadableAudio() throws IOException {
        assertRefused(new byte[0], "0 bytes");
        assertRefused(new byte[64], "RIFF");
        assertRefused(new WavBytes().riff(4).bytes(), "no data chunk");
        assertRefused(new WavBytes().riff(0).chunk("data", TWO_FRAMES).bytes(), "before any 'fmt '");
        assertRefused(WavBytes.file(1, 1, 8000, 16, new byte[0]), "no samples");
        assertRefused(WavBytes.file(1, 0, 8000, 16, TWO_FRAMES), "0 channels");
        assertRefused(WavBytes.file(1, 1, 0, 16, TWO_FRAMES), "declares 0 Hz");
        assertRefused(WavBytes.file(1, 1, -1, 16, TWO_FRAMES), "declares 4294967295 Hz");
        assertRefused(WavBytes.file(0x11, 2, 8000, 4, TWO_FRAMES), "0x0011", "ffmpeg");
        assertRefused(WavBytes.file(3, 1, 8000, 16, TWO_FRAMES), "0x0003, 16 bits");
        assertRefused(
                new WavBytes().riff(0).text("LIST").number(99, 4).raw(1, 2).bytes(), "LIST", "99", "2 are left");
        assertRefused(new WavBytes().riff(0).append(new byte[16]).bytes(), "no chunk name at byte 12");
    }

    @Test
    void refusesSamplesThatAreNoNumbers() throws IOException {
        byte[] data = WavBytes.of(0, 0, 0, 0, 0, 0, 0xC0, 0x7F);
        assertRefused(WavBytes.file(3, 1, 8000, 32, data), "frame 1 is NaN");
    }

    @Test
    void namesAMissingFile() {
        Path path = folder.resolve("none.wav");
        String message =
                assertThrows(UserException.class, () -> WavFile.read(path)).getMessage();
        assertEquals("cannot read %s: there is no such file".formatted(path), message);
    }

    @Test
    void headerTellsTheDurationWithoutTheSamples() throws IOException {
        byte[] data = new byte[6 * 12_000];
        WavHeader header = WavFile.header(save(WavBytes.file(1, 2, 48_000, 24, data)));
        assertEquals(new WavHeader(SampleFormat.PCM_24, 2, 48_000, 44, 12_000), header);
        assertEquals(0.25, header.seconds());
    }

    @Test
    void readsASectionAndNothingBehindTheEnd() throws IOException {
        byte[] data = new byte[200_000];
        new SplittableRandom(5).nextBytes(data);
        Path path = save(WavBytes.file(1, 2, 8000, 16, data));
        float[] whole = WavFile.read(path).samples();
        assertEquals(50_000, whole.length);
        assertArrayEquals(
                Arrays.copyOfRange(whole, 17, 40_017),
                WavFile.read(path, 17, 40_000).samples());
        assertArrayEquals(
                Arrays.copyOfRange(whole, 49_999, 50_000),
                WavFile.read(path, 49_999, 1).samples());
        String message = assertThrows(UserException.class, () -> WavFile.read(path, 49_999, 2))
                .getMessage();
        assertTrue(message.contains("it has 50000"), message);
    }

    @Test
    void writesThe16BitBytesOfTheSpecification() throws IOException {
        Path path = folder.resolve("new/out.wav");
        WavFile.write(path, 22_050, SampleFormat.PCM_16, new float[] {0.5f, 2}, new float[] {-0.5f, -2});
        byte[] data = WavBytes.of(0, 0x40, 0, 0xC0, 0xFF, 0x7F, 0, 0x80);
        assertArrayEquals(WavBytes.file(1, 2, 22_050, 16, data), Files.readAllBytes(path));
    }

    @Test
    void padsAnOddDataChunk() throws IOException {
        Path path = folder.resolve("odd.wav");
        WavFile.write(path, 8000, SampleFormat.PCM_24, new float[] {-0.5f});
        byte[] expected = new WavBytes()
                .riff(40)
                .format(1, 1, 8000, 24)
                .chunk("data", WavBytes.of(0, 0, 0xC0))
                .bytes();
        assertArrayEquals(expected, Files.readAllBytes(path));
    }

    @ParameterizedTest
    @EnumSource(SampleFormat.class)
    void roundTripsWithinHalfAStep(SampleFormat format) {
        Path path = folder.resolve("round.wav");
        var random = new SplittableRandom(11);
        float[] left = new float[40_001];
        float[] right = new float[40_001];
        for (int i = 0; i < left.length; i++) {
            left[i] = random.nextFloat(-0.99f, 0.99f);
            right[i] = random.nextFloat(-0.99f, 0.99f);
        }
        WavFile.write(path, 44_100, format, left, right);
        float[] mono = WavFile.read(path).samples();
        double tolerance = format.tag() == SampleFormat.IEEE_FLOAT ? 0 : Math.scalb(0.5, 1 - 8 * format.bytes());
        for (int i = 0; i < mono.length; i++) {
            float mean = (float) (((double) left[i] + right[i]) / 2);
            assertEquals(mean, mono[i], tolerance + 0x1p-24 * Math.abs(mean), "seed 11, frame " + i);
        }
    }

    @Test
    void refusesChannelsOfUnequalLength() {
        Path path = folder.resolve("bad.wav");
        assertThrows(
                IllegalArgumentException.class,
                () -> WavFile.write(path, 8000, SampleFormat.PCM_16, new float[3], new float[4]));
    }
}
