package org.jclap.clap.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;

/** The tokens of a WordPiece model; a token's id is its line in {@code vocab.txt}, counted from zero. */
public final class Vocabulary {
    /** The special tokens that every vocabulary holds, in the order in which a trained one starts. */
    static final List<String> SPECIALS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    /** Multilingual BERT needs 1 MB; a weight file given by mistake is told from a vocabulary by its size. */
    private static final long MAX_BYTES = 1 << 24;

    private final List<String> tokens;
    private final Map<String, Integer> ids;
    private final int pad;
    private final int unknown;
    private final int cls;
    private final int sep;

    private Vocabulary(List<String> tokens, String source) {
        this.tokens = List.copyOf(tokens);
        this.ids = HashMap.newHashMap(tokens.size());
        for (var i = 0; i < tokens.size(); i++) {
            var token = tokens.get(i);
            if (token.isEmpty()) {
                throw new UserException("%s, line %d: the token is empty".formatted(source, i + 1));
            }
            var earlier = ids.putIfAbsent(token, i);
            if (earlier != null) {
                throw new UserException("%s, line %d: the token \"%s\" is already on line %d"
                        .formatted(source, i + 1, token, earlier + 1));
            }
        }
        for (var special : SPECIALS) {
            if (!ids.containsKey(special)) {
                throw new UserException("%s has no token %s; expected the vocab.txt of an uncased BERT model"
                        .formatted(source, special));
            }
        }
        this.pad = special(SPECIALS.get(0));
        this.unknown = special(SPECIALS.get(1));
        this.cls = special(SPECIALS.get(2));
        this.sep = special(SPECIALS.get(3));
    }

    /**
     * A vocabulary of tokens in id order.
     *
     * @throws UserException when a token is empty or repeated, or a special token is missing
     */
    public static Vocabulary of(List<String> tokens) {
        return new Vocabulary(tokens, "the vocabulary");
    }

    /**
     * Reads {@code vocab.txt}: one token per line, UTF-8.
     *
     * @throws UserException naming the file and the line
     */
    public static Vocabulary load(Path file) {
        var tokens = TextFile.lines(file, MAX_BYTES);
        if (tokens.isEmpty()) {
            throw new UserException(file + " is empty; expected one token per line");
        }
        return new Vocabulary(tokens, file.toString());
    }

    /** Writes {@code vocab.txt} atomically. */
    public void write(Path file) {
        AtomicFile.write(file, out -> {
            for (var token : tokens) {
                out.write(token.getBytes(StandardCharsets.UTF_8));
                out.write('\n');
            }
        });
    }

    /** Number of tokens. */
    public int size() {
        return tokens.size();
    }

    /** All tokens in id order. */
    public List<String> tokens() {
        return tokens;
    }

    /** The token of an id in {@code [0, size)}. */
    public String token(int id) {
        return tokens.get(id);
    }

    /** The id of a token, or null when the vocabulary lacks it. */
    public @Nullable Integer id(String token) {
        return ids.get(token);
    }

    /** Id of {@code [PAD]}. */
    public int pad() {
        return pad;
    }

    /** Id of {@code [UNK]}. */
    public int unknown() {
        return unknown;
    }

    /** Id of {@code [CLS]}. */
    public int cls() {
        return cls;
    }

    /** Id of {@code [SEP]}. */
    public int sep() {
        return sep;
    }

    private int special(String token) {
        return tokens.indexOf(token);
    }
}
