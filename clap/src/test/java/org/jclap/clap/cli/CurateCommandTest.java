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
import java.util.List;
import org.jclap.tensor.io.NpyFile;
import org.jclap.tensor.io.NpyWriter;
import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurateCommandTest {
    /** Clips: the axes x, y, z, and half way between x and y. */
    private static final float[] CLIPS = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0.6f, 0.8f, 0};

    /** Captions: x, y, and one that no clip is like. */
    private static final float[] CAPTIONS = {1, 0, 0, 0, 1, 0, 0, 0, -1};

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        npy("a.npy", CLIPS, DType.F16);
        npy("t.npy", CAPTIONS, DType.F32);
        lines("a.csv", "ID,wav_path", "c0,audio/0.wav", "c1,audio/1.wav", "c2,audio/2.wav", "c3,audio/3.wav");
        lines("t.csv", "ID,wav_path,caption", "k0,k/0.wav,a dog", "k1,k/1.wav,\"rain, heavy\"", "k2,k/2.wav,nothing");
    }

    private Path npy(String name, float[] values, DType dtype) {
        var file = folder.resolve(name);
        try (var writer = new NpyWriter(file, dtype, 3)) {
            writer.append(values);
            writer.commit();
        }
        return file;
    }

    private Path lines(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    private Path at(String name) {
        return folder.resolve(name);
    }

    private CommandRun pairing(String method, Object... more) {
        var arguments = new ArrayList<Object>(List.of(
                "curate",
                method,
                "--device",
                "reference",
                "--audio-emb",
                at("a.npy"),
                "--audio-manifest",
                at("a.csv"),
                "--text-emb",
                at("t.npy"),
                "--text-manifest",
                at("t.csv"),
                "--out",
                at("pairs.csv")));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void duWritesEveryPairAboveTheThresholdClipByClip() throws IOException {
        var run = pairing("du", "--threshold", "0.59", "--report", at("r.json"));
        assertEquals(0, run.exit(), run.err());
        assertEquals(
                List.of(
                        "ID,wav_path,caption",
                        "c0,audio/0.wav,a dog",
                        "c1,audio/1.wav,\"rain, heavy\"",
                        "c3,audio/3.wav,a dog",
                        "c3,audio/3.wav,\"rain, heavy\""),
                Files.readAllLines(at("pairs.csv")));
        assertTrue(run.out().contains("3 of 4 clips") && run.out().contains("2 of 3 captions"), run.out());
        var report = JsonMapper.builder().build().readTree(at("r.json").toFile());
        assertEquals(4, report.get("kept").asLong());
        assertEquals(4, report.get("best_similarities").get("count").asLong());
        var bins = 0L;
        for (var count : report.get("kept_similarities").get("bins")) {
            bins += count.asLong();
        }
        assertEquals(4, bins);
    }

    @Test
    void a2aTakesTheCaptionsOfAnnotatedClips() throws IOException {
        assertEquals(0, pairing("a2a", "--threshold", "0.9").exit());
        assertEquals(
                List.of("ID,wav_path,caption", "c0,audio/0.wav,a dog", "c1,audio/1.wav,\"rain, heavy\""),
                Files.readAllLines(at("pairs.csv")));
    }

    @Test
    void topkWritesTheBestFirst() throws IOException {
        assertEquals(0, pairing("topk", "--k", "2").exit());
        var lines = Files.readAllLines(at("pairs.csv"));
        assertEquals(9, lines.size());
        assertEquals("c3,audio/3.wav,\"rain, heavy\"", lines.get(7));
        assertEquals("c3,audio/3.wav,a dog", lines.get(8));
    }

    @Test
    void dsKeepsCaptionsWithAudioAndEmbeddingsAndAdsUsesThem() throws IOException {
        npy("l.npy", new float[] {0, 1, 0, 0, 0, 1}, DType.F32);
        var ds = CommandRun.of(
                "curate",
                "ds",
                "--device",
                "reference",
                "--label-emb",
                at("l.npy"),
                "--text-emb",
                at("t.npy"),
                "--text-manifest",
                at("t.csv"),
                "--threshold",
                "0.7",
                "--out",
                at("ds.csv"),
                "--out-emb",
                at("ds.npy"),
                "--json");
        assertEquals(0, ds.exit(), ds.err());
        assertEquals(
                1, JsonMapper.builder().build().readTree(ds.out()).get("kept").asInt());
        assertEquals(List.of("ID,wav_path,caption", "k1,k/1.wav,\"rain, heavy\""), Files.readAllLines(at("ds.csv")));
        assertArrayEquals(new float[] {0, 1, 0}, NpyFile.read(at("ds.npy")).floats());
        var ads = CommandRun.of(
                "curate",
                "ads",
                "--device",
                "reference",
                "--audio-emb",
                at("a.npy"),
                "--audio-manifest",
                at("a.csv"),
                "--text-emb",
                at("ds.npy"),
                "--text-manifest",
                at("ds.csv"),
                "--threshold",
                "0.7",
                "--out",
                at("ads.csv"));
        assertEquals(0, ads.exit(), ads.err());
        assertEquals(
                List.of("ID,wav_path,caption", "c1,audio/1.wav,\"rain, heavy\"", "c3,audio/3.wav,\"rain, heavy\""),
                Files.readAllLines(at("ads.csv")));
    }

    @Test
    void keepingNothingWarnsWithTheHighestSimilarity() throws IOException {
        npy("t.npy", new float[] {0.6f, 0, -0.8f, 0, 0.6f, -0.8f, 0, 0, -1}, DType.F32);
        var run = pairing("du", "--threshold", "0.9");
        assertEquals(0, run.exit(), run.err());
        assertEquals(List.of("ID,wav_path,caption"), Files.readAllLines(at("pairs.csv")));
        assertTrue(run.err().contains("warning: nothing was kept") && run.err().contains("0.600"), run.err());
    }

    @Test
    void keepingNearlyEverythingWarns() {
        var run = pairing("du", "--threshold", "-1");
        assertEquals(0, run.exit());
        assertTrue(run.err().contains("100 %"), run.err());
    }

    @Test
    void rowsThatDoNotMatchTheManifestAreOneErrorAndNoFile() throws IOException {
        lines("a.csv", "ID,wav_path", "c0,audio/0.wav");
        var run = pairing("du", "--threshold", "0.5");
        assertEquals(1, run.exit());
        assertEquals(1, run.errors().size(), run.err());
        assertTrue(run.err().contains("a.npy has 4 rows") && run.err().contains("a.csv has 1"), run.err());
        assertFalse(Files.exists(at("pairs.csv")));
    }

    @Test
    void damagedEmbeddingsLeaveThePreviousResult() throws IOException {
        lines("pairs.csv", "old");
        var values = CLIPS.clone();
        values[11] = Float.NaN;
        npy("a.npy", values, DType.F32);
        var run = pairing("du", "--threshold", "0.5");
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("row 3"), run.err());
        assertEquals(List.of("old"), Files.readAllLines(at("pairs.csv")));
        try (var files = Files.list(folder)) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
    }

    @Test
    void exactlyOneSelectionIsNeeded() {
        assertEquals(2, pairing("du").exit());
        assertEquals(2, pairing("du", "--threshold", "0.5", "--k", "2").exit());
        assertEquals(2, pairing("du", "--threshold", "75").exit());
        assertEquals(2, pairing("topk", "--k", "0").exit());
    }
}
