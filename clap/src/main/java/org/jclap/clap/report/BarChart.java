package org.jclap.clap.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Grouped horizontal bars from zero, so that names of any length read straight, each with its value and an optional
 * interval. A value that is not finite has no bar.
 *
 * @param title printed over the drawing
 * @param valueName name of the value axis
 * @param decimals decimals of the printed values
 * @param categories one group of bars each, from the top
 * @param series one bar in each group each
 */
public record BarChart(String title, String valueName, int decimals, List<String> categories, List<Series> series)
        implements Chart {
    private static final double BAR = 14;
    private static final double GROUP_GAP = 10;
    private static final double MAX_NAME = 220;

    /**
     * One value per category.
     *
     * @param values bar lengths
     * @param low lower ends of the intervals, NaN for none
     * @param high upper ends of the intervals, NaN for none
     */
    @SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
    public record Series(String name, double[] values, double[] low, double[] high) {
        /** Values without intervals. */
        public static Series of(String name, double... values) {
            double[] none = new double[values.length];
            Arrays.fill(none, Double.NaN);
            return new Series(name, values, none, none);
        }
    }

    /** Checks that every series has one value per category. */
    public BarChart {
        categories = List.copyOf(categories);
        series = List.copyOf(series);
        for (Series bars : series) {
            int expected = categories.size();
            if (bars.values.length != expected || bars.low.length != expected || bars.high.length != expected) {
                throw new IllegalArgumentException("bars %s: %d values, %d and %d interval ends for %d categories"
                        .formatted(bars.name, bars.values.length, bars.low.length, bars.high.length, expected));
            }
        }
    }

    @Override
    public String toSvg() {
        var legend = Legend.of(series.stream().map(Series::name).toList(), 0, 28, WIDTH);
        double names = Labels.width(categories, MAX_NAME);
        double groupHeight = series.size() * BAR + GROUP_GAP;
        double top = 32 + legend.height();
        double bottom = top + categories.size() * groupHeight;
        var area = new Area(names + 10, top, WIDTH - 64, bottom);
        Scale scale = new Scale.Linear(extent(), area.left(), area.right(), 6);
        Markup svg = Chart.begin(title, bottom + 44);
        legend.draw(svg);
        for (double tick : scale.ticks()) {
            svg.line(scale.position(tick), top, scale.position(tick), bottom, "grid");
        }
        area.drawX(svg, scale, valueName);
        for (int c = 0; c < categories.size(); c++) {
            double y = top + c * groupHeight + GROUP_GAP / 2;
            svg.textAt(names, y + series.size() * BAR / 2 + 4, Labels.fit(categories.get(c), MAX_NAME), "label end");
            for (int s = 0; s < series.size(); s++) {
                drawBar(svg, s, c, y + s * BAR, scale);
            }
        }
        svg.line(scale.position(0), top, scale.position(0), bottom, "rule");
        return svg.close("svg").toString();
    }

    private Extent extent() {
        var all = series.stream()
                .flatMapToDouble(bars -> DoubleStream.concat(
                        Arrays.stream(bars.values),
                        DoubleStream.concat(Arrays.stream(bars.low), Arrays.stream(bars.high))))
                .filter(Extent::shows)
                .toArray();
        return Extent.of(DoubleStream.concat(Arrays.stream(all), DoubleStream.of(0)))
                .including(all.length == 0 ? 1 : 0);
    }

    private void drawBar(Markup svg, int index, int category, double y, Scale scale) {
        var bars = series.get(index);
        double value = bars.values[category];
        if (!Extent.shows(value)) {
            return;
        }
        double zero = scale.position(0);
        double end = scale.position(value);
        double low = scale.position(bars.low[category]);
        double high = scale.position(bars.high[category]);
        boolean interval = !Double.isNaN(low) && !Double.isNaN(high);
        String text = Numbers.fixed(value, decimals);
        String range = interval
                ? " (" + Numbers.fixed(bars.low[category], decimals) + " to "
                        + Numbers.fixed(bars.high[category], decimals) + ")"
                : "";
        svg.open("g", "class", "group", "style", Palette.style(index, series.size()))
                .open(
                        "rect",
                        "x",
                        Math.min(zero, end),
                        "y",
                        y + 1,
                        "width",
                        Math.abs(end - zero),
                        "height",
                        BAR - 2,
                        "class",
                        "fill")
                .element("title", categories.get(category) + ", " + bars.name + ": " + text + range)
                .close("rect")
                .close("g");
        if (interval) {
            svg.line(low, y + BAR / 2, high, y + BAR / 2, "whisker");
            svg.line(low, y + 4, low, y + BAR - 4, "whisker");
            svg.line(high, y + 4, high, y + BAR - 4, "whisker");
        }
        double after = Math.max(interval ? Math.max(end, high) : end, zero);
        svg.textAt(after + 5, y + BAR / 2 + 4, text, "tick");
    }
}
