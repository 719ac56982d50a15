package org.jclap.clap.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jclap.clap.text.TextFile;
import org.jclap.tensor.UserException;

/** Reads captions without audio; row {@code i} of the embeddings belongs to caption {@code i}. */
public final class Captions {
    /** A billion characters are more captions than fit into memory beside a model. */
    private static final long MAX_BYTES = 1L << 30;

    private Captions() {}

    /**
     * The captions of a {@code .txt} (one per line), a {@code .tsv} (the second column) or a {@code .csv} (the column
     * {@code caption}).
     *
     * @throws UserException naming file and line, when a caption is missing
     */
    public static List<String> read(Path file) {
        var name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".txt")) {
            return nonEmpty(file, readLines(file));
        }
        if (name.endsWith(".tsv")) {
            return Manifest.read(file).captions();
        }
        var captions = new ArrayList<String>();
        Table.read(
                file,
                StandardCharsets.UTF_8,
                Table.COMMAS,
                List.of("caption"),
                row -> captions.add(row.text("caption")));
        return nonEmpty(file, captions);
    }

    private static List<String> readLines(Path file) {
        var lines = TextFile.lines(file, MAX_BYTES);
        for (var i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                throw new UserException("%s, line %d: the caption is empty".formatted(file, i + 1));
            }
        }
        return lines;
    }

    private static List<String> nonEmpty(Path file, List<String> captions) {
        if (captions.isEmpty()) {
            throw new UserException(file + " holds no captions");
        }
        return captions;
    }
}
