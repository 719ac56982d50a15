package org.jclap.clap.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jclap.clap.demo.DemoPlan.Learning;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.synth.CorpusPart;
import org.jclap.tensor.Backends;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoTest {
    private static final Learning SHORT = new Learning(1, 8, 1e-3);
    private static final DemoPlan PLAN = new DemoPlan(
            true,
            5,
            1.1,
            Map.of(CorpusPart.ESC50, 2, CorpusPart.URBANSOUND8K, 1, CorpusPart.TUT17_DEVELOPMENT, 1),
            Map.of(CorpusPart.CLOTHO, 5, CorpusPart.AUDIOCAPS, 50, CorpusPart.FSD50K, 30, CorpusPart.MACS, 5),
            Map.of(CorpusPart.UNPAIRED_AUDIO, 40, CorpusPart.UNPAIRED_CAPTIONS, 40),
            "a ",
            SHORT,
            SHORT,
            new Learning(1, 4, 1e-3),
            SHORT,
            new Learning(2, 8, 1e-3),
            1,
            List.of(Task.ESC50),
            0.5,
            0.3,
            2,
            0.3,
            3);

    @TempDir
    private Path out = Path.of("");

    @Test
    void runsEveryStageOnceAndReportsTheSameWhenStartedAgain() throws IOException {
        List<String> announced = new ArrayList<>();
        DemoResults first = run(announced);
        String page = Files.readString(out.resolve("report/index.html"));
        assertTrue(announced.stream().noneMatch(stage -> stage.endsWith("done before")), announced::toString);
        announced.clear();
        DemoResults second = run(announced);
        assertTrue(announced.stream().allMatch(stage -> stage.endsWith("done before")), announced::toString);
        assertEquals(page, Files.readString(out.resolve("report/index.html")));
        assertEquals(first.zeroShot().comparisons(), second.zeroShot().comparisons());
        assertCovers(first);
        assertTrue(page.contains("<svg") && !page.contains("src="), "figures are inside the page");
    }

    private static void assertCovers(DemoResults results) {
        assertEquals(
                List.of(
                        Demo.TEACHER,
                        Demo.SMALL_TEACHER,
                        Demo.CONTINUED,
                        "DU hard",
                        "DU soft",
                        "ADS ESC-50 hard",
                        "ADS ESC-50 soft"),
                results.zeroShot().models());
        assertEquals(
                List.of("DU", "DS ESC-50", "ADS ESC-50"),
                results.curation().curated().stream()
                        .map(DemoResults.Curated::name)
                        .toList());
        assertEquals(6, results.separability().conditions().size());
        assertEquals(15, results.trainings().size());
        for (DemoResults.Score score : results.zeroShot().scores()) {
            int clips = score.classes().size() * (score.task() == Task.ESC50 ? 2 : 1);
            assertEquals(clips, score.clips(), score::toString);
        }
    }

    private DemoResults run(List<String> announced) {
        try (var backend = Backends.open(Backends.AUTO, 2)) {
            return new Demo(out, PLAN, backend, 2, "test", Progress.silent(), announced::add).run();
        }
    }
}
