package org.jclap.clap.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jclap.clap.text.WordPiece.Padding;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordPieceTest {
    private final WordPiece tokenizer = new WordPiece(Vocabulary.of(TestVocabulary.tokens()));

    @Test
    void encodesThePublishedPromptFromAFile(@TempDir Path folder) {
        var file = folder.resolve("vocab.txt");
        Vocabulary.of(TestVocabulary.tokens()).write(file);
        var batch = WordPiece.load(file).encode("this is a sound of dog", 100);
        assertEquals(1, batch.batch());
        assertEquals(100, batch.length());
        assertArrayEquals(new int[] {101, 2023, 2003, 1037, 2614, 1997, 3899, 102}, Arrays.copyOf(batch.ids(), 8));
        assertEquals(0, Arrays.stream(batch.ids()).skip(8).sum());
        assertEquals(8, Arrays.stream(batch.mask()).sum());
        assertEquals(8, Arrays.stream(batch.mask()).limit(8).sum());
        assertArrayEquals(new int[100], batch.types());
    }

    @Test
    void cutsWordsIntoTheLongestPieces() {
        assertEquals(List.of("dog", "##s", "bark", "##ing"), tokenizer.tokenize("dogs barking"));
        assertEquals(List.of("un", "##aff", "##able"), tokenizer.tokenize("Unaffable"));
        assertEquals(List.of("bark", "##k"), tokenizer.tokenize("barkk"));
    }

    @Test
    void aWordWithAnUnknownPartIsOneUnknownToken() {
        assertEquals(List.of("dog", "[UNK]", "dog"), tokenizer.tokenize("dog dogq dog"));
    }

    @Test
    void foldsCaseAndAccents() {
        assertEquals(List.of("cafe", "sao"), tokenizer.tokenize("CAF\u00c9 S\u00e3o"));
        assertEquals(List.of("cafe"), tokenizer.tokenize("cafe\u0301"));
    }

    @Test
    void lowersLetterByLetter() {
        assertEquals(List.of("\u03c3", "##\u03c3"), tokenizer.tokenize("\u03a3\u03a3"));
        assertEquals(List.of("is"), tokenizer.tokenize("\u0130S"));
    }

    @Test
    void decomposesHangulIntoJamo() {
        assertEquals(List.of("\u1112", "##\u1161", "##\u11ab"), tokenizer.tokenize("\ud55c"));
    }

    @Test
    void splitsOnEveryAsciiMarkAndUnicodePunctuation() {
        assertEquals(List.of("dog", "!", "dog", ",", "dog", "-", "dog"), tokenizer.tokenize("dog!dog,dog-dog"));
        assertEquals(List.of("dog", "$", "dog", "^", "`"), tokenizer.tokenize("dog$dog^`"));
        assertEquals(List.of("dog", "\u3002", "dog"), tokenizer.tokenize("dog\u3002dog"));
    }

    @Test
    void everyIdeographIsAWord() {
        assertEquals(List.of("dog", "\u4e2d", "\u56fd", "dog"), tokenizer.tokenize("dog\u4e2d\u56fddog"));
    }

    @Test
    void dropsControlsAndLoneSurrogatesAndSplitsAtWhiteSpace() {
        assertEquals(List.of("dog"), tokenizer.tokenize("d\u0000o\u200dg\ufffd\u0007"));
        assertEquals(List.of("dog"), tokenizer.tokenize("do\ud83dg\ue000"));
        assertEquals(List.of("[UNK]"), tokenizer.tokenize("\u03a2"));
        assertEquals(List.of("dog", "dog", "dog", "dog"), tokenizer.tokenize("dog\tdog\u00a0dog\r\n\u2028dog"));
    }

    @Test
    void emojiAreSingleCharacters() {
        assertEquals(List.of("\ud83d\udc36", "##\ud83d\udc36"), tokenizer.tokenize("\ud83d\udc36\ud83d\udc36"));
        assertEquals(List.of("[UNK]"), tokenizer.tokenize("\ud83d\udc31"));
    }

    @Test
    void wordsOfMoreThanAHundredCharactersAreUnknown() {
        assertEquals(100, tokenizer.tokenize("x".repeat(100)).size());
        assertEquals(List.of("[UNK]"), tokenizer.tokenize("x".repeat(101)));
        assertEquals(100, tokenizer.tokenize("\ud83d\udc36".repeat(100)).size());
    }

    @Test
    void specialTokensInACaptionAreText() {
        assertEquals(List.of("[", "sep", "]"), tokenizer.tokenize("[SEP]"));
    }

    @Test
    void truncationKeepsTheSeparator() {
        var batch = tokenizer.encode("this is a sound of dog", 5);
        assertArrayEquals(new int[] {101, 2023, 2003, 1037, 102}, batch.ids());
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, batch.mask());
        assertArrayEquals(new int[] {101, 102}, tokenizer.encode("dog", 2).ids());
        assertThrows(UserException.class, () -> tokenizer.encode("dog", 1));
    }

    @Test
    void emptyCaptionsAreTheTwoSpecialTokens() {
        for (var caption : List.of("", "  \n", "\u0000")) {
            assertArrayEquals(
                    new int[] {101, 102, 0}, tokenizer.encode(caption, 3).ids());
        }
    }

    @Test
    void padsABatchToItsLongestCaption() {
        var batch = tokenizer.encode(List.of("dog", "", "this is a dog"), 100, Padding.LONGEST);
        assertEquals(6, batch.length());
        assertArrayEquals(new int[] {101, 3899, 102, 0, 0, 0}, batch.row(0));
        assertArrayEquals(new int[] {101, 102, 0, 0, 0, 0}, batch.row(1));
        assertArrayEquals(new int[] {101, 2023, 2003, 1037, 3899, 102}, batch.row(2));
        assertArrayEquals(new int[] {1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, batch.mask());
        assertEquals(
                4,
                tokenizer.encode(List.of("this is a dog"), 4, Padding.LONGEST).length());
        assertEquals(0, tokenizer.encode(List.of(), 100, Padding.LONGEST).ids().length);
    }

    @Test
    void decodesIdsToWords() {
        assertEquals(
                "dogs barking !",
                tokenizer.decode(tokenizer.encode("Dogs barking!", 20).ids()));
        var failure = assertThrows(UserException.class, () -> tokenizer.decode(new int[] {101, 9999}));
        assertTrue(failure.getMessage().contains("9999"), failure.getMessage());
    }
}
