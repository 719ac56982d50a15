package org.jclap.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
    @TempDir
    Path folder;

    @Test
    void writesMoreThanItsBufferAndCreatesDirectories() throws IOException {
        byte[] content = new byte[3_000_001];
        new Random(1).nextBytes(content);
        Path file = folder.resolve("a/b/c.bin");
        AtomicFile.write(file, out -> {
            out.write(content, 0, 1_500_000);
            for (int i = 1_500_000; i < content.length; i++) {
                out.write(content[i]);
            }
        });
        assertArrayEquals(content, Files.readAllBytes(file));
        assertEquals(List.of("c.bin"), names(file.getParent()));
    }

    @Test
    void writesARelativeNameWithoutDirectory() throws IOException {
        Path file = Path.of("").toAbsolutePath().relativize(folder.resolve("x"));
        AtomicFile.write(file, out -> out.write(1));
        assertEquals(1, Files.size(folder.resolve("x")));
    }

    @Test
    void aFailureKeepsTheOldContentAndLeavesNothingBehind() throws IOException {
        Path file = folder.resolve("x.txt");
        Files.writeString(file, "old");
        UserException io = assertThrows(
                UserException.class,
                () -> AtomicFile.write(file, out -> {
                    out.write(new byte[2_000_000]);
                    throw new IOException("disk full");
                }));
        assertTrue(io.getMessage().contains(file.toString()) && io.getMessage().contains("disk full"), io.getMessage());

        RuntimeException bug = new IllegalStateException("bug");
        assertSame(
                bug,
                assertThrows(
                        IllegalStateException.class,
                        () -> AtomicFile.write(file, out -> {
                            out.write(1);
                            throw bug;
                        })));
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("x.txt"), names(folder));
    }

    @Test
    void theOldFileIsThereUntilTheNewOneIsComplete() throws IOException {
        Path file = folder.resolve("x.txt");
        Files.writeString(file, "old");
        AtomicFile.write(file, out -> {
            out.write("new".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            out.flush();
            assertEquals("old", Files.readString(file));
        });
        assertEquals("new", Files.readString(file));
    }

    @Test
    void writesOfOneFileWithinAnotherDoNotMeet() throws IOException {
        Path file = folder.resolve("x.txt");
        AtomicFile.write(file, outer -> {
            outer.write('o');
            AtomicFile.write(file, inner -> inner.write('i'));
            outer.write('o');
        });
        assertEquals("oo", Files.readString(file));
        assertEquals(List.of("x.txt"), names(folder));
    }

    @Test
    void aFileInPlaceOfADirectoryIsNamed() throws IOException {
        Path obstacle = Files.writeString(folder.resolve("file"), "x");
        Path target = obstacle.resolve("sub").resolve("x.txt");
        String message = message(target);
        assertTrue(message.contains(target.toString()) && message.contains("not a directory"), message);
    }

    @Test
    void aDirectoryInPlaceOfTheFileIsNamed() throws IOException {
        Path target = folder.resolve("directory");
        Files.createDirectories(target.resolve("inside"));
        String message = message(target);
        assertTrue(message.contains("directory"), message);
        assertEquals(List.of("directory"), names(folder));
    }

    private static String message(Path target) {
        return String.valueOf(assertThrows(UserException.class, () -> AtomicFile.write(target, out -> out.write(1)))
                .getMessage());
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
