package org.jclap.clap.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    @Test
    void tellsTheMachineAndWhichBackendIsChosen() {
        var run = CommandRun.of("doctor");
        assertEquals(0, run.exit(), run.err());
        for (var name : List.of("Java", "processor", "memory", "Vector API", "audio", "ffmpeg", "free space")) {
            assertTrue(run.out().lines().anyMatch(line -> line.startsWith(name)), run.out());
        }
        assertEquals(
                1,
                run.out()
                        .lines()
                        .filter(line -> line.contains("chosen, as the best"))
                        .count(),
                run.out());
        assertTrue(run.out().contains("backend reference"), run.out());
    }

    @Test
    void everyBackendIsChosenPossibleOrExplained() throws IOException {
        var result = JsonMapper.builder()
                .build()
                .readTree(CommandRun.of("doctor", "--json").out());
        assertTrue(result.get("machine").get("processors").asInt() >= 1);
        assertTrue(result.get("machine").get("heap_bytes").asLong() > 0);
        assertTrue(result.get("backends").size() >= 1);
        for (var backend : result.get("backends")) {
            assertTrue(
                    backend.get("obstacle").isNull()
                            != backend.get("description").isNull(),
                    backend::toString);
            for (var component : backend.get("components")) {
                assertTrue(component.hasNonNull("name") && component.hasNonNull("state"), component::toString);
            }
            boolean cuda = backend.get("name").asText().equals("cuda");
            assertEquals(cuda, !backend.get("components").isEmpty(), backend::toString);
        }
    }

    @Test
    void theSelfTestPassesAndNamesItsChecks() throws IOException {
        var run = CommandRun.of("doctor", "--self-test", "--json");
        assertEquals(0, run.exit(), run.out() + run.err());
        var checks = JsonMapper.builder().build().readTree(run.out()).get("self_test");
        assertTrue(checks.size() >= 5);
        for (var check : checks) {
            assertTrue(check.get("failure").isNull(), check::toString);
        }
    }
}
