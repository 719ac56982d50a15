package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.tensor.io.Safetensors;
import org.junit.jupiter.api.Test;

/** Whole runs on two dozen clips. */
final class TrainerTest extends TrainerTestCase {
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

    @Test
    void aRunThatDivergesEndsWithTheRemedy() {
        TrainConfig config = corpus.config("run", pairs, "optimizer.lr=1e30", "loop.non_finite_patience=2");
        String message = failure(config, false);
        assertTrue(message.contains("3 steps in a row") && message.contains("learning rate"), message);
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

    /** The header is right, so that it is found when the batch is made. */
    @Test
    void audioThatBreaksWithinARunEndsIt() throws IOException {
        String rows = Files.readString(folder.resolve("pair.csv"));
        Path broken = corpus.broken("broken");
        corpus.write("more.csv", rows + "b,%s,a broken sound\n".formatted(broken));
        String message = failure(
                corpus.config("run", "data.pairs=[" + folder.resolve("more.csv") + "]", "data.validation_share=0"),
                false);
        assertTrue(message.startsWith("1 of 25 audio files cannot be read") && message.contains("broken.wav"), message);
    }

    @Test
    void tooFewExamplesAreAnErrorWithTheRemedy() {
        String message = failure(corpus.config("run", pairs, "loop.batch=32"), false);
        assertTrue(message.contains("20 training examples") && message.contains("loop.batch"), message);
    }
}
