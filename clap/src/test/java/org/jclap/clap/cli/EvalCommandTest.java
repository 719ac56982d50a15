package org.jclap.clap.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.io.NpyFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalCommandTest {
    private static final List<String> CLASSES = List.of("dog", "rain", "siren");

    @TempDir
    private Path folder;

    private Path checkpoint;
    private Path table;

    @BeforeEach
    void write() throws IOException {
        checkpoint = TinyModel.write(folder.resolve("c.safetensors"), 6);
        var rows = new ArrayList<>(List.of("ID,wav_path,class_name,fold"));
        for (var i = 0; i < 9; i++) {
            TinyModel.tone(folder.resolve(i + ".wav"), 0.2 + 0.1 * i, 200 * (i + 1), i);
            rows.add("%d,%d.wav,%s,%d".formatted(i, i, CLASSES.get(i % 3), i < 6 ? 1 : 2));
        }
        table = Files.write(folder.resolve("set.csv"), rows);
    }

    private CommandRun eval(String task, Object... more) {
        var arguments = new ArrayList<Object>(List.of(
                "eval", task, "--device", "reference", "--checkpoint", checkpoint, "--out", folder.resolve("r.json")));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    private JsonNode result() throws IOException {
        return JsonMapper.builder().build().readTree(folder.resolve("r.json").toFile());
    }

    @Test
    void zeroShotChoosesTheNearestPromptAndRecordsTheProtocol() throws IOException {
        var run = eval("zeroshot", "--layout", "csv", "--data", table, "--batch", "4");
        assertEquals(0, run.exit(), run.err());
        var result = result();
        var expected = expectedConfusion();
        for (var row = 0; row < 3; row++) {
            for (var column = 0; column < 3; column++) {
                assertEquals(
                        expected[row][column],
                        result.get("confusion").get(row).get(column).asInt());
            }
        }
        var right = expected[0][0] + expected[1][1] + expected[2][2];
        assertEquals(right / 9.0, result.get("accuracy").asDouble(), 1e-12);
        assertTrue(result.at("/accuracy_interval/low").asDouble() <= right / 9.0);
        assertEquals("this is a sound of ", result.get("prompt").asText());
        assertEquals("this is a sound of rain", result.at("/classes/1/prompt").asText());
        assertEquals("all", result.get("fold").asText());
        assertEquals("centre+repeat", result.get("crop").asText());
        assertEquals(16, result.get("data_fingerprint").asText().length());
        assertTrue(run.out().contains("accuracy") && run.out().contains("siren"), run.out());
    }

    /** From the files that embed writes. */
    private int[][] expectedConfusion() throws IOException {
        var labels = Files.write(folder.resolve("labels.txt"), CLASSES);
        var text = folder.resolve("text.npy");
        var audio = folder.resolve("audio.npy");
        for (var arguments : List.of(
                List.of("--text", labels, "--prompt", "--out", text), List.of("--audio", table, "--out", audio))) {
            var command = new ArrayList<Object>(List.of("embed", "--device", "reference", "--checkpoint", checkpoint));
            command.addAll(arguments);
            assertEquals(0, CommandRun.of(command.toArray()).exit());
        }
        var confusion = new int[3][3];
        for (var clip = 0; clip < 9; clip++) {
            var best = 0;
            for (var c = 1; c < 3; c++) {
                if (dot(audio, clip, text, c) > dot(audio, clip, text, best)) {
                    best = c;
                }
            }
            confusion[clip % 3][best]++;
        }
        return confusion;
    }

    private static double dot(Path a, int i, Path b, int j) {
        var x = NpyFile.read(a).floats(i, 1);
        var y = NpyFile.read(b).floats(j, 1);
        var sum = 0.0;
        for (var k = 0; k < x.length; k++) {
            sum += x[k] * y[k];
        }
        return sum;
    }

    @Test
    void aFoldIsSelectedByNameOrNamedWhenAbsent() throws IOException {
        assertEquals(
                0,
                eval("zeroshot", "--layout", "csv", "--data", table, "--fold", "2")
                        .exit());
        assertEquals(3, result().get("clips").asInt());
        assertEquals("2", result().get("fold").asText());
        var run = eval("zeroshot", "--layout", "csv", "--data", table, "--fold", "3");
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("no fold '3'; it has 1, 2"), run.err());
    }

    @Test
    void aDamagedClipStopsWithoutAResultUnlessItIsSkipped() throws IOException {
        Files.writeString(folder.resolve("4.wav"), "noise");
        assertEquals(1, eval("zeroshot", "--layout", "csv", "--data", table).exit());
        assertFalse(Files.exists(folder.resolve("r.json")));
        var run = eval("zeroshot", "--layout", "csv", "--data", table, "--skip-bad", "--json");
        assertEquals(0, run.exit(), run.err());
        assertEquals(8, result().get("clips").asInt());
        assertEquals(1, result().get("skipped").size());
        assertEquals(result(), JsonMapper.builder().build().readTree(run.out()));
        assertTrue(run.err().contains("4.wav"), run.err());
    }

    @Test
    void severalLabelsPerClipAreScoredByPrecision() throws IOException {
        var truth = Files.createDirectories(folder.resolve("f/FSD50K.ground_truth"));
        Files.write(truth.resolve("vocabulary.csv"), List.of("0,Dog,/m/0", "1,Rain,/m/1"));
        Files.write(
                truth.resolve("eval.csv"),
                List.of("fname,labels,mids", "10,\"Dog,Rain\",\"/m/0,/m/1\"", "11,Dog,/m/0", "12,Rain,/m/1"));
        for (var name : List.of("10", "11", "12")) {
            TinyModel.tone(folder.resolve("f/FSD50K.eval_audio/" + name + ".wav"), 0.3, 500, name.hashCode());
        }
        var run = eval("zeroshot", "--layout", "fsd50k", "--data", folder.resolve("f"));
        assertEquals(0, run.exit(), run.err());
        var map = result().get("macro_map").asDouble();
        assertTrue(map > 0.3 && map <= 1, "mAP " + map);
        assertFalse(result().has("accuracy"));
        assertFalse(result().get("missing").isEmpty());
    }

    @Test
    void retrievalRanksBothWaysAndJoinsTheCaptionsOfAClip() throws IOException {
        var pairs = Files.write(
                folder.resolve("pairs.csv"),
                List.of(
                        "ID,wav_path,caption",
                        "a,0.wav,a dog",
                        "a,0.wav,dog and wind",
                        "b,1.wav,rain",
                        "c,2.wav,a siren"));
        var run = eval("retrieval", "--data", pairs);
        assertEquals(0, run.exit(), run.err());
        var result = result();
        assertEquals(3, result.get("clips").asInt());
        assertEquals(4, result.at("/text_to_audio/queries").asInt());
        assertEquals(3, result.at("/audio_to_text/queries").asInt());
        assertEquals(1, result.at("/text_to_audio/recall_at5").asDouble());
        var score = (result.at("/text_to_audio/map_at10").asDouble()
                        + result.at("/audio_to_text/map_at10").asDouble())
                / 2;
        assertEquals(score, result.get("selection_score").asDouble(), 1e-12);
    }
}
