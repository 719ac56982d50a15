package org.jclap.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jclap.clap.cli.JsonFile;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.tensor.Backends;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.options.TimeValue;

final class BenchCommandTest {
    private static final Measurer.Effort LEAST =
            new Measurer.Effort(1, TimeValue.milliseconds(1), 1, TimeValue.milliseconds(1));
    private static final Measurer MEASURER = new Measurer("vector", 1, LEAST, 0, false);

    /** Another run of JMH on this machine disturbs times, which nothing here looks at. */
    @BeforeAll
    static void allowOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    @Test
    void measuresACaseAndReportsItAsJsonAndAsATable() throws IOException {
        var gemm = GemmCases.all().getFirst();
        var limits = new Limits(2, 100, 10);
        var result = Report.Result.of(gemm, MEASURER.measure(gemm, 2), limits);
        var json = json(result, limits);
        var first = json.at("/cases/0");
        assertEquals("gemm/512x512x512", first.get("name").asText());
        assertEquals("ms", first.get("unit").asText());
        double millis = first.get("ours").asDouble();
        assertTrue(millis > 0, "no time passed: " + millis);
        // 2 x 512³ operations at 100e9 a second, more than 3 x 512² floats at 10e9 bytes a second.
        assertEquals(2.68435456 / millis, first.get("limit_fraction").asDouble(), 1e-9 / millis);
        assertEquals("GFLOP/s", first.get("rate_unit").asText());
        assertEquals(100, json.at("/machine/limits/0/gflops").asDouble());
        assertTrue(table(result, limits).lines().anyMatch(line -> line.startsWith("gemm/512x512x512 ")));
    }

    @Test
    void leavesOutWhatACaseDoesNotDeclare() throws IOException {
        var op = VocabularyCases.all().getFirst();
        var result = Report.Result.of(op, MEASURER.measure(op, 1), new Limits(1, 100, 10));
        var first = json(result, new Limits(1, 100, 10)).at("/cases/0");
        assertTrue(first.has("ours"));
        assertFalse(first.has("limit_fraction"));
        assertFalse(first.has("rate"));
    }

    @Test
    void comparesWorkThatPassesOverMemoryWithTheBandwidth() {
        var copy = new BenchCase("copy", Work.floats(1e9), _ -> () -> List.of());
        var result = Report.Result.of(copy, new Measurer.Time(800, 700), new Limits(1, 100, 10));
        assertEquals("GB/s", result.rateUnit());
        assertEquals(5, result.rate(), 1e-12);
        assertEquals(0.5, result.limitFraction(), 1e-12);
    }

    @Test
    void namesTheLimitThatBoundsACaseAndHowOftenItFits() {
        var limits = new Limits(2, 100, 10);
        var copying = Work.floats(3e9).plus(Work.flops(1e9));
        assertEquals("limit/copy", limits.bound(copying).name());
        assertEquals(3e9, limits.share(copying) * limits.bound(copying).work().bytes() / Float.BYTES, 1);
        var multiplying = Work.matmul(1024, 1024, 1024);
        assertEquals("limit/multiply-add", limits.bound(multiplying).name());
        assertEquals(
                multiplying.flops(),
                limits.share(multiplying) * limits.bound(multiplying).work().flops(),
                1);
    }

    @Test
    void countsTheWorkOfPublishedModels() {
        // CNN14 on 5 s: twelve convolutions of 3.31, 4.88, 3 x 4.87 and 4.76 GFLOP a block, and fc1.
        assertEquals(27.57e9, ModelWork.cnn14(Cnn14Config.base(), 1, 690), 0.01e9);
        // 400 tokens x 12 layers x 2 x (4 x 768² + 2 x 768 x 3072 for the layers, 2 x 768 x 100 for attention).
        assertEquals(69.42e9, ModelWork.bert(BertConfig.base(), 4, 100), 0.01e9);
    }

    @Test
    void everyCaseHasANameOfItsOwn() {
        var names = Stream.of(Suite.ALL, Suite.VOCABULARY)
                .flatMap(suite -> suite.cases().stream())
                .map(BenchCase::name)
                .toList();
        assertEquals(names.size(), new HashSet<>(names).size());
        names.forEach(name -> assertEquals(name, CaseBench.find(name, 1).name()));
    }

    @Test
    void namesTheCasesWhenNoneMatches() {
        var err = new StringWriter();
        var line = Main.commandLine().setErr(new PrintWriter(err));
        assertEquals(1, line.execute(Main.arguments("loss", "--case", "gemm")));
        assertTrue(err.toString().contains("loss/hard 1024"), err.toString());
    }

    private static JsonNode json(Report.Result result, Limits limits) throws IOException {
        return new ObjectMapper().readTree(JsonFile.text(report(result, limits)));
    }

    private static String table(Report.Result result, Limits limits) {
        var out = new StringWriter();
        ReportTable.print(report(result, limits), new PrintWriter(out));
        return out.toString();
    }

    private static Report report(Report.Result result, Limits limits) {
        try (var backend = Backends.open("vector", 1)) {
            return new Report(Machine.describe(backend, limits.threads(), List.of(limits), null), List.of(result));
        }
    }
}
