package org.jclap.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jclap.clap.cli.JsonFile;
import org.jclap.tensor.Backends;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparisonTest {
    private static final Limits LIMITS = new Limits(2, 200, 20);
    private static final BenchCase CASE = GemmCases.all().getFirst();

    @Test
    void takesTheRatioRoundByRound() {
        // The machine was slow in the third round: the ratio of the medians, 50 / 20, would be that of no round.
        var comparison = Comparison.of(List.of(10.0, 20.0, 50.0), List.of(20.0, 30.0, 50.0));
        assertEquals(20, comparison.ours());
        assertEquals(10, comparison.fastest());
        assertEquals(30, comparison.peer());
        assertEquals(1.5, comparison.ratio());
        assertEquals(1.25, comparison.low());
        assertEquals(1.75, comparison.high());
    }

    @Test
    void refusesTimesThatAreNoRounds() {
        assertThrows(IllegalArgumentException.class, () -> Comparison.of(List.of(1.0), List.of(1.0, 2.0)));
        assertThrows(IllegalArgumentException.class, () -> Comparison.of(List.of(), List.of()));
    }

    @Test
    void reportsThePeerAsJson() throws IOException {
        var json = new ObjectMapper().readTree(JsonFile.text(report()));
        var first = json.at("/cases/0");
        assertEquals(2, first.get("ours").asDouble());
        assertEquals(3, first.get("peer").asDouble());
        assertEquals("Peer 1.0", first.get("peer_name").asText());
        assertEquals(1.5, first.get("ratio").asDouble());
        assertEquals(3, first.at("/variants/slim").asDouble());
        assertEquals(0.5, first.get("limit_fraction").asDouble());
        assertEquals(5e9, json.at("/first_steps/0/peak_bytes").asDouble());
        assertEquals("a note", json.at("/notes/0").asText());
    }

    @Test
    void printsThePeerAndTheVariantThatWasFastest() {
        var out = new StringWriter();
        ReportTable.print(report(), new PrintWriter(out));
        var row = out.toString()
                .lines()
                .filter(line -> line.startsWith(CASE.name()))
                .findFirst()
                .orElseThrow();
        assertTrue(row.contains("1.50 (1.50-1.50) slim"), row);
        assertTrue(out.toString().contains("4.66 GiB"), out.toString());
        assertTrue(out.toString().contains("WARNING"), out.toString());
    }

    @Test
    void drawsBothProgramsUnderTheRoof(@TempDir Path directory) throws IOException {
        var picture = Roofline.beside(directory.resolve("result.json"));
        Roofline.write(picture, report(), "Peer 1.0", List.of(CASE));
        assertEquals("result.svg", picture.getFileName().toString());
        var svg = Files.readString(picture);
        assertEquals(2, svg.split("<circle", -1).length - 1, svg);
        assertTrue(svg.contains("Peer 1.0, " + CASE.name()), svg);
    }

    private static Report report() {
        var comparison = Comparison.of(List.of(2.0), List.of(3.0));
        var result = Report.Result.of(
                CASE,
                comparison.time(),
                LIMITS,
                0.5,
                Report.Versus.of("Peer 1.0", comparison, Map.of("slim", 3.0, "wide", 4.0)));
        try (var backend = Backends.open("vector", 1)) {
            var machine = Machine.describe(backend, 2, List.of(LIMITS), 0.5);
            var steps = new Report.FirstSteps("Peer 1.0", "a step", 12.5, 5_000_000_000L);
            return new Report(machine, List.of(result), List.of(steps), List.of("a note"));
        }
    }
}
