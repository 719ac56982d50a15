package org.jclap.clap.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StagesTest {
    @TempDir
    private Path out = Path.of("");

    private final List<String> announced = new ArrayList<>();

    private record Settings(long size, double share) {}

    private record Outcome(int value, double undefined) {}

    private Stages open(int size) {
        return Stages.open(out, new Settings(size, 0.5), announced::add);
    }

    @Test
    void refusesAFolderThatHoldsSomethingElse() throws IOException {
        Files.writeString(out.resolve("thesis.txt"), "years of work");
        var error = assertThrows(UserException.class, () -> open(1));
        assertTrue(String.valueOf(error.getMessage()).contains("--out"), error::getMessage);
    }

    @Test
    void skipsACompleteStageAndKeepsItsResult() {
        var first = open(1).run("a", Outcome.class, _ -> new Outcome(7, Double.NaN));
        var second = open(1).run("a", Outcome.class, _ -> new Outcome(8, 0));
        assertEquals(first, second);
        assertEquals(List.of("a", "a: done before"), announced);
    }

    @Test
    void doesAStageAgainUnderAnotherConfiguration() {
        open(1).run("a", Outcome.class, _ -> new Outcome(7, 0));
        assertEquals(new Outcome(8, 0), open(2).run("a", Outcome.class, _ -> new Outcome(8, 0)));
    }

    @Test
    void startsAnInterruptedStageInAnEmptyFolder() {
        assertThrows(
                IllegalStateException.class,
                () -> open(1).run("a", Outcome.class, folder -> {
                    try {
                        Files.writeString(folder.resolve("half"), "");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                    throw new IllegalStateException("interrupted");
                }));
        open(1).run("a", Outcome.class, folder -> {
            assertFalse(Files.exists(folder.resolve("half")));
            return new Outcome(1, 0);
        });
    }
}
