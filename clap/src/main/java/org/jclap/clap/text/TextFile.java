package org.jclap.clap.text;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jclap.tensor.UserException;

/** Reads text strictly: a byte that does not belong to the character set is an error, not a replacement character. */
public final class TextFile {
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private TextFile() {}

    /** What is done with an open text. */
    @FunctionalInterface
    public interface Reading<T> {
        /** Reads from {@code in}, which the caller closes. */
        T from(BufferedReader in) throws IOException;
    }

    /**
     * Opens {@code file}, skips a byte order mark and hands it to {@code reading}.
     *
     * @throws UserException naming the file, when it is missing, unreadable or not in {@code charset}
     */
    public static <T> T read(Path file, Charset charset, Reading<T> reading) {
        if (Files.isDirectory(file)) {
            throw new UserException(file + " is a directory; expected a text file");
        }
        var decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try (var in = new BufferedReader(new InputStreamReader(Files.newInputStream(file), decoder))) {
            in.mark(1);
            if (in.read() != BYTE_ORDER_MARK) {
                in.reset();
            }
            return reading.from(in);
        } catch (IOException e) {
            throw failure(file, charset, e);
        } catch (UncheckedIOException e) {
            throw failure(file, charset, Objects.requireNonNull(e.getCause()));
        }
    }

    /**
     * The lines of a UTF-8 file without their line ends; a line end at the end of the file adds no empty line.
     *
     * <p>Only LF and CR LF end a line: other separators, such as U+2028, occur inside vocabulary entries.
     *
     * @throws UserException naming the file, when it is larger than {@code maxBytes}, missing or not UTF-8
     */
    public static List<String> lines(Path file, long maxBytes) {
        return read(file, StandardCharsets.UTF_8, in -> {
            var size = Files.size(file);
            if (size > maxBytes) {
                throw new UserException(
                        "%s has %d bytes; expected a text file of at most %d bytes".formatted(file, size, maxBytes));
            }
            var lines = new ArrayList<String>();
            var line = new StringBuilder();
            var c = in.read();
            for (; c >= 0; c = in.read()) {
                if (c == '\n') {
                    lines.add(withoutCarriageReturn(line));
                    line.setLength(0);
                } else {
                    line.append((char) c);
                }
            }
            if (!line.isEmpty()) {
                lines.add(withoutCarriageReturn(line));
            }
            return lines;
        });
    }

    private static String withoutCarriageReturn(StringBuilder line) {
        var end = line.length();
        return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
    }

    private static UserException failure(Path file, Charset charset, IOException e) {
        var reason = switch (e) {
            case NoSuchFileException _, FileNotFoundException _ -> "the file does not exist";
            case CharacterCodingException _ -> "it is not " + charset.name() + " text; convert it first";
            default -> String.valueOf(e.getMessage());
        };
        return new UserException("cannot read " + file + ": " + reason, e);
    }
}
