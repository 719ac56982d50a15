package org.jclap.clap.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under named columns; numbers are aligned on the decimal point and the best of a column stands out. */
public final class Table {
    private final List<Column> columns;
    private final List<Object[]> rows = new ArrayList<>();

    /** Which value of a column is marked. */
    public enum Best {
        /** None. */
        NONE,
        /** The largest, for example an accuracy. */
        HIGHEST,
        /** The smallest, for example a loss. */
        LOWEST
    }

    /** The kind of a column. */
    public sealed interface Column {
        /** The heading. */
        String name();

        /** Text, left-aligned. */
        record Textual(String name) implements Column {}

        /** Numbers with fixed decimals, right-aligned. */
        record Numeric(String name, int decimals, Best best) implements Column {}
    }

    /** A table without rows yet. */
    public Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /** A column of text. */
    public static Column text(String name) {
        return new Column.Textual(name);
    }

    /** A column of numbers of which none is marked. */
    public static Column number(String name, int decimals) {
        return new Column.Numeric(name, decimals, Best.NONE);
    }

    /** A column of numbers whose best is marked. */
    public static Column number(String name, int decimals, Best best) {
        return new Column.Numeric(name, decimals, best);
    }

    /** Adds a row: a {@link Number} for a column of numbers (NaN prints a dash), anything for text. */
    public Table row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(
                    "a row of %d cells in a table of %d columns".formatted(cells.length, columns.size()));
        }
        for (int c = 0; c < cells.length; c++) {
            if (columns.get(c) instanceof Column.Numeric && !(cells[c] instanceof Number)) {
                throw new IllegalArgumentException("column %s takes numbers, not %s"
                        .formatted(columns.get(c).name(), cells[c]));
            }
        }
        rows.add(cells.clone());
        return this;
    }

    void write(Markup html) {
        double[] best = new double[columns.size()];
        Arrays.setAll(best, this::best);
        html.open("table").open("thead").open("tr");
        for (Column column : columns) {
            html.element(
                    "th", column.name(), "scope", "col", "class", column instanceof Column.Numeric ? "number" : "text");
        }
        html.close("tr").close("thead").open("tbody");
        for (Object[] row : rows) {
            html.open("tr");
            for (int c = 0; c < row.length; c++) {
                writeCell(html, columns.get(c), row[c], best[c]);
            }
            html.close("tr");
        }
        html.close("tbody").close("table");
    }

    private static void writeCell(Markup html, Column column, Object cell, double best) {
        switch (column) {
            case Column.Textual _ -> html.element("td", cell.toString());
            case Column.Numeric number -> {
                double value = ((Number) cell).doubleValue();
                html.element(
                        "td", Numbers.fixed(value, number.decimals), "class", value == best ? "number best" : "number");
            }
        }
    }

    /** The value to mark in a column; NaN, which equals nothing, for none. A single row has no best. */
    private double best(int column) {
        if (rows.size() < 2 || !(columns.get(column) instanceof Column.Numeric number)) {
            return Double.NaN;
        }
        var values = rows.stream()
                .mapToDouble(row -> ((Number) row[column]).doubleValue())
                .filter(Double::isFinite);
        return switch (number.best) {
            case NONE -> Double.NaN;
            case HIGHEST -> values.max().orElse(Double.NaN);
            case LOWEST -> values.min().orElse(Double.NaN);
        };
    }
}
