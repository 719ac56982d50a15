package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on two dozen clips. */
final class TrainerTest {
    private static final String AUDIO_TOWER = "audio_encoder.base.";
    private static final String TEXT_TOWER = "caption_encoder.base.";

    private static Backend backend;

    @TempDir
    Path folder;

    private TrainingCorpus corpus;
    private String pairs;

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

    // ---------------------------------------------------------------------------------------------- a run

    @Test
    void theLossFallsAndTheBestCheckpointsAreKept() throws IOException {
        TrainConfig config = corpus.config("run", pairs, "loop.epochs=12", "optimizer.lr=3e-4", "checkpoint.keep=2");
        TrainResult result = train(config, false);
        assertEquals(60, result.steps());
        assertEquals(12, result.trainLosses().size());
        // The mean of five steps jumps; that of three epochs is steadier.
        assertTrue(
                mean(result.trainLosses().subList(9, 12))
                        < 0.75 * mean(result.trainLosses().subList(0, 3)),
                () -> "losses " + result.trainLosses());

        List<Double> losses = result.validationLosses();
        int best = losses.indexOf(Collections.min(losses)) + 1;
        assertEquals(
                Integer.toString(best),
                Safetensors.read(result.best()).metadata().get("epoch"));
        List<Integer> ranked = losses.stream()
                .sorted()
                .limit(2)
                .map(loss -> losses.indexOf(loss) + 1)
                .sorted()
                .toList();
        assertEquals(
                ranked.stream().map("epoch-%03d.safetensors"::formatted).toList(),
                names(folder.resolve("run/checkpoints")));
        assertEquals(
                List.of(),
                names(folder.resolve("run")).stream()
                        .filter(n -> n.startsWith("."))
                        .toList());

        List<JsonNode> validation =
                log("run").stream().filter(n -> kind(n).equals("validation")).toList();
        assertEquals(
                losses, validation.stream().map(n -> n.get("loss").asDouble()).toList());
        assertEquals(
                60, log("run").stream().filter(n -> kind(n).equals("train")).count());
        assertEquals(config, ConfigFile.read(folder.resolve("run/config.yaml"), List.of()));
    }

    @Test
    void aBestCheckpointIsAWholeModel() {
        TrainResult result = train(corpus.config("run", pairs, "loop.epochs=1"), false);
        try (ClapCheckpoint checkpoint = ClapCheckpoint.load(backend, result.best())) {
            assertEquals(8000, checkpoint.samples());
            assertEquals(12, checkpoint.maxLength());
            assertSame(checkpoint.model().weights().state(), tensors(result.best(), _ -> true));
        }
    }

    @Test
    void maxStepsEndsARunWithinAnEpoch() {
        TrainResult result = train(corpus.config("run", pairs, "loop.max_steps=7"), false);
        assertEquals(7, result.steps());
    }

    // ---------------------------------------------------------------------------------------------- resume

    @Test
    void aRunThatIsKilledManyTimesEndsWithTheSameBits() throws IOException {
        String curated = "data.curated=[" + corpus.pairs("curated", 9) + "]";
        String[] more = {
            pairs, curated, "loop.epochs=3", "checkpoint.every_steps=2", "schedule.hold_epochs=0", "schedule.patience=0"
        };
        train(corpus.config("whole", more), false);

        TrainConfig killed = corpus.config("killed", more);
        // In the middle of an epoch before and after a saved state, after each epoch, and in a resumed one again.
        for (Kill kill : List.of(
                new Kill(1, 1),
                new Kill(1, 3),
                new Kill(1, 5),
                new Kill(2, 0),
                new Kill(2, 4),
                new Kill(3, 0),
                new Kill(3, 3))) {
            assertThrows(
                    Killed.class, () -> train(killed, kill, Files.exists(folder.resolve("killed/state.safetensors"))));
        }
        train(killed, true);

        assertEquals(hashes("whole/state.safetensors"), hashes("killed/state.safetensors"));
        assertEquals(progress("whole"), progress("killed"));
        assertTrue(
                progress("whole").get("plateau").get("waited").isInt(),
                progress("whole").toString());
        assertEquals(hashes("whole/best.safetensors"), hashes("killed/best.safetensors"));
        assertEquals(names(folder.resolve("whole/checkpoints")), names(folder.resolve("killed/checkpoints")));
        assertEquals(withoutTimes("whole"), withoutTimes("killed"));
    }

    @Test
    void aFinishedRunThatIsResumedChangesNothing() throws IOException {
        TrainConfig config = corpus.config("run", pairs, "loop.epochs=1");
        train(config, false);
        var before = hashes("run/state.safetensors");
        TrainResult again = train(config, true);
        assertEquals(5, again.steps());
        assertEquals(List.of(), again.trainLosses());
        assertEquals(before, hashes("run/state.safetensors"));
    }

    @Test
    void whatALearningRateHasLearnedSurvives() throws IOException {
        // A rate this large drives the embeddings into one point, where the validation loss stays.
        String[] more = {pairs, "optimizer.lr=0.05", "schedule={hold_epochs: 0, patience: 0, factor: 0.5, floor: 0.001}"
        };
        train(corpus.config("run", with(more, "loop.epochs=3")), false);
        train(corpus.config("run", with(more, "loop.epochs=6")), true);
        train(corpus.config("whole", with(more, "loop.epochs=6")), false);
        assertEquals(progress("whole"), progress("run"));
        double rate = progress("run").get("plateau").get("rate").asDouble();
        assertTrue(rate < 0.05, "the rate never fell");
    }

    @Test
    void aRunThatIsThereIsNotOverwritten() throws IOException {
        TrainConfig config = corpus.config("run", pairs, "loop.epochs=1");
        train(config, false);
        var before = hashes("run/state.safetensors");
        String message = failure(config, false);
        assertTrue(
                message.contains("--resume")
                        && message.contains(folder.resolve("run").toString()),
                message);
        assertEquals(before, hashes("run/state.safetensors"));
    }

    @Test
    void aDamagedStateIsAnErrorThatNamesTheFile() throws IOException {
        TrainConfig config = corpus.config("run", pairs, "loop.epochs=1");
        Path best = train(config, false).best();
        Path state = folder.resolve("run/state.safetensors");
        byte[] whole = Files.readAllBytes(state);
        Files.write(state, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertTrue(failure(config, true).contains(state.toString()));
        Files.writeString(state, "not a state");
        assertTrue(failure(config, true).contains(state.toString()));
        Files.copy(best, state, StandardCopyOption.REPLACE_EXISTING);
        String message = failure(config, true);
        assertTrue(message.contains("not the state of a run"), message);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsAnError() throws IOException {
        Files.writeString(folder.resolve("file"), "x");
        String message = failure(corpus.config("file/run", pairs), false);
        assertTrue(message.contains(folder.resolve("file/run").toString()), message);
        assertTrue(message.contains("not a directory"), message);
    }

    // ---------------------------------------------------------------------------------------------- students

    @Test
    void aStudentLearnsFromItsTeacher() {
        Path teacher =
                train(corpus.config("teacher", pairs, "data.subset=0.5"), false).best();
        // The teacher's words come along, so that ids mean the same.
        TrainConfig soft = corpus.config("soft", pairs, "loss.beta=0.3", "loss.teacher=" + teacher);
        TrainResult student = train(soft, false);
        TrainResult hard = train(corpus.config("hard", pairs), false);
        assertTrue(student.trainLosses().stream().allMatch(Double::isFinite));
        assertNotEquals(hard.trainLosses(), student.trainLosses());
        assertEquals(
                Safetensors.read(teacher).metadata().get("vocabulary"),
                Safetensors.read(student.best()).metadata().get("vocabulary"));
    }

    @Test
    void aTeacherWithAnotherFrontEndIsRefused() {
        Path teacher =
                train(corpus.config("teacher", pairs, "loop.epochs=1"), false).best();
        TrainConfig other =
                corpus.config("student", pairs, "loss.beta=0.3", "loss.teacher=" + teacher, "audio.hop=128");
        String message = failure(other, false);
        assertTrue(message.contains("loss.teacher") && message.contains("hop 128"), message);
    }

    @Test
    void curatedPairsAreReplayed() {
        String curated = "data.curated=[" + corpus.pairs("curated", 8) + "]";
        var with = train(corpus.config("with", pairs, curated, "data.curation_prob=1", "loop.epochs=1"), false);
        // Then no annotated pair is seen: the same curated pairs with other annotated audio give the same losses.
        String others = "data.pairs=[" + corpus.pairs("other", 24) + "]";
        TrainConfig config = corpus.config("others", others, curated, "data.curation_prob=1", "loop.epochs=1");
        assertEquals(with.trainLosses(), train(config, false).trainLosses());
        assertEquals(5, with.steps());
    }

    @Test
    void frozenTowersStayAndThaw() {
        TrainConfig config = corpus.config("run", pairs, "freeze.epochs=1", "schedule.name=constant");
        assertThrows(Killed.class, () -> train(config, new Kill(2, 0), false));
        Path state = folder.resolve("run/state.safetensors");
        Predicate<String> towers = name -> name.startsWith(AUDIO_TOWER) || name.startsWith(TEXT_TOWER);
        Map<String, double[]> start = startOf(state, config.seed());
        assertUnchanged(start, tensors(state, towers), towers);
        assertChanged(
                start,
                state,
                "audio_encoder.projection.linear1.weight",
                "caption_encoder.projection.linear2.weight",
                "logit_scale");

        train(config, true);
        assertChanged(
                start,
                state,
                AUDIO_TOWER + "conv_block1.conv1.weight",
                AUDIO_TOWER + "bn0.running_mean",
                TEXT_TOWER + "embeddings.word_embeddings.weight",
                TEXT_TOWER + "encoder.layer.1.output.dense.weight");
    }

    @Test
    void oneTowerCanBeFrozenThroughout() {
        TrainConfig config = corpus.config("run", pairs, "freeze.audio=true", "loop.epochs=1");
        train(config, false);
        Path state = folder.resolve("run/state.safetensors");
        Map<String, double[]> start = startOf(state, config.seed());
        Predicate<String> tower = name -> name.startsWith(AUDIO_TOWER);
        assertUnchanged(start, tensors(state, tower), tower);
        assertChanged(start, state, TEXT_TOWER + "encoder.layer.0.attention.self.value.weight");
        assertTrue(Safetensors.read(state).names().stream()
                .noneMatch(n -> n.startsWith("optimizer.exp_avg." + AUDIO_TOWER)));
    }

    // ---------------------------------------------------------------------------------------------- tagging

    @Test
    void taggingGivesATowerThatAContrastiveRunStartsFrom() {
        String labels = "data.pairs=[" + corpus.labels("label", 24) + "]";
        TrainResult result = train(corpus.config("tagging", labels, "objective=tagging", "loop.epochs=6"), false);
        assertTrue(
                Collections.min(result.validationLosses())
                        < 0.8 * result.validationLosses().getFirst(),
                () -> "losses " + result.validationLosses());
        Safetensors tower = Safetensors.read(result.best());
        assertTrue(tower.names().stream().allMatch(name -> name.startsWith(AUDIO_TOWER)));
        assertEquals(4, tower.entry(AUDIO_TOWER + "fc_audioset.weight").shape().dim(0));

        TrainConfig config =
                corpus.config("run", pairs, "model.init=[" + result.best() + "]", "freeze.audio=true", "loop.epochs=1");
        train(config, false);
        Predicate<String> taken = name -> name.startsWith(AUDIO_TOWER) && !name.contains(".fc_audioset.");
        assertUnchanged(tensors(result.best(), taken), tensors(folder.resolve("run/best.safetensors"), taken), taken);
    }

    @Test
    void stripesAndBlendsChangeWhatTaggingLearnsFrom() {
        String labels = "data.pairs=[" + corpus.labels("label", 24) + "]";
        List<Double> losses = Stream.of("audio.mixup=false", "audio.mixup=true", "audio.spec_augment=true")
                .map(augmentation -> {
                    String run = augmentation.replace("=", "-");
                    TrainConfig config = corpus.config(run, labels, "objective=tagging", "loop.epochs=1", augmentation);
                    return train(config, false).trainLosses().getFirst();
                })
                .toList();
        assertTrue(losses.stream().allMatch(Double::isFinite), losses.toString());
        assertEquals(3, losses.stream().distinct().count(), losses.toString());
    }

    @Test
    void zeroShotAccuracyCanDecideWhichIsBest() throws IOException {
        Path labels = corpus.labels("label", 8);
        TrainConfig config = corpus.config(
                "run",
                pairs,
                "loop.epochs=3",
                "checkpoint.by=zeroshot",
                "checkpoint.zeroshot_layout=csv",
                "checkpoint.zeroshot_data=" + labels);
        Path best = train(config, false).best();
        double most = log("run").stream()
                .filter(n -> kind(n).equals("validation"))
                .mapToDouble(n -> n.get("zeroshot_accuracy").asDouble())
                .max()
                .orElseThrow();
        assertEquals(-most, Double.parseDouble(Safetensors.read(best).metadata().get("score")));
    }

    // ---------------------------------------------------------------------------------------------- bad audio

    @Test
    void unreadableAudioIsLeftOutAndListed() throws IOException {
        Path missing = folder.resolve("audio/missing.wav");
        Path torn = corpus.write("audio/torn.wav", "RIFF");
        Path broken = corpus.broken("broken");
        String rows = Files.readString(folder.resolve("pair.csv"));
        corpus.write(
                "more.csv",
                rows
                        + "m,%s,a missing sound\nt,%s,a torn sound\nb,%s,a broken sound\n"
                                .formatted(missing, torn, broken));
        TrainConfig config = corpus.config(
                "run",
                "data.pairs=[" + folder.resolve("more.csv") + "]",
                "data.max_bad_share=0.2",
                "data.validation_share=0");
        TrainResult result = train(config, false);
        assertEquals(3, result.skippedFiles());
        String skipped = Files.readString(folder.resolve("run/skipped.csv"));
        for (Path file : List.of(missing, torn, broken)) {
            assertTrue(skipped.contains(file.toString()), skipped);
        }
        assertEquals(4, skipped.lines().count());

        String message = failure(
                corpus.config("strict", "data.pairs=[" + folder.resolve("more.csv") + "]", "data.max_bad_share=0.05"),
                false);
        assertTrue(message.contains("data.max_bad_share") && message.contains("missing.wav"), message);
    }

    @Test
    void tooFewExamplesAreAnErrorWithTheRemedy() {
        String message = failure(corpus.config("run", pairs, "loop.batch=32"), false);
        assertTrue(message.contains("20 training examples") && message.contains("loop.batch"), message);
    }

    // ---------------------------------------------------------------------------------------------- helpers

    /** A stop in an epoch, counted from 1, once {@code steps} of it are done; 0: when it begins. */
    private record Kill(int epoch, int steps) implements Progress {
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

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static TrainResult train(TrainConfig config, boolean resume) {
        return train(config, Progress.silent(), resume);
    }

    private static TrainResult train(TrainConfig config, Progress progress, boolean resume) {
        try (Trainer trainer = new Trainer(config, backend, progress, resume)) {
            return trainer.run();
        }
    }

    private static String failure(TrainConfig config, boolean resume) {
        return String.valueOf(
                assertThrows(UserException.class, () -> train(config, resume)).getMessage());
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static String[] with(String[] overrides, String last) {
        String[] all = java.util.Arrays.copyOf(overrides, overrides.length + 1);
        all[overrides.length] = last;
        return all;
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<JsonNode> log(String run) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("log.jsonl")).stream()
                .map(TrainerTest::json)
                .toList();
    }

    private static String kind(JsonNode line) {
        return line.get("kind").asText();
    }

    /** The log with everything but when it was written and how many steps a process has skipped. */
    private List<String> withoutTimes(String run) throws IOException {
        return log(run).stream()
                .map(line -> ((com.fasterxml.jackson.databind.node.ObjectNode) line)
                        .without(List.of("time"))
                        .toString())
                .toList();
    }

    private JsonNode progress(String run) {
        return json(Safetensors.read(folder.resolve(run).resolve("state.safetensors"))
                .metadata()
                .get("progress"));
    }

    private static JsonNode json(String text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every tensor of a file by its name, as a hash of its bits. */
    private Map<String, Integer> hashes(String name) {
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

    private static Map<String, double[]> tensors(Path path, Predicate<String> wanted) {
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
    private static Map<String, double[]> startOf(Path state, long seed) {
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

    private static void assertUnchanged(
            Map<String, double[]> start, Map<String, double[]> now, Predicate<String> wanted) {
        assertFalse(now.isEmpty());
        assertEquals(start.keySet().stream().filter(wanted).toList(), List.copyOf(now.keySet()));
        now.forEach((name, values) -> assertArrayEquals(start.get(name), values, name));
    }

    private static void assertChanged(Map<String, double[]> start, Path state, String... names) {
        for (String name : names) {
            double[] values = tensors(state, name::equals).get(name);
            assertFalse(java.util.Arrays.equals(start.get(name), values), name);
        }
    }

    private static void assertSame(Map<String, Tensor> model, Map<String, double[]> file) {
        assertEquals(model.keySet(), file.keySet());
        model.forEach((name, tensor) -> assertArrayEquals(file.get(name), tensor.toDoubles(), name));
    }
}
