package org.jclap.tensor.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files end in rows or in one clear error, and never ask for memory that the file does not back. */
final class NpyFuzzTest {
    private static final int FILES = 3000;
    private static final long FIXED_ALLOCATION = 1 << 20;
    private static final int HEADER_BYTES = 75;

    @TempDir
    Path folder;

    @Test
    void damagedFilesAreRowsOrAnError() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int read = 0;
        for (int seed = 0; seed < FILES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 3), }".formatted(random.nextInt(5));
            byte[] good = NpyBytes.file(random.nextInt(1, 4), header, new byte[24]);
            byte[] bytes = Mutation.of(good, HEADER_BYTES, random);
            // A new name each time: some file systems flush a file that is overwritten.
            Path path = folder.resolve("fuzz-%d.npy".formatted(seed));
            Files.write(path, bytes);
            long before = threads.getCurrentThreadAllocatedBytes();
            read += isRead(path, seed) ? 1 : 0;
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(
                    allocated <= FIXED_ALLOCATION + 64L * bytes.length,
                    "seed %d: %d bytes allocated for a file of %d".formatted(seed, allocated, bytes.length));
        }
        assertFalse(read == 0 || read == FILES, read + " files were readable: the damage has no range");
    }

    private static boolean isRead(Path path, int seed) {
        try {
            NpyFile file = NpyFile.read(path);
            assertEquals(file.rows() * file.columns(), file.floats().length, "seed " + seed);
            return true;
        } catch (UserException e) {
            assertTrue(e.getMessage().contains(path.toString()), "seed " + seed + ": " + e.getMessage());
            return false;
        } catch (RuntimeException e) {
            return fail("seed " + seed, e);
        }
    }
}
