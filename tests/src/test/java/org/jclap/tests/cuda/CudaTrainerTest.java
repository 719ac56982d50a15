package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.train.ConfigFile;
import org.jclap.clap.train.TrainConfig;
import org.jclap.clap.train.Trainer;
import org.jclap.kernels.cuda.CudaBackend;
import org.jclap.kernels.cuda.CudaException;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training runs on the device, with batches sent ahead and steps captured as graphs. */
final class CudaTrainerTest {
    private static final int RATE = 16_000;

    @TempDir
    Path folder;

    private Backend cuda;
    private Path pairs;

    @BeforeEach
    void open() {
        System.setProperty("jclap.cuda.deterministic", "true");
        cuda = Emulator.open();
        SplittableRandom random = new SplittableRandom(3);
        List<AudioItem> items = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            float[] wave = new float[RATE / 3];
            for (int t = 0; t < wave.length; t++) {
                wave[t] = (float) (random.nextDouble(-0.2, 0.2) + 0.5 * Math.sin(t * 0.05 * (1 + i)));
            }
            Path file = folder.resolve("clip" + i + ".wav");
            WavFile.write(file, RATE, SampleFormat.PCM_16, wave);
            items.add(new AudioItem("clip" + i, file, i % 2 == 0 ? "a tone" : "a long high tone of noise"));
        }
        pairs = folder.resolve("pairs.csv");
        Manifest.write(pairs, items);
    }

    @AfterEach
    void close() {
        System.clearProperty("jclap.cuda.deterministic");
        if (cuda != null) {
            Emulator.closeWithoutLeaks(cuda);
        }
    }

    /** Four steps an epoch. */
    private List<String> settings(String run) {
        return List.of(
                "run=" + folder.resolve(run),
                "data.pairs=[" + pairs + "]",
                "model.preset=tiny",
                "audio={sample_rate: 16000, window: 512, hop: 160, f_max: 8000, seconds: 0.33}",
                "text.vocabulary_size=60",
                "text.max_length=12",
                "data.validation_share=0.2",
                "data.threads=1",
                "optimizer.lr=1e-3",
                "checkpoint.every_steps=1",
                "loop={epochs: 2, batch: 2, log_every: 3}");
    }

    private TrainConfig config(String run, String... more) {
        List<String> all = new ArrayList<>(settings(run));
        all.addAll(List.of(more));
        return ConfigFile.of(all);
    }

    private static void train(TrainConfig config, Backend backend, Progress progress, boolean resume) {
        try (Trainer trainer = new Trainer(config, backend, progress, resume)) {
            trainer.run();
        }
        assertEquals(0, backend.memory().liveBuffers());
    }

    private Map<String, float[]> state(String run) {
        Safetensors file = Safetensors.read(folder.resolve(run).resolve("state.safetensors"));
        Map<String, float[]> tensors = new TreeMap<>();
        for (String name : file.names()) {
            HostStorage elements = file.elements(name);
            float[] values = new float[elements.length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) elements.get(i);
            }
            tensors.put(name, values);
        }
        return tensors;
    }

    private void assertSameState(String expected, String actual) {
        Map<String, float[]> left = state(expected);
        Map<String, float[]> right = state(actual);
        assertEquals(left.keySet(), right.keySet());
        left.forEach((name, values) -> assertArrayEquals(values, right.get(name), name));
    }

    @Test
    void graphsAndStreamsThatRunLateGiveTheBitsOfSingleLaunches() {
        System.setProperty("jclap.cuda.graph", "false");
        try (Backend plain = Emulator.open()) {
            train(config("plain"), plain, Progress.silent(), false);
            assertEquals(0, ((CudaBackend) plain).launches().graphs());
        } finally {
            System.clearProperty("jclap.cuda.graph");
        }
        EmulatedDriver.set(Knob.DEFERRED, 1);
        EmulatedDriver.set(Knob.SEED, 5);
        train(config("graphs"), cuda, Progress.silent(), false);
        assertTrue(((CudaBackend) cuda).launches().graphs() >= 2, "the shapes repeat");
        assertSameState("plain", "graphs");
    }

    /** Turns a knob once so many steps of an epoch are done, just before the state is saved. */
    private record Failure(int epoch, int steps, Knob knob, int count) implements Progress {
        @Override
        public Task begin(String name, String unit, long total) {
            boolean here = name.startsWith("epoch " + epoch + "/");
            return new Task() {
                private long done;

                @Override
                public void advance(long units, String note) {
                    done += units;
                    if (here && units == 1 && done == steps) {
                        EmulatedDriver.set(knob, count);
                    }
                }

                @Override
                public void close() {}
            };
        }
    }

    @Test
    void aRunThatADeviceOrASaveEndedGoesOnFromItsLastState() {
        train(config("whole"), cuda, Progress.silent(), false);
        TrainConfig config = config("ended");
        for (Failure failure : List.of(
                new Failure(1, 3, Knob.FAIL_LAUNCH, 40),
                new Failure(2, 1, Knob.FAIL_COPY, 30),
                new Failure(2, 2, Knob.FAIL_LAUNCH, 1))) {
            Backend device = Emulator.open();
            boolean resume = Files.exists(folder.resolve("ended/state.safetensors"));
            Exception error = assertThrows(CudaException.class, () -> train(config, device, failure, resume));
            boolean lost = failure.knob == Knob.FAIL_LAUNCH;
            assertEquals(lost, String.valueOf(error.getMessage()).contains("context is lost"), error::getMessage);
            EmulatedDriver.recover();
            EmulatedDriver.set(failure.knob, 0);
            device.close();
        }
        train(config, cuda, Progress.silent(), true);
        assertSameState("whole", "ended");
    }

    /** With everything that decides about a step; the first scales of F16 overflow, so that some are skipped. */
    @ParameterizedTest
    @ValueSource(strings = {"bf16", "f16"})
    void aRunInSixteenBitsGoesOnFromItsLastState(String precision) {
        String[] more = {
            "precision=" + precision,
            "seed=3",
            "loop.epochs=1",
            "loop.accumulate=2",
            "loop.embedding_cache=true",
            "model.checkpointing=true"
        };
        train(config("whole", more), cuda, Progress.silent(), false);
        Backend device = Emulator.open();
        Failure failure = new Failure(1, 3, Knob.FAIL_LAUNCH, 1);
        assertThrows(CudaException.class, () -> train(config("ended", more), device, failure, false));
        EmulatedDriver.recover();
        EmulatedDriver.set(Knob.FAIL_LAUNCH, 0);
        device.close();
        train(config("ended", more), cuda, Progress.silent(), true);
        assertSameState("whole", "ended");
        assertEquals(progress("whole"), progress("ended"));
        assertEquals(precision.equals("bf16"), progress("whole").contains("\"skipped\":0"), progress("whole"));
    }

    private String progress(String run) {
        return String.valueOf(Safetensors.read(folder.resolve(run).resolve("state.safetensors"))
                .metadata()
                .get("progress"));
    }

    /** Wherever memory ends: in the model, in a step, in its recording. */
    @Test
    void aDeviceThatIsTooSmallEndsTheRunWithARemedyAndNothingLeft() {
        train(config("whole"), cuda, Progress.silent(), false);
        long needed = cuda.memory().peakBytes();
        for (int percent : List.of(5, 20, 35, 50)) {
            Emulator.closeWithoutLeaks(cuda);
            Backend small = Emulator.open();
            cuda = small;
            EmulatedDriver.set(Knob.MEMORY_LIMIT, needed * percent / 100);
            UserException error = assertThrows(
                    UserException.class, () -> train(config("small" + percent), small, Progress.silent(), false));
            String message = String.valueOf(error.getMessage());
            assertTrue(message.startsWith("out of device memory") && message.contains("smaller batch"), message);
            assertEquals(0, small.memory().liveBuffers(), percent + " %");
        }
    }

    /** A training in a process of its own, with these settings. */
    static final class Run {
        private Run() {}

        public static void main(String[] settings) {
            try (Backend device = Backends.open("cuda", 1)) {
                train(ConfigFile.of(List.of(settings)), device, Progress.silent(), false);
            }
        }
    }

    /** Among the several hundred tensors of the second state. */
    @Test
    void aProcessThatIsKilledDuringASaveLosesNothing() throws Exception {
        train(config("whole"), cuda, Progress.silent(), false);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-Djclap.cuda.deterministic=true",
                "-Djclap.cuda.libraries=" + System.getProperty("jclap.cuda.libraries"),
                "-cp",
                System.getProperty("java.class.path"),
                Run.class.getName()));
        command.addAll(settings("killed"));
        Path log = folder.resolve("killed.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("CUDA_EMULATOR_KILL_DOWNLOAD", "600");
        assertEquals(137, builder.start().waitFor(), Files.readString(log));
        assertTrue(Files.exists(folder.resolve("killed/state.safetensors")), "the first state was saved");
        train(config("killed"), cuda, Progress.silent(), true);
        assertSameState("whole", "killed");
    }
}
