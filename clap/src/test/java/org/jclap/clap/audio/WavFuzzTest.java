package org.jclap.clap.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files end in audio or in one clear error, and never ask for memory that the file does not back. */
class WavFuzzTest {
    private static final int FILES = 6000;

    /** Streams, messages and loaded classes, beside what follows the size of the file. */
    private static final long FIXED_ALLOCATION = 1 << 20;

    private static final int[] INTERESTING = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff};

    @TempDir
    Path folder;

    @Test
    void damagedFilesAreAudioOrAnError() throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Path path = folder.resolve("fuzz.wav");
        int read = 0;
        for (int seed = 0; seed < FILES; seed++) {
            byte[] bytes = damaged(new SplittableRandom(seed));
            Files.write(path, bytes);
            long before = threads.getCurrentThreadAllocatedBytes();
            read += outcome(path, seed) ? 1 : 0;
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(
                    allocated <= FIXED_ALLOCATION + 16L * bytes.length,
                    "seed %d: %d bytes allocated for a file of %d".formatted(seed, allocated, bytes.length));
        }
        assertFalse(read == 0 || read == FILES, read + " files were readable: the damage has no range");
    }

    private static boolean outcome(Path path, int seed) {
        try {
            Waveform wave = WavFile.read(path);
            assertTrue(wave.samples().length > 0 && wave.sampleRate() > 0, "seed " + seed);
            for (float sample : wave.samples()) {
                assertTrue(Float.isFinite(sample), "seed " + seed);
            }
            assertEquals(WavFile.header(path).frames(), wave.samples().length, "seed " + seed);
            return true;
        } catch (UserException e) {
            assertTrue(e.getMessage().contains(path.toString()), "seed " + seed + ": " + e.getMessage());
            return false;
        } catch (RuntimeException e) {
            return fail("seed " + seed, e);
        }
    }

    private static byte[] damaged(SplittableRandom random) {
        byte[] bytes = sound(random);
        int changes = random.nextInt(1, 5);
        for (int i = 0; i < changes; i++) {
            int position = random.nextInt(Math.min(bytes.length, 100));
            bytes[position] = (byte)
                    (random.nextBoolean() ? random.nextInt(256) : INTERESTING[random.nextInt(INTERESTING.length)]);
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private static byte[] sound(SplittableRandom random) {
        byte[] data = new byte[random.nextInt(0, 2000)];
        random.nextBytes(data);
        SampleFormat format = List.of(SampleFormat.values()).get(random.nextInt(SampleFormat.values().length));
        int channels = random.nextInt(1, 4);
        int bits = 8 * format.bytes();
        WavBytes file = new WavBytes().riff(data.length + 36);
        if (random.nextBoolean()) {
            file.chunk("LIST", new byte[random.nextInt(12)]);
        }
        if (random.nextBoolean()) {
            file.format(format.tag(), channels, 44_100, bits);
        } else {
            file.extensibleFormat(format.tag(), channels, 44_100, bits, bits);
        }
        return file.chunk("data", data).bytes();
    }
}
