package org.jclap.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclap.clap.cli.JsonFile;
import org.jclap.tensor.UserException;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The run for a real device, rehearsed on the emulated one at small sizes. */
final class GpuCommandTest {
    private static final Setting SMALL = new Setting(true, Sizes.SMALL, "python3", 0);

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(EmulatedDriver.isAvailable(), "the emulated device is built with g++, which is absent");
        EmulatedDriver.start();
    }

    @Test
    void everyPartRunsAndWritesWhatItFound() throws IOException {
        var file = folder.resolve("gpu.json");
        var text = new StringWriter();
        var line = new CommandLine(new GpuCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(text));
        int exit = line.execute("--quick", "--sizes", "small", "--seconds", "400", "--out", file.toString());
        assertEquals(0, exit, text::toString);

        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertTrue(json.at("/machine/device").asText().startsWith("emulated device"), json::toString);
        Map<String, String> ends = new HashMap<>();
        json.get("parts")
                .forEach(part ->
                        ends.put(part.get("name").asText(), part.get("status").asText()));
        assertEquals(Part.values().length, ends.size());
        for (var part : Part.values()) {
            boolean needsMore = part == Part.SANITIZER;
            assertEquals(needsMore ? "SKIPPED" : "PASSED", ends.get(part.label()), part + ": " + json.get("parts"));
        }

        Set<String> kinds = new HashSet<>();
        json.get("cases").forEach(found -> {
            kinds.add(found.get("name").asText().replaceAll("/.*", ""));
            assertTrue(Double.isFinite(found.get("ours").asDouble(Double.NaN)), found::toString);
        });
        assertEquals(Set.of("self-test", "training", "kernels", "student", "loss", "launch", "memory"), kinds);
        JsonNode product = json.get("cases").findParents("peer_name").stream()
                .filter(found -> found.get("name").asText().startsWith("kernels/gemm"))
                .findFirst()
                .orElseThrow();
        assertTrue(product.get("ratio").asDouble() > 0, product::toString);
        assertTrue(product.get("limit_fraction").asDouble() > 0, product::toString);
        assertTrue(text.toString().contains("kernels/copying"), text::toString);
    }

    /** A process cannot use the device any more after a fault: the next one goes on behind the case. */
    @Test
    void aFaultOfTheDeviceInTheSelfTestNamesTheCaseToGoOnWith() {
        var findings = new Findings(Part.SELF_TEST, folder.resolve("part.json"), 60);
        EmulatedDriver.set(Knob.FAIL_LAUNCH, 40);
        try {
            Part.SELF_TEST.run(SMALL, findings);
        } finally {
            EmulatedDriver.set(Knob.FAIL_LAUNCH, 0);
            EmulatedDriver.recover();
        }
        var report = PartReport.read(folder.resolve("part.json"));
        assertNotNull(report);
        assertEquals(PartReport.Status.FAILED, report.status());
        Integer next = report.next();
        assertNotNull(next);
        assertTrue(next > 0, "goes on with " + next);
        assertTrue(report.notes().getFirst().contains("launch of"), report.notes()::toString);

        var later = new Findings(Part.SELF_TEST, folder.resolve("later.json"), 60);
        Part.SELF_TEST.run(new Setting(true, Sizes.SMALL, "python3", next), later);
        var both = report.followedBy(later.report());
        assertEquals(PartReport.Status.FAILED, both.status());
        assertNull(both.next());
        assertTrue(both.cases().size() > report.cases().size());
    }

    @Test
    void aPartWhoseTimeIsOverKeepsWhatItFound() {
        var findings = new Findings(Part.KERNELS, folder.resolve("part.json"), 0);
        Part.KERNELS.run(SMALL, findings);
        var report = findings.report();
        assertEquals(PartReport.Status.TIMED_OUT, report.status());
        assertEquals(1, report.cases().size(), "the bandwidth");
        assertTrue(report.notes().getFirst().startsWith("no time was left for"), report.notes()::toString);
    }

    @Test
    void aProgramThatHangsIsEndedWithWhatItStarted() {
        long start = System.nanoTime();
        var outcome = JavaProcess.run(List.of("sh", "-c", "echo begun; sleep 600; echo done"), 1);
        assertTrue(outcome.timedOut());
        assertEquals("begun", outcome.lastLines(5));
        assertTrue(System.nanoTime() - start < 300e9, "it was waited for");
    }

    @Test
    void aReportThatIsHalfWrittenIsNone() throws IOException {
        var file = folder.resolve("part.json");
        assertNull(PartReport.read(file));
        var report = PartReport.empty("loss", PartReport.Status.SKIPPED, "why");
        JsonFile.write(file, report);
        assertEquals(report, PartReport.read(file));
        var text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() / 2));
        assertNull(PartReport.read(file));
    }

    @Test
    void withoutADeviceTheRunFails() {
        var report = GpuReport.of(List.of(PartReport.empty("loss", PartReport.Status.SKIPPED, "no driver")));
        var text = new StringWriter();
        GpuTable.print(report, new PrintWriter(text, true));
        assertTrue(text.toString().contains("no driver"), text::toString);
        assertThrows(UserException.class, report::requireSound);
    }
}
