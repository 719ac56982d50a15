package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.text.VocabularyTrainer;
import org.jclap.clap.text.WordPiece;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BatchLoaderTest {
    private static final int SAMPLES = 8000;

    @TempDir
    Path folder;

    private TrainingCorpus corpus;
    private List<List<Example>> plan;

    @BeforeEach
    void write() {
        corpus = new TrainingCorpus(folder);
        List<Example> examples = TrainingCorpus.examples(
                IntStream.range(0, 12).mapToObj(i -> corpus.clip("c", i)).toList());
        plan = EpochPlan.training(examples, List.of(), 0, 3, 1, 0);
    }

    @Test
    void batchesDoNotDependOnThreadsNorOnTheCache() {
        List<Batch> one = load(1, 1 << 20, 0, 5);
        assertEquals(4, one.size());
        for (int threads : new int[] {2, 4}) {
            for (long cache : new long[] {0, 1 << 16, 1 << 24}) {
                List<Batch> other = load(threads, cache, 0, 5);
                for (int i = 0; i < 4; i++) {
                    assertEquals(one.get(i).examples(), other.get(i).examples());
                    assertArrayEquals(
                            one.get(i).waves().values(), other.get(i).waves().values());
                }
            }
        }
    }

    @Test
    void aResumedEpochGoesOnWithTheSameCrops() {
        List<Batch> whole = load(2, 1 << 20, 0, 5);
        List<Batch> rest = load(2, 1 << 20, 2, 5);
        assertEquals(2, rest.size());
        assertArrayEquals(whole.get(2).waves().values(), rest.get(0).waves().values());
        assertArrayEquals(whole.get(3).waves().values(), rest.get(1).waves().values());
        assertFalse(
                Arrays.equals(
                        whole.get(0).waves().values(),
                        load(2, 1 << 20, 0, 6).get(0).waves().values()),
                "another epoch");
    }

    @Test
    void batchesHaveTheirShapes() {
        Batch batch = load(1, 0, 0, 0).getFirst();
        assertEquals(3, batch.size());
        assertEquals(SAMPLES, batch.waves().samples());
        assertEquals(3 * SAMPLES, batch.waves().values().length);
        assertNotNull(batch.tokens());
        assertEquals(3, batch.tokens().batch());
    }

    @Test
    void aBatchWithoutReadableAudioIsEmpty() {
        List<Example> bad = TrainingCorpus.examples(List.of(corpus.broken("x"), folder.resolve("missing.wav")));
        List<List<Example>> both = List.of(
                bad, plan.getFirst(), List.of(bad.getFirst(), plan.getFirst().getFirst()));
        BadAudio noted = new BadAudio(10, 0.5);
        List<Batch> batches = load(both, noted, 2);
        assertEquals(List.of(0, 3, 1), batches.stream().map(Batch::size).toList());
        assertNull(batches.getFirst().tokens());
        assertEquals(2, noted.reasons().size());
        assertTrue(noted.reasons().get(folder.resolve("missing.wav")).contains("no such file"));
    }

    @Test
    void tooManyBadFilesEndTheLoading() {
        List<Example> bad = TrainingCorpus.examples(List.of(corpus.broken("x"), corpus.broken("y")));
        UserException e = assertThrows(UserException.class, () -> load(List.of(bad), new BadAudio(10, 0.1), 2));
        assertTrue(e.getMessage().contains("2 of 10") && e.getMessage().contains("x.wav"), e.getMessage());
    }

    @Test
    void oneFileCountsOnceHoweverOftenItFails() {
        BadAudio bad = new BadAudio(10, 0.1);
        for (int i = 0; i < 5; i++) {
            bad.add(folder.resolve("a.wav"), "torn");
        }
        assertEquals(1, bad.reasons().size());
    }

    private List<Batch> load(int threads, long cacheBytes, int first, long epoch) {
        try (BatchLoader loader = loader(threads, cacheBytes, new BadAudio(1, 0))) {
            List<Batch> batches = new ArrayList<>();
            loader.load(plan, first, new BatchLoader.Cut(Crop.TRAINING, 1, epoch), true)
                    .forEach(batches::add);
            return batches;
        }
    }

    private static List<Batch> load(List<List<Example>> plan, BadAudio bad, int threads) {
        try (BatchLoader loader = loader(threads, 0, bad)) {
            List<Batch> batches = new ArrayList<>();
            loader.load(plan, 0, new BatchLoader.Cut(Crop.TRAINING, 1, 0), true).forEach(batches::add);
            return batches;
        }
    }

    private static BatchLoader loader(int threads, long cacheBytes, BadAudio bad) {
        WordPiece tokenizer = new WordPiece(VocabularyTrainer.train(List.of("a caption"), 40));
        AudioCache cache = new AudioCache(TrainingCorpus.RATE, cacheBytes);
        return new BatchLoader(cache, SAMPLES, tokenizer, 8, bad, threads);
    }
}
