package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunLogTest {
    @TempDir
    Path folder;

    @Test
    void aResumedRunTakesOutWhatWillComeAgainAndATornLine() throws IOException {
        try (RunLog log = new RunLog(folder, 0)) {
            for (int step = 0; step < 6; step++) {
                log.record("train", 0, step, Map.of("loss", 1.0));
                if (step % 2 == 1) {
                    log.record("validation", step / 2 + 1, step + 1, Map.of("loss", 2.0));
                }
            }
        }
        Path file = folder.resolve("log.jsonl");
        Files.writeString(file, "{\"kind\":\"train\",\"st", StandardOpenOption.APPEND);
        try (RunLog log = new RunLog(folder, 4)) {
            log.record("train", 2, 4, Map.of("loss", 3.0));
        }
        assertEquals(
                List.of("train 0", "train 1", "validation 2", "train 2", "train 3", "validation 4", "train 4"),
                lines(file));
        assertTrue(Files.readString(file).contains("\"loss\":3.0"));
    }

    @Test
    void aPlaceThatCannotBeWrittenIsAnError() throws IOException {
        Path obstacle = Files.writeString(folder.resolve("file"), "x");
        UserException e = assertThrows(UserException.class, () -> new RunLog(obstacle, 0).close());
        assertTrue(e.getMessage().contains(obstacle.resolve("log.jsonl").toString()), e.getMessage());
    }

    private static List<String> lines(Path file) throws IOException {
        var json = JsonMapper.builder().build();
        return Files.readAllLines(file).stream()
                .map(line -> {
                    try {
                        var node = json.readTree(line);
                        return node.get("kind").asText() + " "
                                + node.get("step").asLong();
                    } catch (IOException e) {
                        throw new AssertionError(line, e);
                    }
                })
                .toList();
    }
}
