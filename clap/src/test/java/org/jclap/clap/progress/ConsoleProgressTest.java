package org.jclap.clap.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ConsoleProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void withoutATerminalATaskEndsInOneLine() {
        try (Progress.Task task = new ConsoleProgress(out, false).begin("embedding", "clips", 10)) {
            task.advance(3);
            task.advance(4, "loss 0.5");
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(1, text.lines().count(), text);
        assertTrue(text.startsWith("embedding: 7/10 clips, "), text);
        assertTrue(text.strip().endsWith("loss 0.5"), text);
    }

    @Test
    void aTaskThatDidNothingSaysNothing() {
        new ConsoleProgress(out, false).begin("nothing", "clips", 0).close();
        assertEquals(0, bytes.size());
    }

    @Test
    void silenceIsSilent() {
        try (Progress.Task task = Progress.silent().begin("nothing", "clips", 5)) {
            task.advance(5);
        }
        assertEquals(0, bytes.size());
    }
}
