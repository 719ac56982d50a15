package org.jclap.clap.data;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jclap.clap.text.TextFile;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** Reads delimited text row by row; every error names the file, the line and the column. */
final class Table {
    static final CSVFormat COMMAS =
            CSVFormat.DEFAULT.builder().setRecordSeparator("\n").get();

    /** Tabs; a cell may be quoted, which is how several lines get into one cell. */
    static final CSVFormat TABS = COMMAS.builder().setDelimiter('\t').get();

    private Table() {}

    /** One row; columns are looked up by the header, or by index where there is none. */
    record Row(Path file, long line, Map<String, Integer> columns, CSVRecord cells) {
        /** A cell that must not be blank. */
        String text(String column) {
            return required(optional(column), column);
        }

        /** A cell that must not be blank, by index. */
        String text(int index) {
            return required(cell(index), "column " + (index + 1));
        }

        /** Whether the header names {@code column}. */
        boolean has(String column) {
            return columns.containsKey(column);
        }

        /** A cell, or null when it is blank or the table has no such column. */
        @Nullable
        String optional(String column) {
            var index = columns.get(column);
            return index == null ? null : cell(index);
        }

        /** A cell, or null when it is blank or the row is shorter. */
        @Nullable
        String cell(int index) {
            if (index >= cells.size()) {
                return null;
            }
            var text = cells.get(index);
            return text.isBlank() ? null : text;
        }

        /** A cell that must hold a non-negative integer. */
        int index(String column) {
            var text = text(column).strip();
            try {
                var value = Integer.parseInt(text);
                if (value >= 0) {
                    return value;
                }
            } catch (NumberFormatException _) {
                // the same error as for a negative number
            }
            throw error(column + " is \"" + text + "\"; expected a number >= 0");
        }

        UserException error(String reason) {
            return new UserException(place() + ": " + reason);
        }

        String place() {
            return file + ", line " + line;
        }

        private String required(@Nullable String text, String column) {
            if (text == null) {
                throw error(column + " is empty");
            }
            return text;
        }
    }

    /**
     * Hands every row after the header to {@code action}.
     *
     * @param required columns that the header must name; others may follow in any order
     */
    static void read(Path file, Charset charset, CSVFormat format, List<String> required, Consumer<Row> action) {
        var columns = new HashMap<String, Integer>();
        forEach(file, charset, format, row -> {
            if (columns.isEmpty()) {
                addHeader(row, required, columns);
            } else {
                action.accept(new Row(file, row.line, columns, row.cells));
            }
        });
        if (columns.isEmpty()) {
            throw new UserException(file + " is empty; expected the header " + String.join(",", required));
        }
    }

    /** Hands every row of a table without a header to {@code action}. */
    static void forEach(Path file, Charset charset, CSVFormat format, Consumer<Row> action) {
        TextFile.read(file, charset, in -> {
            try (var parser = format.parse(in)) {
                for (var cells : parser) {
                    action.accept(new Row(file, parser.getCurrentLineNumber(), Map.of(), cells));
                }
                return parser.getRecordNumber();
            }
        });
    }

    private static void addHeader(Row header, List<String> required, Map<String, Integer> columns) {
        for (var i = 0; i < header.cells.size(); i++) {
            var name = header.cells.get(i).strip();
            if (columns.putIfAbsent(name, i) != null) {
                throw header.error("the column \"" + name + "\" occurs twice in the header");
            }
        }
        for (var name : required) {
            if (!columns.containsKey(name)) {
                throw header.error("the header has no column \"%s\"; expected %s, found %s"
                        .formatted(name, String.join(",", required), String.join(",", header.cells.values())));
            }
        }
    }
}
