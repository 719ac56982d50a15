package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run that was stopped goes on as if it had not been, and never loses what is there. */
final class TrainerResumeTest extends TrainerTestCase {
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
    void aRunInPartsGoesOnWithTheSameBits() throws IOException {
        String[] more = {
            pairs,
            "checkpoint.every_steps=2",
            "loop.accumulate=2",
            "loop.embedding_cache=true",
            "model.checkpointing=true"
        };
        train(corpus.config("whole", more), false);
        TrainConfig killed = corpus.config("killed", more);
        assertThrows(Killed.class, () -> train(killed, new Kill(1, 3), false));
        train(killed, true);
        assertEquals(hashes("whole/state.safetensors"), hashes("killed/state.safetensors"));
        assertEquals(progress("whole"), progress("killed"));
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
}
