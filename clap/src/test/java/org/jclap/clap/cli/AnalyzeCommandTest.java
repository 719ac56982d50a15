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
import java.util.SplittableRandom;
import org.jclap.tensor.io.NpyWriter;
import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalyzeCommandTest {
    /** Six points whose scores scikit-learn and the library of NNGS give: see the tests. */
    private static final float[] POINTS = {0, 0, 1, 0.1f, 0.2f, 1.3f, 5, 5.2f, 6.1f, 5, 3, 2.7f};

    private static final float[] OTHERS = {0, 0.1f, 1.1f, 0, 4, 4.3f, 5, 5.9f, 0.3f, 1.6f, 2.5f, 2.2f};

    @TempDir
    private Path folder;

    private Path points;
    private Path labels;

    @BeforeEach
    void write() throws IOException {
        points = npy("x.npy", 2, POINTS);
        labels = lines("l.csv", "ID,class_name", "a,dog", "b,dog", "c,dog", "d,car_horn", "e,car_horn", "f,car_horn");
    }

    private Path npy(String name, int dim, float... values) {
        var file = folder.resolve(name);
        try (var writer = new NpyWriter(file, DType.F32, dim)) {
            writer.append(values);
            writer.commit();
        }
        return file;
    }

    private Path lines(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    private static JsonNode json(CommandRun run) throws IOException {
        assertEquals(0, run.exit(), run.err());
        return JsonMapper.builder().build().readTree(run.out());
    }

    private CommandRun separability(Object... more) {
        var arguments =
                new ArrayList<Object>(List.of("analyze", "separability", "--embeddings", points, "--labels", labels));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    private static void assertOneLine(CommandRun run, String... words) {
        assertEquals(1, run.exit(), run.out() + run.err());
        assertEquals(1, run.errors().size(), run.err());
        for (var word : words) {
            assertTrue(run.err().contains(word), run.err());
        }
    }

    @Test
    void theSilhouetteIsGivenInBothMetricsAndPerClass() throws IOException {
        var result = json(separability("--metric", "euclidean", "--json"));
        assertEquals(0.61095593, result.get("silhouette").asDouble(), 1e-6);
        assertEquals(0.61095593, result.get("silhouettes").get("euclidean").asDouble(), 1e-6);
        assertTrue(result.get("silhouettes").has("cosine"));
        var perClass = result.get("per_class");
        assertEquals("car_horn", perClass.get(0).get("name").asText());
        assertEquals(3, perClass.get(1).get("clips").asInt());
        var mean = (perClass.get(0).get("euclidean").asDouble()
                        + perClass.get(1).get("euclidean").asDouble())
                / 2;
        assertEquals(0.61095593, mean, 1e-6);
    }

    @Test
    void theHeadlineIsTheCosineUnlessTheOtherIsChosen() throws IOException {
        points = npy("shifted.npy", 2, shifted());
        var result = json(separability("--json"));
        assertEquals("cosine", result.get("metric").asText());
        assertEquals(0.16761936, result.get("silhouette").asDouble(), 1e-6);
    }

    private static float[] shifted() {
        var values = POINTS.clone();
        for (var i = 0; i < values.length; i++) {
            values[i] += i % 2 == 0 ? 0.5f : 0.25f;
        }
        return values;
    }

    @Test
    void clipsAreComparedByEuclideanNeighboursWithTheChanceLevel() throws IOException {
        var other = npy("z.npy", 2, OTHERS);
        var out = folder.resolve("r.json");
        var run = separability("--against", other, "--k", "3", "--out", out);
        assertEquals(0, run.exit(), run.err());
        assertTrue(run.out().contains("NNGS") && run.out().contains("chance"), run.out());
        var agreement = JsonMapper.builder().build().readTree(out.toFile()).get("agreement");
        assertEquals(1, agreement.size(), "two classes are too few for three neighbours");
        assertEquals("euclidean", agreement.get(0).get("metric").asText());
        assertEquals(0.483333, agreement.get(0).get("nngs").asDouble(), 1e-6);
        assertEquals(0.428571, agreement.get(0).get("chance").asDouble(), 1e-6);
    }

    @Test
    void aSpaceEqualToItselfAgreesFully() throws IOException {
        var agreement =
                json(separability("--against", points, "--k", "1", "--json")).get("agreement");
        assertEquals("class_means", agreement.get(1).get("level").asText());
        for (var level : agreement) {
            assertEquals(1, level.get("nngs").asDouble(), 1e-12);
            assertEquals(1, level.get("linear_cka").asDouble(), 1e-6);
        }
    }

    @Test
    void rowsOfClassesAreMatchedByTheirPrompts() throws IOException {
        lines("l.csv", "ID,class_name", "a,dog", "b,dog", "c,car_horn", "d,car_horn", "e,horn", "f,horn");
        // The class means of the points in the order of the prompts, which is not the alphabetical one.
        var classes = npy("z.npy", 2, 4.55f, 3.85f, 0.5f, 0.05f, 2.6f, 3.25f);
        assertOneLine(separability("--against", classes, "--k", "1"), "z.csv", "--against-labels");
        lines("z.csv", "ID,caption", "0,this is a sound of horn", "1,a dog", "2,this is a sound of car horn");
        var result =
                json(separability("--against", classes, "--k", "1", "--json")).get("agreement");
        assertEquals(1, result.size());
        assertEquals(1, result.get(0).get("nngs").asDouble(), 1e-12);
        assertEquals(1, result.get(0).get("linear_cka").asDouble(), 1e-6);
        var wrong = lines("names.txt", "horn", "horn", "dog");
        assertOneLine(
                separability("--against", classes, "--k", "1", "--against-labels", wrong), "names.txt", "car_horn");
    }

    @Test
    void spacesThatCannotBeComparedAreOneLine() throws IOException {
        assertOneLine(separability("--against", npy("z.npy", 1, 1, 2, 3, 4)), "z.npy has 4 rows", "6");
        assertOneLine(separability("--against", points, "--k", "6"), "6 neighbours");
        assertOneLine(separability("--against", folder.resolve("absent.npy")), "absent.npy");
        lines("l.csv", "ID,class_name", "a,dog", "b,dog");
        assertOneLine(separability(), "x.npy has 6 rows", "l.csv has 2", "row i");
        lines("l.csv", "ID,label", "a,dog");
        assertOneLine(separability(), "l.csv", "class_name");
        lines("l.csv", "ID,class_name", "a,dog", "b,dog", "c,dog", "d,dog", "e,dog", "f,dog");
        assertOneLine(separability(), "silhouette");
        npy("x.npy", 2, 0, 0, 1, Float.NaN, 0, 0, 1, 1, 2, 2, 3, 3);
        assertOneLine(separability(), "x.npy", "row 1");
        assertEquals(2, separability("--metric", "manhattan").exit());
        assertEquals(2, separability("--k", "0").exit());
    }

    private CommandRun tsne(String out, Object... more) {
        var arguments = new ArrayList<Object>(
                List.of("analyze", "tsne", "--embeddings", points, "--labels", labels, "--out", folder.resolve(out)));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void theMapIsWrittenInTheFormatOfItsName() throws IOException {
        for (var name : List.of("map.html", "map.svg", "map.csv")) {
            var run = tsne(name, "--perplexity", "1.5", "--metric", "euclidean");
            assertEquals(0, run.exit(), run.err());
        }
        assertTrue(Files.readString(folder.resolve("map.html")).contains("car_horn: d"));
        assertTrue(Files.readString(folder.resolve("map.svg")).startsWith("<svg"));
        var rows = Files.readAllLines(folder.resolve("map.csv"));
        assertEquals("ID,class_name,x,y", rows.getFirst());
        assertEquals(7, rows.size());
        assertTrue(rows.get(4).matches("d,car_horn,-?[0-9.E-]+,-?[0-9.E-]+"), rows.get(4));
    }

    @Test
    void theSampleIsDrawnByTheSeedInTheOrderOfTheFile() throws IOException {
        var ids = new ArrayList<String>();
        for (var seed : List.of(1, 1, 2, 3, 4, 5)) {
            assertEquals(
                    0,
                    tsne("map.csv", "--sample", "4", "--perplexity", "1", "--seed", seed)
                            .exit());
            var rows = Files.readAllLines(folder.resolve("map.csv"));
            assertEquals(5, rows.size());
            ids.add(String.join(
                    "", rows.stream().skip(1).map(row -> row.substring(0, 1)).toList()));
        }
        assertEquals(ids.get(0), ids.get(1));
        assertTrue(ids.stream().distinct().count() > 1, ids::toString);
        for (var drawn : ids) {
            assertEquals(4, drawn.chars().distinct().count());
            assertEquals(
                    drawn,
                    String.join(
                            "",
                            drawn.chars().sorted().mapToObj(Character::toString).toList()));
        }
    }

    @Test
    void tooManyPointsAreRefusedWithTheRemedy() throws IOException {
        var rows = 5001;
        var values = new float[2 * rows];
        var names = new ArrayList<String>(List.of("ID,class_name"));
        var random = new SplittableRandom(4);
        for (var i = 0; i < rows; i++) {
            values[2 * i] = (float) random.nextDouble();
            names.add(i + ",c" + i % 3);
        }
        npy("x.npy", 2, values);
        Files.write(labels, names);
        assertOneLine(tsne("map.csv"), "5001 points", "--sample 5000");
        assertEquals(0, tsne("map.csv", "--sample", "50").exit());
    }

    @Test
    void wrongSettingsOfTheMapAreOneLine() {
        assertOneLine(tsne("map.png"), "map.png", ".html");
        assertOneLine(tsne("map.csv", "--perplexity", "6"), "perplexity");
        assertOneLine(tsne("map.csv", "--perplexity", "0"), "perplexity");
        assertEquals(2, tsne("map.csv", "--sample", "0").exit());
        assertFalse(Files.exists(folder.resolve("map.csv")));
    }

    private CommandRun correlation(Path table, Object... more) {
        var arguments = new ArrayList<Object>(
                List.of("analyze", "correlation", "--table", table, "--x", "s", "--y", "accuracy"));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void correlationsComeWithTheirPValues() throws IOException {
        var table = lines("t.csv", "run,s,accuracy", "a,1,1", "b, 2 ,10", "c,3,100", "d,4,1000");
        var plain = json(correlation(table, "--json"));
        assertTrue(plain.get("pearson").get("r").asDouble() < 0.9);
        assertEquals(1, plain.get("spearman").get("r").asDouble(), 1e-12);
        var logarithmic = json(correlation(table, "--json", "--log-y"));
        assertEquals(1, logarithmic.get("pearson").get("r").asDouble(), 1e-12);
        assertEquals(4, logarithmic.get("pearson").get("n").asInt());
        var run = correlation(table);
        assertTrue(run.out().contains("Pearson") && run.out().contains("p = 0."), run.out());
    }

    @Test
    void tablesThatCannotBeUsedAreOneLine() throws IOException {
        assertOneLine(correlation(lines("t.csv", "run,accuracy", "a,1")), "t.csv", "'s'", "run, accuracy");
        assertOneLine(correlation(lines("t.csv", "s,accuracy", "1,2", "3,good")), "t.csv, row 2", "'good'");
        assertOneLine(correlation(lines("t.csv", "s,accuracy", "1,2", "3")), "row 2");
        assertOneLine(correlation(lines("t.csv", "s,accuracy", "1,2")), "t.csv", "two pairs");
        assertOneLine(correlation(lines("t.csv", "s,accuracy", "1,NaN", "2,3")), "t.csv", "finite");
        assertOneLine(correlation(lines("t.csv", "s,accuracy", "1,0", "2,3"), "--log-y"), "row 1", "logarithm");
        assertOneLine(correlation(lines("t.csv", "s,s,accuracy", "1,0,2", "2,3,4")), "two columns");
        assertOneLine(correlation(lines("t.csv", "s,accuracy")), "no rows");
        assertOneLine(correlation(folder.resolve("absent.csv")), "absent.csv");
        assertEquals(2, CommandRun.of("analyze").exit());
    }

    @Test
    void leakageFindsSharedRecordingsFilesAndClasses() throws IOException {
        for (var name : List.of("1.wav", "2.wav", "3.wav")) {
            lines(name, "not opened");
        }
        lines("eval.csv", "ID,wav_path,class_name,recording", "e1,1.wav,dog,freesound:7", "e2,2.wav,car_horn,");
        lines("train.csv", "ID,wav_path,class_name,recording", "t1,3.wav,dog,freesound:7", "t2,2.wav,rain,freesound:8");
        var audit =
                json(leakage("csv:" + folder.resolve("train.csv"), "--json")).get("audit");
        assertEquals(2, audit.get("train_traceable").asInt());
        assertEquals(1, audit.get("eval_traceable").asInt());
        assertEquals(
                "freesound:7",
                audit.get("shared_recordings").get(0).get("recording").asText());
        assertEquals(
                "e1", audit.get("shared_recordings").get(0).get("eval").get(0).asText());
        assertEquals(1, audit.get("shared_files").size());
        assertTrue(audit.get("shared_files").get(0).asText().endsWith("2.wav"));
        for (var one : audit.get("classes")) {
            assertEquals(
                    one.get("name").asText().equals("dog") ? 1 : 0,
                    one.get("train_clips").asInt());
        }
    }

    @Test
    void leakageFindsClassesInCaptionsByAnyOfTheirNames() throws IOException {
        lines("1.wav", "not opened");
        lines("eval.csv", "ID,wav_path,class_name", "e1,1.wav,dog");
        var train = lines(
                "pairs.csv",
                "ID,wav_path,caption",
                "p1,a.wav,Dogs are barking",
                "p1,a.wav,a hound howls",
                "p2,b.wav,rain falls on a dogma");
        var run = leakage(train.toString());
        assertEquals(0, run.exit(), run.err());
        assertTrue(run.out().contains("shared classes     1 of 1"), run.out());
        assertTrue(
                run.out().contains("dog: 0 training clips with the label, 2 captions that may mention it"), run.out());
        assertTrue(run.out().contains("the recording of 0 is known"), run.out());
    }

    private CommandRun leakage(String train, Object... more) {
        var arguments = new ArrayList<Object>(
                List.of("analyze", "leakage", "--train", train, "--eval", "csv:" + folder.resolve("eval.csv")));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void setsThatAreNotThereAreOneLine() throws IOException {
        lines("1.wav", "not opened");
        lines("eval.csv", "ID,wav_path,class_name", "e1,1.wav,dog");
        assertOneLine(leakage("clotho:" + folder.resolve("absent")), "absent");
        assertOneLine(leakage(folder.resolve("absent.csv").toString()), "absent.csv");
        var train = lines("pairs.csv", "ID,wav_path,caption", "p1,a.wav,a dog");
        assertOneLine(leakage(train.toString(), "--eval-split", "test"), "eval.csv", "no splits");
    }
}
