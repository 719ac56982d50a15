package org.jclap.clap.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.MelBank;
import org.jclap.clap.text.VocabularyTrainer;
import org.jclap.clap.text.WordPiece;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.reference.ReferenceBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClapCheckpointTest {
    private static final WordPiece TOKENIZER =
            new WordPiece(VocabularyTrainer.train(List.of("a dog barks \u00e9"), 40));
    private static final String HEAD = "audio_encoder.base.fc_audioset.weight";

    private final ReferenceBackend backend = new ReferenceBackend();

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeftInMemory() {
        assertEquals(0, backend.memory().liveBuffers());
        backend.close();
    }

    @Test
    void everythingIsReadBack() {
        Path file = folder.resolve("x.safetensors");
        try (ClapCheckpoint written = create(3, 5)) {
            written.save(file, Map.of("epoch", "7"));
            assertEquals("7", Safetensors.read(file).metadata().get("epoch"));
            try (ClapCheckpoint read = ClapCheckpoint.load(backend, file)) {
                assertEquals(written.model().config(), read.model().config());
                assertEquals(FrontEnd.PANNS_16K, read.frontEnd());
                assertEquals(0.7, read.seconds());
                assertEquals(11_200, read.samples());
                assertEquals(9, read.maxLength());
                assertEquals(
                        TOKENIZER.vocabulary().tokens(),
                        read.tokenizer().vocabulary().tokens());
                written.model()
                        .weights()
                        .state()
                        .forEach((name, tensor) -> assertArrayEquals(
                                tensor.toDoubles(),
                                read.model().weights().state().get(name).toDoubles(),
                                name));
            }
        }
    }

    @Test
    void theMelBankIsThatOfTheFrontEndUntilWeightsBringTheirs() {
        Path file = folder.resolve("x.safetensors");
        try (ClapCheckpoint checkpoint = create(3, 5)) {
            assertArrayEquals(
                    MelBank.slaney(FrontEnd.PANNS_16K).transposed(),
                    checkpoint.model().audioBase().melBank().toFloats());
            assertEquals(FrontEnd.PANNS_16K, checkpoint.logMel().geometry());
            checkpoint.save(file, Map.of());
        }
    }

    @Test
    void aStartTakesWhatTheFileHasAndLeavesAnotherHead() {
        Path file = folder.resolve("tower.safetensors");
        try (ClapCheckpoint source = create(3, 5);
                ClapCheckpoint target = create(4, 8)) {
            source.save(file, Map.of(), name -> name.startsWith("audio_encoder.base."));
            float[] head = target.model().weights().state().get(HEAD).toFloats();
            float[] text = target.model()
                    .weights()
                    .state()
                    .get("caption_encoder.projection.linear1.weight")
                    .toFloats();
            target.initialize(Safetensors.read(file));
            String convolution = "audio_encoder.base.conv_block3.conv2.weight";
            assertArrayEquals(
                    source.model().weights().state().get(convolution).toFloats(),
                    target.model().weights().state().get(convolution).toFloats());
            assertArrayEquals(head, target.model().weights().state().get(HEAD).toFloats());
            assertArrayEquals(
                    text,
                    target.model()
                            .weights()
                            .state()
                            .get("caption_encoder.projection.linear1.weight")
                            .toFloats());
        }
    }

    @Test
    void aFileOfSomethingElseIsNoStart() {
        Path file = folder.resolve("other.safetensors");
        Safetensors.write(file, Map.of(), List.of());
        try (ClapCheckpoint checkpoint = create(1, 5)) {
            assertMessage(() -> checkpoint.initialize(Safetensors.read(file)), file.toString(), "none of this model");
        }
        assertMessage(() -> ClapCheckpoint.load(backend, file).close(), file.toString(), "model.init");
    }

    @Test
    void aMissingTensorAndAnotherShapeAreNamed() {
        Path tower = folder.resolve("tower.safetensors");
        Path whole = folder.resolve("whole.safetensors");
        try (ClapCheckpoint source = create(3, 5)) {
            source.save(tower, Map.of(), name -> name.startsWith("audio_encoder.base."));
            source.save(whole, Map.of());
        }
        assertMessage(() -> ClapCheckpoint.load(backend, tower).close(), tower.toString(), "has no tensor");
        try (ClapCheckpoint other = create(3, 8)) {
            assertMessage(() -> other.restore(Safetensors.read(whole), _ -> true), HEAD, "(5, 6)", "(8, 6)");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "seconds | soon",
                "seconds | -1",
                "max_length | 1.5",
                "max_length | 0",
                "model | {}",
                "front_end | {\"sample_rate\":16000,\"window_size\":512,\"hop\":160,\"mels\":32,\"f_min\":50,\"f_max\":8000}",
                "model | {\"audio\":",
                "front_end | []",
                "front_end | {\"sample_rate\":-1}",
                "vocabulary | one two",
                "model | " + HUGE
            })
    void damagedMetadataAreNamed(String row) {
        String[] cells = row.split(" \\| ", -1);
        Path file = folder.resolve("x.safetensors");
        try (ClapCheckpoint checkpoint = create(3, 5)) {
            Map<String, String> damage = new LinkedHashMap<>();
            damage.put(cells[0], cells[1]);
            checkpoint.save(file, damage);
        }
        String message = assertMessage(() -> ClapCheckpoint.load(backend, file).close(), file.toString());
        assertFalse(message.contains("jackson"), message);
    }

    /** Sizes whose weights would need some terabytes. */
    private static final String HUGE =
            "{\"audio\":{\"channels\":[2,3,4,4,5,6],\"embedding\":6,\"classes\":5,\"mels\":64,\"window\":512},"
                    + "\"text\":{\"vocabulary\":500000000,\"positions\":9,\"layers\":1000000,\"hidden\":8,\"heads\":2,"
                    + "\"intermediate\":16,\"dropout\":0.1,\"pooler\":false},\"projection\":6}";

    @Test
    void metadataThatAreMissingAreNamed() {
        Path whole = folder.resolve("whole.safetensors");
        try (ClapCheckpoint checkpoint = create(3, 5)) {
            for (String field : List.of("model", "front_end", "seconds", "max_length", "vocabulary")) {
                Map<String, String> metadata = checkpoint.metadata();
                metadata.remove(field);
                Safetensors.write(whole, metadata, new ArrayList<>(checkpoint.items()));
                assertMessage(() -> ClapCheckpoint.load(backend, whole).close(), whole.toString(), "'" + field + "'");
            }
        }
    }

    private ClapCheckpoint create(long seed, int classes) {
        ClapConfig sizes = new ClapConfig(
                new Cnn14Config(List.of(2, 3, 4, 4, 5, 6), 6, classes, 64, 512),
                new BertConfig(TOKENIZER.vocabulary().size(), 9, 1, 8, 2, 16, 0.1, false),
                6);
        return ClapCheckpoint.create(backend, sizes, FrontEnd.PANNS_16K, 0.7, TOKENIZER, 9, seed);
    }

    private static String assertMessage(Runnable action, String... parts) {
        String message =
                String.valueOf(assertThrows(UserException.class, action::run).getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
        }
        return message;
    }
}
