package org.jclap.clap.report;

import java.util.Arrays;
import java.util.List;

/**
 * A matrix of shaded cells, for example a confusion matrix, readable up to about 50 x 50. The shade is the opacity of
 * one hue, from the page's own background at the lowest value (or zero) to full at the highest; cells that are not
 * finite stay empty. Small matrices print their values, all show them when pointed at.
 *
 * @param title printed over the drawing
 * @param rowName what the rows are
 * @param columnName what the columns are
 * @param decimals decimals of the printed values
 * @param rows labels from the top
 * @param columns labels from the left
 * @param values {@code (rows, columns)}
 */
@SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
public record Heatmap(
        String title,
        String rowName,
        String columnName,
        int decimals,
        List<String> rows,
        List<String> columns,
        double[][] values)
        implements Chart {
    private static final double MAX_NAME = 150;
    private static final double MAX_CELL = 44;

    /** The smallest cell that has room for its value. */
    private static final double PRINTED_CELL = 26;

    /** Checks that there is one value per row and column. */
    public Heatmap {
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
        int width = columns.size();
        if (values.length != rows.size() || Arrays.stream(values).anyMatch(row -> row.length != width)) {
            throw new IllegalArgumentException(
                    "heat map: the values do not form %d rows of %d columns".formatted(rows.size(), width));
        }
    }

    /** A confusion matrix of counts with the same labels on both sides. */
    public static Heatmap confusion(String title, List<String> classes, int[][] counts) {
        double[][] values = Arrays.stream(counts)
                .map(row -> Arrays.stream(row).asDoubleStream().toArray())
                .toArray(double[][]::new);
        return new Heatmap(title, "true class", "predicted class", 0, classes, classes, values);
    }

    @Override
    public String toSvg() {
        double rowNames = Labels.width(rows, MAX_NAME);
        double columnNames = Labels.width(columns, MAX_NAME);
        double left = rowNames + 26;
        double top = 46 + columnNames;
        double cell = Math.min(MAX_CELL, (WIDTH - left) / Math.max(1, columns.size()));
        var area = new Area(left, top, left + cell * columns.size(), top + cell * rows.size());
        var extent =
                Extent.of(Arrays.stream(values).flatMapToDouble(Arrays::stream)).including(0);
        Markup svg = Chart.begin(title, area.bottom() + 48);
        drawLabels(svg, area, cell);
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < columns.size(); c++) {
                drawCell(svg, r, c, area, cell, extent);
            }
        }
        svg.empty(
                "rect",
                "x",
                area.left(),
                "y",
                area.top(),
                "width",
                area.right() - area.left(),
                "height",
                area.bottom() - area.top(),
                "class",
                "frame");
        drawKey(svg, area, extent);
        return svg.close("svg").toString();
    }

    private void drawLabels(Markup svg, Area area, double cell) {
        String size = "font-size:" + Numbers.coordinate(Math.min(12, cell * 0.85)) + "px";
        for (int r = 0; r < rows.size(); r++) {
            svg.element(
                    "text",
                    Labels.fit(rows.get(r), MAX_NAME),
                    "x",
                    area.left() - 6,
                    "y",
                    area.top() + (r + 0.5) * cell + Math.min(4, cell * 0.3),
                    "class",
                    "label end",
                    "style",
                    size);
        }
        for (int c = 0; c < columns.size(); c++) {
            double x = area.left() + (c + 0.5) * cell + Math.min(4, cell * 0.3);
            double y = area.top() - 6;
            svg.element(
                    "text",
                    Labels.fit(columns.get(c), MAX_NAME),
                    "transform",
                    "translate(" + Numbers.coordinate(x) + " " + Numbers.coordinate(y) + ") rotate(-90)",
                    "class",
                    "label",
                    "style",
                    size);
        }
        svg.textAt(area.left(), 36, columnName + " →", "name");
        svg.element(
                "text",
                "← " + rowName,
                "transform",
                "translate(12 " + Numbers.coordinate(area.top()) + ") rotate(-90)",
                "class",
                "name end");
    }

    private void drawCell(Markup svg, int r, int c, Area area, double cell, Extent extent) {
        double value = values[r][c];
        double shade = (value - extent.min()) / (extent.max() - extent.min());
        double x = area.left() + c * cell;
        double y = area.top() + r * cell;
        String text = Numbers.fixed(value, decimals);
        svg.open(
                        "rect",
                        "x",
                        x,
                        "y",
                        y,
                        "width",
                        cell,
                        "height",
                        cell,
                        "class",
                        "cell",
                        "fill-opacity",
                        Extent.shows(value) ? shade : 0.0)
                .element("title", rows.get(r) + " → " + columns.get(c) + ": " + text)
                .close("rect");
        boolean room = cell >= PRINTED_CELL && text.length() * 7 <= cell;
        if (room && Extent.shows(value) && value != 0) {
            svg.textAt(x + cell / 2, y + cell / 2 + 4, text, shade > 0.5 ? "value on" : "value");
        }
    }

    /** The shades with the values at both ends. */
    private void drawKey(Markup svg, Area area, Extent extent) {
        double y = area.bottom() + 20;
        double width = 8;
        int steps = 20;
        String lowest = Numbers.fixed(extent.min(), decimals);
        double start = area.left() + Labels.width(lowest) + 6;
        svg.textAt(area.left(), y + 9, lowest, "tick");
        for (int i = 0; i < steps; i++) {
            svg.empty(
                    "rect",
                    "x",
                    start + i * width,
                    "y",
                    y,
                    "width",
                    width,
                    "height",
                    10,
                    "class",
                    "shade",
                    "fill-opacity",
                    (double) i / (steps - 1));
        }
        svg.textAt(start + steps * width + 6, y + 9, Numbers.fixed(extent.max(), decimals), "tick");
    }
}
