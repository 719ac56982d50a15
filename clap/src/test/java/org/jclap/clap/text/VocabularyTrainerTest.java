package org.jclap.clap.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;

class VocabularyTrainerTest {
    private static List<String> captions(long seed, int count) {
        var words = List.of(
                "a", "dog", "barks", "loudly", "rain", "falls", "on", "the", "roof", "birds", "sing", "barking");
        var random = new Random(seed);
        return IntStream.range(0, count)
                .mapToObj(_ -> String.join(
                        " ",
                        Stream.generate(() -> words.get(random.nextInt(words.size())))
                                .limit(8)
                                .toList()))
                .toList();
    }

    @Test
    void startsWithTheSpecialTokensAndEveryCharacter() {
        var vocabulary = VocabularyTrainer.train(List.of("ab b", "c!"), 100);
        assertEquals(
                List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
                vocabulary.tokens().subList(0, 5));
        assertTrue(vocabulary.tokens().containsAll(List.of("a", "b", "c", "!", "##a", "##b", "##c", "##!")));
    }

    @Test
    void mergesTheMostFrequentPairFirstAndStopsAtUniqueOnes() {
        // pairs: (a, ##b) 3, (##b, ##c) 2, (x, ##y) 1
        var tokens = VocabularyTrainer.train(List.of("abc abc ab xy"), 100).tokens();
        assertEquals(List.of("ab", "abc"), tokens.subList(5 + 10, tokens.size()));
    }

    @Test
    void breaksTiesByTextAndHandlesRunsOfOneCharacter() {
        var tied = VocabularyTrainer.train(List.of("cd cd ab ab"), 100).tokens();
        assertEquals(List.of("ab", "cd"), tied.subList(5 + 8, tied.size()));
        // aaaa = a ##a ##a ##a; (##a, ##a) occurs twice per word
        var run = VocabularyTrainer.train(List.of("aaaa aaaa"), 8).tokens();
        assertEquals(
                List.of("a", "##a", "##aa"),
                run.stream().skip(5).sorted(VocabularyTrainerTest::shortFirst).toList());
    }

    private static int shortFirst(String a, String b) {
        return Integer.compare(a.length(), b.length());
    }

    @Test
    void reachesTheSizeAndKnowsEveryWordOfTheCaptions() {
        var captions = captions(1, 300);
        var tokenizer = new WordPiece(VocabularyTrainer.train(captions, 60));
        assertEquals(60, tokenizer.vocabulary().size());
        for (var caption : captions) {
            assertFalse(tokenizer.tokenize(caption).contains("[UNK]"), caption);
        }
        var big = new WordPiece(VocabularyTrainer.train(captions, 1000));
        assertEquals(List.of("barking", "loudly"), big.tokenize("barking loudly"));
    }

    @Test
    void doesNotDependOnTheOrderOfCaptions() {
        var captions = new ArrayList<>(captions(2, 200));
        var expected = VocabularyTrainer.train(captions, 70).tokens();
        Collections.shuffle(captions, new Random(3));
        assertEquals(expected, VocabularyTrainer.train(captions, 70).tokens());
    }

    /** Counts all pairs from scratch before every merge. */
    private static List<String> slowly(List<String> captions, int merges) {
        var counts = new HashMap<String, Integer>();
        captions.forEach(c -> WordSplitter.words(c).forEach(w -> counts.merge(w, 1, Integer::sum)));
        var words = new HashMap<List<String>, Integer>();
        counts.forEach((word, count) -> words.put(
                IntStream.range(0, word.length())
                        .mapToObj(i -> (i == 0 ? "" : "##") + word.charAt(i))
                        .toList(),
                count));
        var merged = new ArrayList<String>();
        while (merged.size() < merges) {
            var pairs = new HashMap<List<String>, Integer>();
            words.forEach((pieces, count) -> {
                for (var i = 0; i + 1 < pieces.size(); i++) {
                    pairs.merge(List.copyOf(pieces.subList(i, i + 2)), count, Integer::sum);
                }
            });
            var best = pairs.entrySet().stream()
                    .max((a, b) -> {
                        var byCount = Integer.compare(a.getValue(), b.getValue());
                        var byLeft = b.getKey().get(0).compareTo(a.getKey().get(0));
                        var byRight = b.getKey().get(1).compareTo(a.getKey().get(1));
                        return byCount != 0 ? byCount : byLeft != 0 ? byLeft : byRight;
                    })
                    .orElseThrow()
                    .getKey();
            var piece = best.get(0) + best.get(1).substring(2);
            merged.add(piece);
            var next = new HashMap<List<String>, Integer>();
            words.forEach((pieces, count) -> {
                var out = new ArrayList<String>();
                for (var i = 0; i < pieces.size(); i++) {
                    var here = i + 1 < pieces.size() && pieces.subList(i, i + 2).equals(best);
                    out.add(here ? piece : pieces.get(i));
                    i += here ? 1 : 0;
                }
                next.put(out, count);
            });
            words.clear();
            words.putAll(next);
        }
        return merged;
    }

    @Test
    void agreesWithCountingFromScratch() {
        for (var seed = 0; seed < 5; seed++) {
            var random = new Random(seed);
            var captions = IntStream.range(0, 100)
                    .mapToObj(_ -> random.ints(1 + random.nextInt(7), 0, 3)
                            .mapToObj(c -> Character.toString('a' + c))
                            .reduce("", String::concat))
                    .toList();
            var tokens = VocabularyTrainer.train(captions, 5 + 6 + 15).tokens();
            var slow = slowly(captions, 15);
            assertEquals(slow.stream().distinct().toList().subList(0, 10), tokens.subList(11, 21), "seed " + seed);
        }
    }

    @Test
    void refusesTooSmallASizeAndCaptionsWithoutWords() {
        var tooSmall = assertThrows(UserException.class, () -> VocabularyTrainer.train(List.of("abc"), 10));
        assertTrue(tooSmall.getMessage().contains("need 11"), tooSmall.getMessage());
        assertThrows(UserException.class, () -> VocabularyTrainer.train(List.of(" ", ""), 100));
    }
}
