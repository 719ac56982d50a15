package org.jclap.clap.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jclap.tensor.UserException;

/**
 * Learns a small WordPiece vocabulary from captions by merging the most frequent pair of neighbouring pieces (Sennrich
 * et al., 2016, on WordPiece's {@code ##} alphabet).
 *
 * <p>The likelihood-gain score of the original WordPiece prefers rare pairs, which on a few thousand captions spends
 * the vocabulary on names and misspellings. Equal counts are decided by the text of the pair, so that the same captions
 * give the same file.
 */
public final class VocabularyTrainer {
    /** A pair seen once is a single word's accident. */
    private static final long MIN_COUNT = 2;

    private final List<Word> words = new ArrayList<>();
    private final Map<Pair, Statistics> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(
            Comparator.comparingLong(Candidate::count).reversed().thenComparing(Candidate::pair));

    private VocabularyTrainer() {}

    /**
     * A vocabulary of at most {@code size} tokens: the special tokens, every character of the captions alone and with
     * {@code ##}, then merged pieces in the order of their discovery. It is smaller when the captions hold no more
     * pairs that occur twice.
     *
     * @throws UserException when {@code size} is too small for the characters, or there are no words
     */
    public static Vocabulary train(Iterable<String> captions, int size) {
        // Sorted: the order of words, and with it the result, does not depend on the order of captions.
        var counts = new TreeMap<String, Long>();
        for (var caption : captions) {
            WordSplitter.words(caption).forEach(word -> counts.merge(word, 1L, Long::sum));
        }
        if (counts.isEmpty()) {
            throw new UserException("cannot train a vocabulary: the captions contain no words");
        }
        var tokens = new LinkedHashSet<>(Vocabulary.SPECIALS);
        tokens.addAll(alphabet(counts.keySet()));
        if (size < tokens.size()) {
            throw new UserException(
                    "a vocabulary of %d tokens is too small: special tokens and the characters of the captions need %d"
                            .formatted(size, tokens.size()));
        }
        var trainer = new VocabularyTrainer();
        counts.forEach(trainer::addWord);
        trainer.merge(tokens, size);
        return Vocabulary.of(List.copyOf(tokens));
    }

    private static Set<String> alphabet(Set<String> words) {
        var characters = new TreeSet<String>();
        words.forEach(word -> word.codePoints().forEach(c -> {
            characters.add(Character.toString(c));
            characters.add(WordPiece.CONTINUATION + Character.toString(c));
        }));
        return characters;
    }

    private record Pair(String left, String right) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            var byLeft = left.compareTo(other.left);
            return byLeft != 0 ? byLeft : right.compareTo(other.right);
        }

        String merged() {
            return left + right.substring(WordPiece.CONTINUATION.length());
        }
    }

    /** A queue entry; it is stale when the pair's count has changed since. */
    private record Candidate(Pair pair, long count) {}

    /** Current number of occurrences of a pair, and the words that had it at some time. */
    private static final class Statistics {
        private long count;
        private final Set<Integer> words = new HashSet<>();
    }

    private record Word(List<String> pieces, long count) {
        void replace(Pair pair, String merged) {
            for (var i = 0; i + 1 < pieces.size(); i++) {
                if (pieces.get(i).equals(pair.left) && pieces.get(i + 1).equals(pair.right)) {
                    pieces.set(i, merged);
                    pieces.remove(i + 1);
                }
            }
        }
    }

    private void addWord(String text, long count) {
        var pieces = new ArrayList<String>();
        text.codePoints()
                .mapToObj(Character::toString)
                .forEach(c -> pieces.add(pieces.isEmpty() ? c : WordPiece.CONTINUATION + c));
        words.add(new Word(pieces, count));
        countPairs(words.size() - 1, count, new HashSet<>());
    }

    private void merge(Set<String> tokens, int size) {
        pairs.forEach((pair, statistics) -> queue.add(new Candidate(pair, statistics.count)));
        while (tokens.size() < size) {
            var best = queue.poll();
            if (best == null || best.count < MIN_COUNT) {
                return;
            }
            var statistics = pairs.get(best.pair);
            if (statistics == null || statistics.count != best.count) {
                continue;
            }
            var merged = best.pair.merged();
            tokens.add(merged);
            var changed = new HashSet<Pair>();
            for (var index : List.copyOf(statistics.words)) {
                var word = words.get(index);
                countPairs(index, -word.count, changed);
                word.replace(best.pair, merged);
                countPairs(index, word.count, changed);
            }
            pairs.remove(best.pair);
            changed.remove(best.pair);
            for (var pair : changed) {
                var changedStatistics = pairs.get(pair);
                if (changedStatistics != null) {
                    queue.add(new Candidate(pair, changedStatistics.count));
                }
            }
        }
    }

    /** Adds {@code weight} to every pair of a word and notes the pairs in {@code changed}. */
    private void countPairs(int index, long weight, Set<Pair> changed) {
        var pieces = words.get(index).pieces;
        for (var i = 0; i + 1 < pieces.size(); i++) {
            var pair = new Pair(pieces.get(i), pieces.get(i + 1));
            var statistics = pairs.computeIfAbsent(pair, _ -> new Statistics());
            statistics.count = statistics.count + weight;
            statistics.words.add(index);
            changed.add(pair);
        }
    }
}
