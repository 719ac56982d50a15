package org.jclap.clap.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a text into lower-case words and punctuation marks, as uncased BERT does before WordPiece.
 *
 * <p>In this order: control characters go, white space becomes a space, every CJK ideograph becomes a word, letters are
 * lower-cased, decomposed (NFD) and lose their accents, and every punctuation mark becomes a word.
 */
final class WordSplitter {
    private static final int REPLACEMENT_CHARACTER = 0xFFFD;

    private WordSplitter() {}

    static List<String> words(String text) {
        // Letter by letter, as the published tokenizers do: a sigma stays the same at the end of a word.
        var lower = clean(text).codePoints().map(Character::toLowerCase);
        var folded = Normalizer.normalize(
                lower.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append),
                Normalizer.Form.NFD);
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        folded.codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(c -> {
                    if (isSpace(c)) {
                        flush(word, words);
                    } else if (isPunctuation(c)) {
                        flush(word, words);
                        words.add(Character.toString(c));
                    } else {
                        word.appendCodePoint(c);
                    }
                });
        flush(word, words);
        return words;
    }

    private static void flush(StringBuilder word, List<String> words) {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    private static String clean(String text) {
        var clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isSpace(c)) {
                clean.append(' ');
            } else if (isIdeograph(c)) {
                clean.append(' ').appendCodePoint(c).append(' ');
            } else if (c != REPLACEMENT_CHARACTER && !isOther(c)) {
                clean.appendCodePoint(c);
            }
        });
        return clean.toString();
    }

    private static boolean isSpace(int c) {
        return c == '\t' || c == '\n' || c == '\r' || Character.isSpaceChar(c);
    }

    /**
     * Controls, formats, lone surrogates and private use. Unassigned code points stay, so that an emoji newer than the
     * Java platform becomes an unknown word and does not vanish.
     */
    private static boolean isOther(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE -> true;
            default -> false;
        };
    }

    /** Unicode category P and every ASCII mark, so that {@code $ + < = > ^ ` | ~} split words as well. */
    private static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && !Character.isLetterOrDigit(c);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /** The blocks of CJK ideographs; kana and Hangul are written with word boundaries of their own. */
    private static boolean isIdeograph(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2CEAF)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }
}
