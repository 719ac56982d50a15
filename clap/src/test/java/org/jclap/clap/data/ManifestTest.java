package org.jclap.clap.data;

import static org.jclap.clap.data.TestFiles.rejects;
import static org.jclap.clap.data.TestFiles.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jclap.clap.text.Damage;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
    @TempDir
    private Path folder;

    private Path file(String content) throws IOException {
        return write(folder.resolve("m.csv"), content);
    }

    @Test
    void resolvesRelativePathsAgainstTheFolderOfTheFile() throws IOException {
        var items = Manifest.read(file("ID,wav_path\n1,a/b.wav\n2,/x/c.wav\n3,../d.wav\n"))
                .items();
        assertEquals(new AudioItem("1", folder.resolve("a/b.wav"), null), items.get(0));
        assertEquals(Path.of("/x/c.wav"), items.get(1).wavPath());
        assertEquals(folder.resolveSibling("d.wav"), items.get(2).wavPath());
    }

    @Test
    void readsColumnsInAnyOrderAndIgnoresOthers() throws IOException {
        var items = Manifest.read(file("caption,similarity,wav_path,ID\r\n\"a dog, barking\",0.8,a.wav,7\r\n"))
                .items();
        assertEquals(List.of(new AudioItem("7", folder.resolve("a.wav"), "a dog, barking")), items);
    }

    @Test
    void oneClipMayHaveSeveralCaptionsButAnIdOnlyOneFile() throws IOException {
        var items = Manifest.read(file("ID,wav_path,caption\n1,a.wav,x\n1,a.wav,y\n"))
                .items();
        assertEquals(2, items.size());
        rejects(
                () -> Manifest.read(file("ID,wav_path,caption\n1,a.wav,x\n1,b.wav,y\n")),
                "m.csv, line 3",
                "\"1\"",
                "a.wav");
    }

    @Test
    void namesFileLineAndColumn() throws IOException {
        rejects(() -> Manifest.read(file("")), "m.csv", "empty", "ID,wav_path");
        rejects(() -> Manifest.read(file("ID,wav_path\n")), "m.csv", "no rows");
        rejects(() -> Manifest.read(file("ID,path\n1,a\n")), "line 1", "wav_path", "ID,path");
        rejects(() -> Manifest.read(file("ID,ID,wav_path\n")), "line 1", "twice");
        rejects(() -> Manifest.read(file("ID,wav_path\n1,a.wav\n2\n")), "line 3", "wav_path is empty");
        rejects(() -> Manifest.read(file("ID,wav_path\n ,a.wav\n")), "line 2", "ID is empty");
        rejects(() -> Manifest.read(file("ID,wav_path\n1,a\u0000b\n")), "line 2", "not a path");
        rejects(() -> Manifest.read(file("ID,wav_path\n1,\"a.wav\n")), "m.csv");
        rejects(() -> Manifest.read(folder.resolve("none.csv")), "none.csv", "does not exist");
        Files.write(folder.resolve("m.csv"), new byte[] {'I', 'D', ',', (byte) 0xe9});
        rejects(() -> Manifest.read(folder.resolve("m.csv")), "m.csv", "UTF-8");
    }

    @Test
    void listsTheAudioOfAFolderSorted() throws IOException {
        TestFiles.audio(folder, "b/2.wav", "b/10.FLAC", "a.mp3", "notes.txt", "wav");
        var manifest = Manifest.read(folder);
        assertEquals(
                List.of("a.mp3", "b/10.FLAC", "b/2.wav"),
                manifest.items().stream().map(AudioItem::id).toList());
        assertEquals(folder.resolve("b/2.wav"), manifest.items().get(2).wavPath());
        rejects(() -> Manifest.read(Files.createDirectory(folder.resolve("empty"))), "no audio files", "empty");
    }

    @Test
    void readsTabSeparatedIndexesWithSeveralCaptionsInACell() throws IOException {
        TestFiles.audio(folder, "sub/b.wav");
        var tsv = write(folder.resolve("index.tsv"), "a.wav\ta dog, barks\n/sub/b.wav\t\"rain\nwind\n\"\n");
        var items = Manifest.read(tsv).items();
        assertEquals(
                List.of(
                        new AudioItem("a.wav", folder.resolve("a.wav"), "a dog, barks"),
                        new AudioItem("/sub/b.wav", folder.resolve("sub/b.wav"), "rain"),
                        new AudioItem("/sub/b.wav", folder.resolve("sub/b.wav"), "wind")),
                items);
        write(tsv, "a.wav\n");
        rejects(() -> Manifest.read(tsv), "index.tsv, line 1", "column 2");
    }

    @Test
    void readsBackWhatItWrites() throws IOException {
        var target = folder.resolve("out/pairs.csv");
        var items = List.of(
                new AudioItem("1", folder.resolve("out/a, b.wav"), "says \"hi\",\nthen \u00e9"),
                new AudioItem("1", folder.resolve("out/a, b.wav"), null),
                new AudioItem("#2", folder.resolve("c.wav"), " spaced "));
        Manifest.write(target, items);
        assertEquals(items, Manifest.read(target).items());
        var text = Files.readString(target);
        assertEquals("ID,wav_path,caption", text.lines().findFirst().orElseThrow());
        assertFalse(text.contains(folder.resolve("out").toString()), text);
    }

    @Test
    void writesNoCaptionColumnForUnpairedAudio() throws IOException {
        var target = folder.resolve("audio.csv");
        Manifest.write(target, List.of(new AudioItem("1", folder.resolve("a.wav"), null)));
        assertEquals("ID,wav_path\n1,a.wav\n", Files.readString(target));
        assertNull(Manifest.read(target).items().getFirst().caption());
        rejects(() -> Manifest.read(target).captions(), "audio.csv", "\"1\"", "caption");
    }

    @Test
    void readsCaptionsFromEveryKindOfFile() throws IOException {
        assertEquals(List.of("a", "b"), Captions.read(write(folder.resolve("c.txt"), "a\r\nb\n")));
        assertEquals(List.of("a", "b"), Captions.read(write(folder.resolve("c.csv"), "x,caption\n1,a\n2,b\n")));
        assertEquals(List.of("a", "b"), Captions.read(write(folder.resolve("c.tsv"), "1.wav\ta\n2.wav\tb\n")));
        rejects(() -> Captions.read(write(folder.resolve("c.txt"), "a\n\nb\n")), "c.txt, line 2", "empty");
        rejects(() -> Captions.read(write(folder.resolve("c.txt"), "")), "c.txt", "no captions");
        rejects(() -> Captions.read(write(folder.resolve("c.csv"), "text\na\n")), "c.csv, line 1", "caption");
        rejects(() -> Captions.read(write(folder.resolve("c.csv"), "caption,x\na,1\n,2\n")), "line 3", "caption");
    }

    @Test
    void labelsReadBackAndIndexSortedClasses() throws IOException {
        var labels = new Labels(List.of("1", "2", "3"), List.of("rain", "dog, big", "rain"));
        var target = folder.resolve("l.csv");
        labels.write(target);
        assertEquals(labels, Labels.read(target));
        assertEquals(List.of("dog, big", "rain"), labels.classes());
        assertArrayEquals(new int[] {1, 0, 1}, labels.indices());
        rejects(() -> Labels.read(write(target, "ID,class_name\n1,\n")), "l.csv, line 2", "class_name is empty");
        rejects(() -> Labels.read(write(target, "ID,class_name\n")), "l.csv", "no rows");
    }

    @Test
    void damagedFilesLoadOrAreRefused() throws IOException {
        var good = "ID,wav_path,caption\n1,a/b.wav,\"a dog, barking\"\n2,c.wav,caf\u00e9\n"
                .getBytes(StandardCharsets.UTF_8);
        for (var name : List.of("f.csv", "f.tsv", "f.txt")) {
            var target = folder.resolve(name);
            for (var seed = 0; seed < 300; seed++) {
                Files.write(target, Damage.of(good, new Random(seed)));
                for (var reading : List.<Runnable>of(() -> Manifest.read(target), () -> Captions.read(target))) {
                    try {
                        reading.run();
                    } catch (UserException e) {
                        assertTrue(e.getMessage().contains(name), "seed " + seed + ": " + e.getMessage());
                    } catch (RuntimeException e) {
                        fail(name + ", seed " + seed, e);
                    }
                }
            }
        }
    }
}
