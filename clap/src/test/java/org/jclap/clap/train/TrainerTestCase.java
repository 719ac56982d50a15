package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.progress.Progress;
import org.jclap.models.clap.Clap;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.Safetensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the trainer on a few sounds, and what their files hold. */
abstract class TrainerTestCase {
    static final String AUDIO_TOWER = "audio_encoder.base.";
    static final String TEXT_TOWER = "caption_encoder.base.";

    static Backend backend;

    @TempDir
    Path folder;

    TrainingCorpus corpus;
    String pairs;

    @BeforeAll
    static void open() {
        backend = Backends.open(Backends.AUTO, 2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    @BeforeEach
    void write() {
        corpus = new TrainingCorpus(folder);
        pairs = "data.pairs=[" + corpus.pairs("pair", 24) + "]";
    }

    @AfterEach
    void nothingIsLeftInMemory() {
        assertEquals(0, backend.memory().liveBuffers());
    }
    /** A stop in an epoch, counted from 1, once {@code steps} of it are done; 0: when it begins. */
    record Kill(int epoch, int steps) implements Progress {
        @Override
        public Task begin(String name, String unit, long total) {
            boolean here = name.startsWith("epoch " + epoch + "/");
            if (here && steps == 0) {
                throw new Killed();
            }
            return new Task() {
                private long done;

                @Override
                public void advance(long units, String note) {
                    done += units;
                    if (here && units == 1 && done >= steps) {
                        throw new Killed();
                    }
                }

                @Override
                public void close() {}
            };
        }
    }

    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    static TrainResult train(TrainConfig config, boolean resume) {
        return train(config, Progress.silent(), resume);
    }

    static TrainResult train(TrainConfig config, Progress progress, boolean resume) {
        try (Trainer trainer = new Trainer(config, backend, progress, resume)) {
            return trainer.run();
        }
    }

    static String failure(TrainConfig config, boolean resume) {
        return String.valueOf(
                assertThrows(UserException.class, () -> train(config, resume)).getMessage());
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    static String[] with(String[] overrides, String last) {
        String[] all = java.util.Arrays.copyOf(overrides, overrides.length + 1);
        all[overrides.length] = last;
        return all;
    }

    static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    List<JsonNode> log(String run) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("log.jsonl")).stream()
                .map(TrainerTest::json)
                .toList();
    }

    static String kind(JsonNode line) {
        return line.get("kind").asText();
    }

    /** The log with everything but when it was written and how many steps a process has skipped. */
    List<String> withoutTimes(String run) throws IOException {
        return log(run).stream()
                .map(line -> ((com.fasterxml.jackson.databind.node.ObjectNode) line)
                        .without(List.of("time"))
                        .toString())
                .toList();
    }

    JsonNode progress(String run) {
        return json(Safetensors.read(folder.resolve(run).resolve("state.safetensors"))
                .metadata()
                .get("progress"));
    }

    static JsonNode json(String text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every tensor of a file by its name, as a hash of its bits. */
    Map<String, Integer> hashes(String name) {
        Safetensors file = Safetensors.read(folder.resolve(name));
        Map<String, Integer> hashes = new TreeMap<>();
        for (String tensor : file.names()) {
            HostStorage elements = file.elements(tensor);
            int hash = file.entry(tensor).shape().hashCode();
            for (int i = 0; i < elements.length(); i++) {
                hash = 31 * hash + Double.hashCode(elements.get(i));
            }
            hashes.put(tensor, hash);
        }
        assertFalse(hashes.isEmpty());
        return hashes;
    }

    static Map<String, double[]> tensors(Path path, Predicate<String> wanted) {
        Safetensors file = Safetensors.read(path);
        Map<String, double[]> tensors = new TreeMap<>();
        file.names().stream().filter(wanted).forEach(name -> {
            HostStorage elements = file.elements(name);
            double[] values = new double[elements.length()];
            java.util.Arrays.setAll(values, elements::get);
            tensors.put(name, values);
        });
        return tensors;
    }

    /** The weights that a model of the same sizes has before the first step. */
    static Map<String, double[]> startOf(Path state, long seed) {
        try (ClapCheckpoint trained = ClapCheckpoint.load(backend, state);
                Clap fresh = new Clap(backend, trained.model().config(), seed)) {
            Map<String, double[]> start = new TreeMap<>();
            fresh.weights().state().forEach((name, tensor) -> start.put(name, tensor.toDoubles()));
            // The mel bank belongs to the front end, not to the seed.
            String bank = AUDIO_TOWER + "logmel_extractor.melW";
            start.put(bank, trained.model().audioBase().melBank().toDoubles());
            return start;
        }
    }

    static void assertUnchanged(Map<String, double[]> start, Map<String, double[]> now, Predicate<String> wanted) {
        assertFalse(now.isEmpty());
        assertEquals(start.keySet().stream().filter(wanted).toList(), List.copyOf(now.keySet()));
        now.forEach((name, values) -> assertArrayEquals(start.get(name), values, name));
    }

    static void assertChanged(Map<String, double[]> start, Path state, String... names) {
        for (String name : names) {
            double[] values = tensors(state, name::equals).get(name);
            assertFalse(java.util.Arrays.equals(start.get(name), values), name);
        }
    }

    static void assertSame(Map<String, Tensor> model, Map<String, double[]> file) {
        assertEquals(model.keySet(), file.keySet());
        model.forEach((name, tensor) -> assertArrayEquals(file.get(name), tensor.toDoubles(), name));
    }
}
