package org.jclap.clap.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jclap.tensor.io.NpyFile;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedCommandTest {
    @TempDir
    private Path folder;

    private Path checkpoint;
    private Path sounds;

    @BeforeEach
    void write() {
        checkpoint = TinyModel.write(folder.resolve("c.safetensors"), 5);
        sounds = folder.resolve("sounds");
        TinyModel.tone(sounds.resolve("a.wav"), 0.4, 300, 1);
        TinyModel.tone(sounds.resolve("b.wav"), 0.1, 700, 2);
        TinyModel.tone(sounds.resolve("c.wav"), 1.3, 1500, 3);
    }

    private CommandRun embed(Object... more) {
        var arguments = new ArrayList<Object>(List.of("embed", "--device", "reference", "--checkpoint", checkpoint));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    private static float[] row(NpyFile file, int row) {
        return file.floats(row, 1);
    }

    @Test
    void writesNormalisedRowsWithTheirManifestAndOrigin() throws IOException {
        var out = folder.resolve("e.npy");
        var run = embed("--audio", sounds, "--out", out, "--batch", "2", "--threads", "3");
        assertEquals(0, run.exit(), run.err());
        var file = NpyFile.read(out);
        assertEquals(3, file.rows());
        assertEquals(TinyModel.DIM, file.columns());
        for (var i = 0; i < 3; i++) {
            var squares = 0.0;
            for (var value : row(file, i)) {
                squares += value * value;
            }
            assertEquals(1, squares, 1e-5);
        }
        assertEquals(
                List.of("ID,wav_path", "a.wav,sounds/a.wav", "b.wav,sounds/b.wav", "c.wav,sounds/c.wav"),
                Files.readAllLines(folder.resolve("e.csv")));
        var origin =
                JsonMapper.builder().build().readTree(folder.resolve("e.json").toFile());
        assertEquals(3, origin.get("rows").asInt());
        assertEquals(
                16, origin.at("/provenance/checkpoint_fingerprint").asText().length());
        assertTrue(origin.at("/provenance/preprocessing").asText().contains("crop centre+repeat"));
    }

    @Test
    void aFileHasTheSameEmbeddingWhateverStandsBesideIt() {
        var all = folder.resolve("all.npy");
        var one = folder.resolve("one.npy");
        for (var crop : List.of("centre+repeat", "random+pad-random")) {
            assertEquals(
                    0, embed("--audio", sounds, "--out", all, "--crop", crop).exit());
            var alone = folder.resolve("alone-" + crop);
            TinyModel.tone(alone.resolve("c.wav"), 1.3, 1500, 3);
            assertEquals(
                    0,
                    embed("--audio", alone, "--out", one, "--crop", crop, "--batch", "1")
                            .exit());
            assertArrayEquals(row(NpyFile.read(all), 2), row(NpyFile.read(one), 0), 1e-5f, crop);
        }
    }

    @Test
    void everyCaptionOfAClipHasTheRowOfItsAudio() throws IOException {
        var pairs = Files.write(
                folder.resolve("pairs.csv"),
                List.of("ID,wav_path,caption", "a,sounds/a.wav,x", "b,sounds/b.wav,y", "b,sounds/b.wav,z"));
        var out = folder.resolve("e.npy");
        assertEquals(0, embed("--audio", pairs, "--out", out).exit());
        var file = NpyFile.read(out);
        assertEquals(3, file.rows());
        assertArrayEquals(row(file, 1), row(file, 2));
        assertFalse(Arrays.equals(row(file, 0), row(file, 1)));
        assertEquals(Files.readAllLines(pairs), Files.readAllLines(folder.resolve("e.csv")));
    }

    @Test
    void theSeedChoosesTheRandomCrop() {
        var rows = new ArrayList<float[]>();
        for (var seed : List.of("1", "1", "2")) {
            var out = folder.resolve("s.npy");
            assertEquals(
                    0,
                    embed("--audio", sounds, "--out", out, "--crop", "random+repeat", "--seed", seed)
                            .exit());
            rows.add(row(NpyFile.read(out), 2));
        }
        assertArrayEquals(rows.get(0), rows.get(1));
        assertFalse(Arrays.equals(rows.get(0), rows.get(2)));
    }

    @Test
    void aBadFileStopsWithoutOutputUnlessItIsSkipped() throws IOException {
        Files.writeString(sounds.resolve("b.wav"), "not audio");
        var out = folder.resolve("e.npy");
        var run = embed("--audio", sounds, "--out", out);
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("b.wav") && run.err().contains("--skip-bad"), run.err());
        assertFalse(Files.exists(out) || Files.exists(folder.resolve("e.csv")));
        var skipping = embed("--audio", sounds, "--out", out, "--skip-bad");
        assertEquals(0, skipping.exit(), skipping.err());
        assertEquals(2, NpyFile.read(out).rows());
        assertEquals(
                List.of("ID,wav_path", "a.wav,sounds/a.wav", "c.wav,sounds/c.wav"),
                Files.readAllLines(folder.resolve("e.csv")));
        var origin =
                JsonMapper.builder().build().readTree(folder.resolve("e.json").toFile());
        assertTrue(origin.at("/skipped/0/file").asText().endsWith("b.wav"));
        assertFalse(origin.at("/skipped/0/reason").asText().isEmpty());
    }

    @Test
    void captionsKeepTheirIdsAndAudioAndLabelsGetThePrompt() throws IOException {
        var table = Files.write(
                folder.resolve("t.csv"),
                List.of("caption,ID,wav_path", "a dog,x1,k/1.wav", "wind and rain,x2,k/2.wav"));
        var out = folder.resolve("text.npy");
        assertEquals(0, embed("--text", table, "--out", out, "--dtype", "f16").exit());
        assertEquals(DType.F16, NpyFile.read(out).dtype());
        assertEquals(
                List.of("ID,wav_path,caption", "x1,k/1.wav,a dog", "x2,k/2.wav,wind and rain"),
                Files.readAllLines(folder.resolve("text.csv")));

        var labels = Files.write(folder.resolve("labels.txt"), List.of("dog", "rain"));
        var prompted = folder.resolve("p.npy");
        assertEquals(0, embed("--text", labels, "--prompt", "--out", prompted).exit());
        assertEquals(
                List.of("ID,caption", "0,this is a sound of dog", "1,this is a sound of rain"),
                Files.readAllLines(folder.resolve("p.csv")));
        var written =
                Files.write(folder.resolve("w.txt"), List.of("this is a sound of dog", "this is a sound of rain"));
        var plain = folder.resolve("w.npy");
        assertEquals(0, embed("--text", written, "--out", plain).exit());
        assertArrayEquals(NpyFile.read(plain).floats(), NpyFile.read(prompted).floats());
    }

    @Test
    void theManifestThatWasReadIsNeverOverwritten() throws IOException {
        var lines = List.of("ID,caption,mine", "x,a dog,1");
        var table = Files.write(folder.resolve("e.csv"), lines);
        assertEquals(0, embed("--text", table, "--out", folder.resolve("e.npy")).exit());
        assertEquals(lines, Files.readAllLines(table));
        var run = embed("--text", table, "--prompt", "--out", folder.resolve("e.npy"));
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("--out"), run.err());
        assertEquals(lines, Files.readAllLines(table));
    }

    @Test
    void writesSafetensorsAndRefusesOtherKinds() throws IOException {
        var text = Files.write(folder.resolve("t.txt"), List.of("dog", "rain", "wind"));
        var npy = folder.resolve("e.npy");
        var tensors = folder.resolve("e.safetensors");
        assertEquals(0, embed("--text", text, "--out", npy).exit());
        assertEquals(0, embed("--text", text, "--out", tensors).exit());
        var file = Safetensors.read(tensors);
        assertEquals(Shape.of(3, TinyModel.DIM), file.entry("embeddings").shape());
        assertArrayEquals(
                NpyFile.read(npy).floats(), file.elements("embeddings").floats());
        assertEquals(1, embed("--text", text, "--out", folder.resolve("e.txt")).exit());
    }
}
