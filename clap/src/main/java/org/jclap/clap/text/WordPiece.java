package org.jclap.clap.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jclap.tensor.UserException;

/**
 * The uncased WordPiece tokenizer of BERT (Devlin et al., 2019): a word is cut greedily into the longest pieces that
 * the vocabulary holds, pieces after the first with the prefix {@code ##}.
 *
 * <p>A caption is plain text: {@code [SEP]} written in a caption is a word between brackets, never the special token.
 * Instances are immutable and safe for use from many threads.
 */
public final class WordPiece {
    /** Prefix of a piece that continues a word. */
    static final String CONTINUATION = "##";

    /** Longer words, in code points, become {@code [UNK]}; the search is quadratic in the word. */
    private static final int MAX_WORD = 100;

    private final Vocabulary vocabulary;

    /** A tokenizer over {@code vocabulary}. */
    public WordPiece(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** A tokenizer over a {@code vocab.txt}. */
    public static WordPiece load(Path vocabularyFile) {
        return new WordPiece(Vocabulary.load(vocabularyFile));
    }

    /** The vocabulary in use. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** How short captions are filled up. */
    public enum Padding {
        /** To the given length: every batch has the same shape. */
        MAX_LENGTH,
        /** To the longest caption of the batch: less arithmetic; the mask keeps the result the same. */
        LONGEST
    }

    /** The pieces of {@code text} without special tokens. */
    public List<String> tokenize(String text) {
        return Arrays.stream(pieces(text)).mapToObj(vocabulary::token).toList();
    }

    /** The caption as a batch of one, {@code (1, maxLength)}. */
    public TokenBatch encode(String caption, int maxLength) {
        return encode(List.of(caption), maxLength, Padding.MAX_LENGTH);
    }

    /**
     * Encodes captions as {@code [CLS] pieces [SEP] [PAD]...}; pieces that do not fit are dropped, {@code [SEP]} never.
     *
     * @param maxLength greatest length with the special tokens, at least 2
     */
    public TokenBatch encode(List<String> captions, int maxLength, Padding padding) {
        if (maxLength < 2) {
            throw new UserException(
                    "the caption length is %d; expected at least 2 for [CLS] and [SEP]".formatted(maxLength));
        }
        var rows = captions.stream().map(this::pieces).toList();
        var length = switch (padding) {
            case MAX_LENGTH -> maxLength;
            case LONGEST ->
                Math.min(
                        maxLength,
                        2 + rows.stream().mapToInt(row -> row.length).max().orElse(0));
        };
        var size = Math.multiplyExact(rows.size(), length);
        var ids = new int[size];
        var mask = new int[size];
        Arrays.fill(ids, vocabulary.pad());
        for (var i = 0; i < rows.size(); i++) {
            var kept = Math.min(rows.get(i).length, length - 2);
            var start = i * length;
            ids[start] = vocabulary.cls();
            System.arraycopy(rows.get(i), 0, ids, start + 1, kept);
            ids[start + 1 + kept] = vocabulary.sep();
            Arrays.fill(mask, start, start + kept + 2, 1);
        }
        return new TokenBatch(rows.size(), length, ids, mask, new int[size]);
    }

    /**
     * Joins pieces to words for inspection; {@code [PAD]}, {@code [CLS]} and {@code [SEP]} are left out.
     *
     * @throws UserException when an id is outside the vocabulary
     */
    public String decode(int[] ids) {
        var text = new StringBuilder();
        for (var id : ids) {
            if (id < 0 || id >= vocabulary.size()) {
                throw new UserException(
                        "token id %d is outside the vocabulary of %d tokens".formatted(id, vocabulary.size()));
            }
            if (id == vocabulary.pad() || id == vocabulary.cls() || id == vocabulary.sep()) {
                continue;
            }
            var token = vocabulary.token(id);
            if (token.startsWith(CONTINUATION) && !text.isEmpty()) {
                text.append(token, CONTINUATION.length(), token.length());
            } else {
                text.append(text.isEmpty() ? "" : " ").append(token);
            }
        }
        return text.toString();
    }

    private int[] pieces(String text) {
        var pieces = new ArrayList<Integer>();
        for (var word : WordSplitter.words(text)) {
            if (!addPieces(word, pieces)) {
                pieces.add(vocabulary.unknown());
            }
        }
        return pieces.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Adds the pieces of a word, or nothing and false when some part of it is not in the vocabulary. */
    private boolean addPieces(String word, List<Integer> pieces) {
        if (word.codePointCount(0, word.length()) > MAX_WORD) {
            return false;
        }
        var first = pieces.size();
        var start = 0;
        while (start < word.length()) {
            var end = word.length();
            var id = vocabulary.id(piece(word, start, end));
            while (id == null && (end = word.offsetByCodePoints(end, -1)) > start) {
                id = vocabulary.id(piece(word, start, end));
            }
            if (id == null) {
                pieces.subList(first, pieces.size()).clear();
                return false;
            }
            pieces.add(id);
            start = end;
        }
        return true;
    }

    private static String piece(String word, int start, int end) {
        return start == 0 ? word.substring(0, end) : CONTINUATION + word.substring(start, end);
    }
}
