package org.jclap.tensor.io;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files end in tensors or in one clear error, and never ask for memory that the file does not back. */
final class SafetensorsFuzzTest {
    private static final int FILES = 3000;

    /** Maps, messages and loaded classes, beside what follows the size of the file. */
    private static final long FIXED_ALLOCATION = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void damagedFilesAreTensorsOrAnError() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] good = good();
        long header = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int read = 0;
        for (int seed = 0; seed < FILES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = Mutation.of(good, 8 + (int) header, random);
            if (random.nextInt(3) > 0) {
                // Otherwise most damage would end at the length, and none would reach the parser.
                Mutation.withLength(bytes, header + bytes.length - good.length);
            }
            // A new name each time: some file systems flush a file that is overwritten.
            Path path = folder.resolve("fuzz-%d.safetensors".formatted(seed));
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
            Safetensors file = Safetensors.read(path);
            for (String name : file.names()) {
                readTensor(file, name, seed);
            }
            return true;
        } catch (UserException e) {
            assertTrue(e.getMessage().contains(path.toString()), "seed " + seed + ": " + e.getMessage());
            return false;
        } catch (RuntimeException e) {
            return fail("seed " + seed, e);
        }
    }

    private static void readTensor(Safetensors file, String name, int seed) {
        try {
            int length = file.elements(name).length();
            assertTrue(length == file.entry(name).shape().size(), "seed " + seed);
        } catch (UserException e) {
            // A format such as U8, which the header may have and jclap does not compute with.
            assertTrue(e.getMessage().contains("'" + name + "'"), "seed " + seed + ": " + e.getMessage());
        }
    }

    private byte[] good() throws IOException {
        Path path = folder.resolve("good.safetensors");
        List<Safetensors.Item> items = List.of(
                item("a", DType.F32, Shape.of(2, 3)),
                item("layer.0.\"b\"", DType.F16, Shape.of(5)),
                item("c", DType.I64, Shape.of()));
        Safetensors.write(path, Map.of("format", "x", "k\u00e9\n", "\\"), items);
        return Files.readAllBytes(path);
    }

    private static Safetensors.Item item(String name, DType dtype, Shape shape) {
        return new Safetensors.Item(name, new TensorType(shape, dtype), () -> HostStorage.create(dtype, shape.size()));
    }
}
