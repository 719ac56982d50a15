package org.jclap.clap.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jclap.clap.audio.AudioFile;
import org.jclap.clap.data.CaptionLayout;
import org.jclap.clap.data.ClassificationLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthCommandTest {
    @TempDir
    private Path folder;

    private CommandRun synth(Object... more) {
        var arguments = new ArrayList<Object>(List.of("synth", "--sample-rate", "8000", "--seconds", "0.5"));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void writesOnlyTheSetsThatAreNamedAtTheScaledSize() {
        var out = folder.resolve("corpus");
        var run = synth("--out", out, "--sets", "us8k,clotho", "--scale", "0.05", "--seed", "3");
        assertEquals(0, run.exit(), run.err());
        assertTrue(run.out().contains("40 clips"), run.out());
        try (var entries = Files.list(out)) {
            assertEquals(3, entries.count(), "two sets and the list of sources");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        var labelled = ClassificationLayout.US8K.read(find(out, "metadata").getParent());
        assertEquals(10, labelled.clips().size());
        assertEquals(8000, AudioFile.header(labelled.clips().getFirst().path()).sampleRate());
    }

    private static Path find(Path root, String name) {
        try (var files = Files.walk(root)) {
            return files.filter(file -> file.endsWith(name)).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theSeedDecidesTheBytesAndTheThreadsDoNot() throws IOException {
        for (var name : List.of("a", "b", "c")) {
            var run = synth(
                    "--out",
                    folder.resolve(name),
                    "--sets",
                    "macs",
                    "--scale",
                    "0.02",
                    "--seed",
                    name.equals("c") ? 2 : 1,
                    "--threads",
                    name.equals("a") ? 1 : 2);
            assertEquals(0, run.exit(), run.err());
        }
        assertArrayEquals(firstClip("a"), firstClip("b"));
        assertFalse(Arrays.equals(firstClip("a"), firstClip("c")));
    }

    private byte[] firstClip(String corpus) throws IOException {
        try (var files = Files.walk(folder.resolve(corpus))) {
            var clip = files.filter(file -> file.toString().endsWith(".wav"))
                    .sorted()
                    .findFirst();
            return Files.readAllBytes(clip.orElseThrow());
        }
    }

    @Test
    void aLabelSetCanBeKeptOutOfTheCaptions() {
        var dirty = captions("dirty");
        var clean = captions("clean", "--exclude", "esc50");
        assertTrue(dirty.contains("dog"), "a corpus of this size mentions a dog: " + dirty);
        assertFalse(clean.contains("dog"), clean);
    }

    private String captions(String name, Object... more) {
        var out = folder.resolve(name);
        var arguments = new ArrayList<Object>(List.of("--out", out, "--sets", "clotho", "--scale", "0.3"));
        arguments.addAll(List.of(more));
        var run = synth(arguments.toArray());
        assertEquals(0, run.exit(), run.err());
        var set = CaptionLayout.CLOTHO.read(find(out, "clotho_csv_files").getParent());
        return String.join(
                " | ",
                set.clips().stream().flatMap(clip -> clip.captions().stream()).toList());
    }

    @Test
    void aPreviewIsAWavFileWithItsCaption() {
        var file = folder.resolve("siren.wav");
        var run = synth("--preview", "us8k/siren", "--out", file);
        assertEquals(0, run.exit(), run.err());
        assertFalse(run.out().isBlank());
        assertEquals(4000, AudioFile.header(file).frames());
    }

    @Test
    void theListNamesEveryClassByOrigin() {
        var lines = CommandRun.of("synth", "--list").out().lines().toList();
        assertEquals("esc50: 50 classes", lines.getFirst());
        assertTrue(
                lines.containsAll(List.of("us8k: 10 classes", "tut17: 15 classes", "  crying_baby")), lines::toString);
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAloneUnlessForced() throws IOException {
        Files.writeString(folder.resolve("mine.txt"), "mine");
        var refused = synth("--out", folder, "--sets", "macs", "--scale", "0.01");
        assertEquals(1, refused.exit());
        assertEquals(1, refused.errors().size(), refused.err());
        var forced = synth("--out", folder, "--sets", "macs", "--scale", "0.01", "--force");
        assertEquals(0, forced.exit(), forced.err());
        assertTrue(Files.exists(folder.resolve("mine.txt")));
    }

    @Test
    void wrongInputIsOneLineAndLeavesNothing() {
        var out = folder.resolve("never");
        for (var wrong : List.of(
                List.of("--scale", "0"),
                List.of("--scale", "NaN"),
                List.of("--scale", "1e300"),
                List.of("--sample-rate", "100"),
                List.of("--seconds", "0.01"),
                List.of("--exclude", "unicorn"),
                List.of("--preview", "unicorn"))) {
            var arguments = new ArrayList<Object>(List.of("synth", "--out", out));
            arguments.addAll(wrong);
            var run = CommandRun.of(arguments.toArray());
            assertEquals(1, run.exit(), wrong + ": " + run.err());
            assertEquals(1, run.errors().size(), run.err());
            assertFalse(Files.exists(out), wrong::toString);
        }
        for (var wrong : List.of(
                List.of("--sets", "esc51"),
                List.of("--preset", "huge"),
                List.of("--threads", "0"),
                List.of("--seconds", "long"))) {
            var arguments = new ArrayList<Object>(List.of("synth", "--out", out));
            arguments.addAll(wrong);
            assertEquals(2, CommandRun.of(arguments.toArray()).exit(), wrong::toString);
        }
        assertEquals(2, CommandRun.of("synth").exit());
        assertEquals(2, CommandRun.of("synth", "--preview", "esc50/dog").exit());
    }
}
