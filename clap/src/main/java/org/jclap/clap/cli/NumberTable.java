package org.jclap.clap.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jclap.clap.text.TextFile;
import org.jclap.tensor.UserException;

/** Columns of numbers of a CSV file with a header. */
record NumberTable(Path file, List<String> header, List<CSVRecord> rows) {
    static NumberTable read(Path file) {
        var format = CSVFormat.DEFAULT.builder().setTrim(true).get();
        List<CSVRecord> records = TextFile.read(file, StandardCharsets.UTF_8, in -> {
            try (var parser = format.parse(in)) {
                return parser.getRecords();
            }
        });
        if (records.size() < 2) {
            throw new UserException(file + " holds no rows below a header");
        }
        return new NumberTable(file, List.copyOf(records.getFirst().toList()), records.subList(1, records.size()));
    }

    /** The numbers of a column, from the top. */
    double[] column(String name) {
        var index = header.indexOf(name);
        if (index < 0) {
            throw new UserException(
                    "%s has no column '%s'; it has %s".formatted(file, name, String.join(", ", header)));
        }
        if (header.lastIndexOf(name) != index) {
            throw new UserException("%s has two columns '%s'".formatted(file, name));
        }
        List<Double> numbers = new ArrayList<>();
        for (var row : rows) {
            numbers.add(number(row, index, name));
        }
        return numbers.stream().mapToDouble(number -> number).toArray();
    }

    private double number(CSVRecord row, int index, String name) {
        var text = index < row.size() ? row.get(index) : "";
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new UserException(
                    "%s, row %d: %s is '%s', not a number".formatted(file, row.getRecordNumber() - 1, name, text), e);
        }
    }
}
