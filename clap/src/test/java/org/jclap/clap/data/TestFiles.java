package org.jclap.clap.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.function.Executable;

/** Writes small data sets in their published layouts, and checks error messages. */
final class TestFiles {
    private TestFiles() {}

    static Path write(Path file, String content, Charset charset) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content, charset);
    }

    static Path write(Path file, String content) throws IOException {
        return write(file, content, StandardCharsets.UTF_8);
    }

    /** Files that exist; layouts never open audio. */
    static void audio(Path folder, String... names) throws IOException {
        for (var name : names) {
            write(folder.resolve(name), "audio");
        }
    }

    static void rejects(Executable action, String... expected) {
        var message = assertThrows(UserException.class, action).getMessage();
        for (var part : expected) {
            assertTrue(message.contains(part), () -> "\"" + message + "\" does not contain \"" + part + "\"");
        }
    }
}
