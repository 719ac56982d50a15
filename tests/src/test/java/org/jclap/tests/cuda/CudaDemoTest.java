package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jclap.clap.demo.Demo;
import org.jclap.clap.demo.DemoPlan;
import org.jclap.clap.demo.DemoPlan.Learning;
import org.jclap.clap.demo.DemoResults;
import org.jclap.clap.demo.Task;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.synth.CorpusPart;
import org.jclap.tensor.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole method on the device: every stage of the demo, at the smallest sizes at which all of them have something to do. */
final class CudaDemoTest {
    private static final Learning SHORT = new Learning(1, 7, 1e-3);
    private static final DemoPlan PLAN = new DemoPlan(
            true,
            5,
            1,
            Map.of(CorpusPart.ESC50, 2, CorpusPart.URBANSOUND8K, 1, CorpusPart.TUT17_DEVELOPMENT, 1),
            Map.of(CorpusPart.CLOTHO, 3, CorpusPart.AUDIOCAPS, 8, CorpusPart.FSD50K, 10, CorpusPart.MACS, 3),
            Map.of(CorpusPart.UNPAIRED_AUDIO, 6, CorpusPart.UNPAIRED_CAPTIONS, 6),
            "a ",
            SHORT,
            SHORT,
            new Learning(1, 2, 1e-3),
            SHORT,
            new Learning(2, 7, 1e-3),
            1,
            List.of(Task.ESC50),
            0.5,
            0.3,
            2,
            0.3,
            3);

    @TempDir
    private Path out;

    @Test
    void everyStageRunsOnTheDevice() throws IOException {
        Backend cuda = Emulator.open();
        List<String> stages = new ArrayList<>();
        Demo demo = new Demo(out, PLAN, cuda, 1, "test", Progress.silent(), stages::add);
        DemoResults results = demo.run();
        assertEquals(0, cuda.memory().liveBuffers());
        Emulator.closeWithoutLeaks(cuda);

        assertEquals("cuda", results.setup().device());
        assertEquals(19, stages.size(), stages::toString);
        assertEquals(15, results.trainings().size());
        for (DemoResults.Training training : results.trainings()) {
            assertEquals(0, training.skippedSteps(), training::name);
            for (double loss : training.trainLosses()) {
                assertTrue(Double.isFinite(loss), training::toString);
            }
        }
        assertEquals(7, results.zeroShot().models().size());
        assertEquals(
                List.of("DU", "DS ESC-50", "ADS ESC-50"),
                results.curation().curated().stream()
                        .map(DemoResults.Curated::name)
                        .toList());
        for (DemoResults.Condition condition : results.separability().conditions()) {
            assertTrue(Math.abs(condition.cosine()) <= 1, condition::name);
        }
        assertTrue(Files.readString(demo.report()).contains("<svg"));
    }
}
