package org.jclap.clap.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyTest {
    private static final String SPECIALS = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("vocab.txt");
    }

    private void rejects(byte[] content, String... expected) throws IOException {
        Files.write(file, content);
        var message =
                assertThrows(UserException.class, () -> Vocabulary.load(file)).getMessage();
        assertTrue(message.contains(file.toString()), message);
        for (var part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    private void rejects(String content, String... expected) throws IOException {
        rejects(content.getBytes(StandardCharsets.UTF_8), expected);
    }

    @Test
    void acceptsLineEndsOfEverySystemAndAByteOrderMark() throws IOException {
        for (var content : List.of(
                SPECIALS + "dog\n",
                SPECIALS + "dog",
                (SPECIALS + "dog\n").replace("\n", "\r\n"),
                "\ufeff" + SPECIALS + "dog\n")) {
            Files.writeString(file, content);
            var vocabulary = Vocabulary.load(file);
            assertEquals(6, vocabulary.size());
            assertEquals(5, vocabulary.id("dog"));
            assertEquals(2, vocabulary.cls());
        }
    }

    @Test
    void lineSeparatorsOfUnicodeBelongToTheToken() throws IOException {
        Files.writeString(file, SPECIALS + "a\u2028b\n");
        assertEquals("a\u2028b", Vocabulary.load(file).token(5));
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        rejects("", "empty");
        rejects(SPECIALS.replace("[SEP]\n", ""), "[SEP]");
        rejects(SPECIALS + "dog\ncat\ndog\n", "line 8", "dog", "line 6");
        rejects(SPECIALS + "\ndog\n", "line 6", "empty");
        rejects(new byte[] {'a', (byte) 0xff, '\n'}, "UTF-8");
    }

    @Test
    void refusesAMissingFileADirectoryAndAHugeFile() throws IOException {
        assertTrue(assertThrows(UserException.class, () -> Vocabulary.load(file))
                .getMessage()
                .contains("does not exist"));
        assertTrue(assertThrows(UserException.class, () -> Vocabulary.load(folder))
                .getMessage()
                .contains("directory"));
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        assertTrue(assertThrows(UserException.class, () -> Vocabulary.load(file))
                .getMessage()
                .contains("bytes"));
    }

    @Test
    void damagedFilesLoadOrAreRefused() throws IOException {
        var good = (SPECIALS + "dog\n##s\ncaf\u00e9\n").getBytes(StandardCharsets.UTF_8);
        for (var seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            Files.write(file, Damage.of(good, random));
            try {
                var tokenizer = WordPiece.load(file);
                tokenizer.encode("dogs and caf\u00e9", 8);
            } catch (UserException e) {
                assertTrue(e.getMessage().contains(file.toString()), "seed " + seed + ": " + e.getMessage());
            } catch (RuntimeException e) {
                fail("seed " + seed, e);
            }
        }
    }
}
