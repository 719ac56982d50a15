package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.clap.cli.Main;
import org.jclap.tensor.io.NpyFile;
import org.jclap.tests.emulator.EmulatedDriver;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that compute, on the emulated device and on the CPU: what they write has to agree. */
final class CudaCommandsTest {
    private static final int RATE = 16_000;
    private static final int CLIPS = 12;
    private static final List<String> KINDS = List.of("tone", "noise", "clicks");

    /**
     * Embeddings are unit vectors of some 100 elements, so each is about 0.1; a forward pass of twenty layers loses two or
     * three digits of F32's seven.
     */
    private static final float EMBEDDING = 2e-5f;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(EmulatedDriver.isAvailable(), "the CUDA tests need g++, with which they build a driver");
        EmulatedDriver.start();
    }

    /** Clips of half a second with captions and classes, and a configuration for them. */
    @BeforeEach
    void write() throws IOException {
        List<String> pairs = new ArrayList<>(List.of("ID,wav_path,caption"));
        List<String> labels = new ArrayList<>(List.of("ID,wav_path,class_name"));
        for (int i = 0; i < CLIPS; i++) {
            String kind = KINDS.get(i % KINDS.size());
            Path file = clip(i);
            pairs.add("p%d,%s,a %s number %d".formatted(i, file, kind, i));
            labels.add("p%d,%s,%s".formatted(i, file, kind));
        }
        Files.write(folder.resolve("pairs.csv"), pairs);
        Files.write(folder.resolve("labels.csv"), labels);
        Files.writeString(folder.resolve("captions.txt"), "a tone\nsome noise\nthree clicks\n");
        Files.writeString(folder.resolve("train.yaml"), """
                model: {preset: tiny}
                audio: {sample_rate: 16000, window: 512, hop: 160, f_max: 8000, seconds: 0.5}
                text: {vocabulary_size: 60, max_length: 12}
                data: {pairs: [%s], validation_share: 0.34, threads: 1}
                loop: {epochs: 2, batch: 4, log_every: 1}
                """.formatted(folder.resolve("pairs.csv")));
    }

    private Path clip(int i) {
        SplittableRandom random = new SplittableRandom(i);
        float[] wave = new float[RATE / 2];
        for (int t = 0; t < wave.length; t++) {
            wave[t] = switch (i % KINDS.size()) {
                case 0 -> (float) (0.5 * Math.sin(2 * Math.PI * (300 + 100 * i) * t / RATE));
                case 1 -> (float) random.nextDouble(-0.5, 0.5);
                default -> t % (800 + 100 * i) < 16 ? 0.9f : 0;
            };
            // No band is so quiet that decibels of rounding errors decide.
            wave[t] += (float) random.nextDouble(-0.05, 0.05);
        }
        Path file = folder.resolve(i + ".wav");
        WavFile.write(file, RATE, SampleFormat.PCM_16, wave);
        return file;
    }

    /** Runs a command on a device, which has to succeed. */
    private static void run(String device, Object... arguments) {
        StringWriter err = new StringWriter();
        List<String> texts = new ArrayList<>();
        for (Object argument : arguments) {
            texts.add(argument.toString());
        }
        texts.add("--device");
        texts.add(device);
        int exit = Main.commandLine()
                .setOut(new PrintWriter(new StringWriter(), true))
                .setErr(new PrintWriter(err, true))
                .execute(texts.toArray(String[]::new));
        assertEquals(0, exit, () -> texts + ": " + err);
    }

    private Path out(String device, String name) {
        return folder.resolve(device + "-" + name);
    }

    private Path train(String device, String name, String... overrides) {
        Path run = out(device, name);
        List<Object> arguments = new ArrayList<>(List.of("train", folder.resolve("train.yaml"), "run=" + run));
        arguments.addAll(List.of(overrides));
        run(device, arguments.toArray());
        return run;
    }

    private static List<Double> losses(Path run) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
            losses.add(JsonMapper.builder().build().readTree(line).get("loss").asDouble());
        }
        return losses;
    }

    @Test
    void trainsInSixteenBitsAndInParts() throws IOException {
        Path run = train(
                "cuda",
                "half",
                "precision=f16",
                "loop.epochs=1",
                "loop.accumulate=2",
                "loop.embedding_cache=true",
                "model.checkpointing=true");
        // The first scale of 2^16 is too large, as it is meant to be; a skipped step has no part in the mean.
        for (double loss : losses(run)) {
            assertEquals(Math.log(4), loss, 0.5, "four pairs that are not told apart yet");
        }
        String log = Files.readString(run.resolve("log.jsonl"));
        assertTrue(log.contains("\"loss_scale\":32768.0") && log.contains("\"skipped_steps\":1.0"), log);
    }

    /** In processes of their own, as nothing can be done on the device after it. */
    @Test
    void aFaultOfTheDeviceIsOneErrorAndLeavesNoHalfFile() throws Exception {
        Path checkpoint = train("cuda", "good", "loop.epochs=1").resolve("best.safetensors");
        Path run = out("cuda", "lost");
        assertLost("train", folder.resolve("train.yaml"), "run=" + run);
        assertLost(
                "embed",
                "--checkpoint",
                checkpoint,
                "--audio",
                folder.resolve("labels.csv"),
                "--out",
                out("cuda", "lost.npy"));
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("cuda-lost"),
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.contains("lost"))
                            .toList());
        }
        run("cuda", "train", folder.resolve("train.yaml"), "run=" + run, "loop.max_steps=1");
    }

    /** The twentieth kernel of a command fails: what the user sees is where it computes, and one error. */
    private void assertLost(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-Djclap.cuda.libraries=" + System.getProperty("jclap.cuda.libraries"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        command.addAll(List.of("--device", "cuda"));
        Path log = folder.resolve("error.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("CUDA_EMULATOR_FAIL_LAUNCH", "20");
        assertEquals(1, builder.start().waitFor(), () -> command.toString());
        List<String> lines = Files.readAllLines(log).stream()
                .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                .toList();
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.getFirst().startsWith("backend cuda: emulated device"), lines::toString);
        String error = lines.getLast();
        assertTrue(error.startsWith("jclap: error: ") && !error.contains("unexpected"), error);
        assertTrue(error.contains("the device's context is lost") && error.contains("--resume"), error);
    }

    @Test
    void everyCommandGivesWhatItGivesOnTheCpu() throws IOException {
        Path trained = train("vector", "run");
        List<Double> expected = losses(trained);
        List<Double> actual = losses(train("cuda", "run"));
        assertEquals(6, expected.size(), "four steps, two validations");
        assertEquals(expected.size(), actual.size());
        assertEquals(expected.getFirst(), actual.getFirst(), 1e-5, "before anything was learned");
        // In Adam's first steps rounding decides the direction of many parameters; CudaTrainingTest measures how much.
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i), 1e-2, "loss " + i);
        }
        Path checkpoint = trained.resolve("best.safetensors");
        for (String device : List.of("vector", "cuda")) {
            run(
                    device,
                    "embed",
                    "--checkpoint",
                    checkpoint,
                    "--audio",
                    folder.resolve("labels.csv"),
                    "--out",
                    out(device, "audio.npy"));
            run(
                    device,
                    "embed",
                    "--checkpoint",
                    checkpoint,
                    "--text",
                    folder.resolve("captions.txt"),
                    "--out",
                    out(device, "text.npy"));
            // Curation of the same embeddings, so that pairs at the border stay the same.
            run(
                    device,
                    "curate",
                    "topk",
                    "--audio-emb",
                    out("vector", "audio.npy"),
                    "--audio-manifest",
                    out("vector", "audio.csv"),
                    "--text-emb",
                    out("vector", "text.npy"),
                    "--text-manifest",
                    out("vector", "text.csv"),
                    "--k",
                    2,
                    "--out",
                    out(device, "pairs.csv"));
            run(
                    device,
                    "eval",
                    "zeroshot",
                    "--checkpoint",
                    checkpoint,
                    "--layout",
                    "csv",
                    "--data",
                    folder.resolve("labels.csv"),
                    "--out",
                    out(device, "result.json"));
        }
        for (String name : List.of("audio.npy", "text.npy")) {
            NpyFile vector = NpyFile.read(out("vector", name));
            NpyFile cuda = NpyFile.read(out("cuda", name));
            int rows = name.startsWith("audio") ? CLIPS : KINDS.size();
            assertArrayEquals(vector.floats(0, rows), cuda.floats(0, rows), EMBEDDING, name);
        }
        assertEquals(Files.readAllLines(out("vector", "pairs.csv")), Files.readAllLines(out("cuda", "pairs.csv")));
        assertEquals(
                Files.readString(out("vector", "result.json")).replace("\"vector\"", "\"cuda\""),
                Files.readString(out("cuda", "result.json")));
        assertTrue(Files.readString(out("cuda", "result.json")).contains("\"device\" : \"cuda\""));
    }
}
