package org.jclap.clap.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFingerprintTest {
    @TempDir
    private Path folder;

    private static String fingerprint(Path base) {
        return DataFingerprint.of(Manifest.read(base.resolve("m.csv")));
    }

    private Path copy(String name) throws IOException {
        var base = folder.resolve(name);
        TestFiles.audio(base, "a.wav", "b.wav");
        TestFiles.write(base.resolve("m.csv"), "ID,wav_path,caption\n1,a.wav,xy\n2,b.wav,z\n");
        return base;
    }

    @Test
    void staysTheSameWhereverTheFolderLies() throws IOException {
        var fingerprint = fingerprint(copy("one"));
        assertTrue(fingerprint.matches("[0-9a-f]{16}"), fingerprint);
        assertEquals(fingerprint, fingerprint(copy("two")));
        // computed with Python's hashlib: length-prefixed id, caption and path, then the size, big-endian
        assertEquals("a0c3ab87f5d1da86", fingerprint);
    }

    @Test
    void changesWithEveryRowAndFileSize() throws IOException {
        var base = copy("one");
        var seen = new HashSet<String>();
        seen.add(fingerprint(base));
        for (var content : List.of(
                "ID,wav_path,caption\n2,b.wav,z\n1,a.wav,xy\n",
                "ID,wav_path,caption\n1,a.wav,xy\n",
                "ID,wav_path,caption\n1,a.wav,x\n2,b.wav,yz\n",
                "ID,wav_path,caption\n1,a.wav,\n2,b.wav,z\n",
                "ID,wav_path,caption\n1x,a.wav,y\n2,b.wav,z\n")) {
            TestFiles.write(base.resolve("m.csv"), content);
            assertTrue(seen.add(fingerprint(base)), content);
        }
        var before = fingerprint(base);
        Files.writeString(base.resolve("b.wav"), "longer audio");
        assertNotEquals(before, fingerprint(base));
        var longer = fingerprint(base);
        Files.delete(base.resolve("b.wav"));
        assertNotEquals(longer, fingerprint(base));
    }

    @Test
    void coversClassesAndFoldsOfAClassificationSet() {
        var clip = new LabelledClip("a", folder.resolve("a.wav"), List.of(0), "1", null);
        var other = new LabelledClip("a", folder.resolve("a.wav"), List.of(0), "2", null);
        var first = DataFingerprint.of(folder, new ClassificationSet("s", List.of("dog"), List.of(clip), List.of()));
        assertNotEquals(
                first,
                DataFingerprint.of(folder, new ClassificationSet("s", List.of("cat"), List.of(clip), List.of())));
        assertNotEquals(
                first,
                DataFingerprint.of(folder, new ClassificationSet("s", List.of("dog"), List.of(other), List.of())));
    }
}
