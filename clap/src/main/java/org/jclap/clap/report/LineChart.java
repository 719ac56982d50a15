package org.jclap.clap.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Lines over a common axis, for example losses over steps; each is named at its right end. Points that are not finite,
 * or not positive on a logarithmic axis, interrupt the line.
 *
 * @param title printed over the drawing
 * @param xName name of the horizontal axis
 * @param yName name of the vertical axis
 * @param logarithmic whether the vertical axis is logarithmic
 * @param series the lines
 */
public record LineChart(String title, String xName, String yName, boolean logarithmic, List<Series> series)
        implements Chart {
    private static final double MIN_HEIGHT = 320;
    private static final double MAX_NAME = 170;

    /** Lines with at most so many points show them. */
    private static final int DOTTED = 40;

    /** Lines with more points, usually noisy, are drawn thinner. */
    private static final int SMOOTH = 400;

    /** Keeps a copy of the list. */
    public LineChart {
        series = List.copyOf(series);
    }

    /**
     * One line.
     *
     * @param name printed at its end
     * @param x ascending
     * @param y same length as {@code x}
     */
    @SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
    public record Series(String name, double[] x, double[] y) {
        /** Checks the lengths. */
        public Series {
            if (x.length != y.length) {
                throw new IllegalArgumentException(
                        "line %s: %d positions for %d values".formatted(name, x.length, y.length));
            }
        }
    }

    /** A line with linear axes. */
    public static LineChart linear(String title, String xName, String yName, List<Series> series) {
        return new LineChart(title, xName, yName, false, series);
    }

    /** A line with a logarithmic vertical axis. */
    public static LineChart logarithmic(String title, String xName, String yName, List<Series> series) {
        return new LineChart(title, xName, yName, true, series);
    }

    @Override
    public String toSvg() {
        double names = Labels.width(series.stream().map(Series::name).toList(), MAX_NAME);
        double height = Math.max(MIN_HEIGHT, 110 + series.size() * Labels.LINE_HEIGHT);
        var area = new Area(52, 56, WIDTH - names - 16, height - 44);
        Scale x = new Scale.Linear(Extent.of(values(Series::x)), area.left(), area.right(), 8);
        Scale y = vertical(area);
        Markup svg = Chart.begin(title, height);
        area.drawY(svg, y, yName);
        area.drawX(svg, x, xName);
        double[] ends = new double[series.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = draw(svg, series.get(i), i, x, y);
        }
        drawNames(svg, ends, area);
        return svg.close("svg").toString();
    }

    private Scale vertical(Area area) {
        if (logarithmic) {
            var positive = Extent.of(values(Series::y).filter(v -> v > 0));
            var data = new Extent(positive.min() > 0 ? positive.min() : positive.max() / 10, positive.max());
            return new Scale.Log(data, area.bottom(), area.top());
        }
        return new Scale.Linear(Extent.of(values(Series::y)).padded(0.03), area.bottom(), area.top(), 5);
    }

    private DoubleStream values(Function<Series, double[]> part) {
        return series.stream().flatMapToDouble(line -> Arrays.stream(part.apply(line)));
    }

    /** Draws one line and returns the height of its last point, NaN when it has none. */
    private double draw(Markup svg, Series line, int index, Scale xScale, Scale yScale) {
        svg.open("g", "class", "group", "style", Palette.style(index, series.size()));
        double end = Double.NaN;
        int shown = 0;
        var path = new StringBuilder();
        for (List<Point> run : runs(line, xScale, yScale)) {
            shown += run.size();
            end = run.getLast().y();
            append(path, run);
        }
        svg.empty("path", "d", path, "class", shown <= SMOOTH ? "line" : "line thin");
        if (shown <= DOTTED) {
            dots(svg, line, xScale, yScale);
        }
        svg.close("g");
        return end;
    }

    private record Point(double x, double y) {}

    /** The parts of the line without gaps, in pixels. */
    private static List<List<Point>> runs(Series line, Scale xScale, Scale yScale) {
        List<List<Point>> runs = new ArrayList<>();
        boolean open = false;
        for (int i = 0; i < line.x.length; i++) {
            var point = new Point(xScale.position(line.x[i]), yScale.position(line.y[i]));
            boolean visible = !Double.isNaN(point.x) && !Double.isNaN(point.y);
            if (visible && !open) {
                runs.add(new ArrayList<>());
            }
            if (visible) {
                runs.getLast().add(point);
            }
            open = visible;
        }
        return runs;
    }

    /** Of many points in one column of pixels only the first, the extremes and the last can be seen. */
    private static void append(StringBuilder path, List<Point> run) {
        char command = 'M';
        int from = 0;
        while (from < run.size()) {
            int to = from;
            int low = from;
            int high = from;
            while (to + 1 < run.size() && Math.floor(run.get(to + 1).x) == Math.floor(run.get(from).x)) {
                to++;
                low = run.get(to).y < run.get(low).y ? to : low;
                high = run.get(to).y > run.get(high).y ? to : high;
            }
            int[] kept = {from, Math.min(low, high), Math.max(low, high), to};
            for (int i : Arrays.stream(kept).distinct().toArray()) {
                var point = run.get(i);
                path.append(command)
                        .append(Numbers.coordinate(point.x))
                        .append(',')
                        .append(Numbers.coordinate(point.y));
                command = 'L';
            }
            from = to + 1;
        }
        if (run.size() == 1) {
            path.append("h0"); // a lone point between gaps: the round line cap draws it
        }
    }

    private static void dots(Markup svg, Series line, Scale xScale, Scale yScale) {
        for (int i = 0; i < line.x.length; i++) {
            double x = xScale.position(line.x[i]);
            double y = yScale.position(line.y[i]);
            if (!Double.isNaN(x) && !Double.isNaN(y)) {
                svg.open("circle", "cx", x, "cy", y, "r", 2.5, "class", "fill")
                        .element(
                                "title",
                                line.name + ": " + Numbers.compact(line.x[i]) + ", " + Numbers.compact(line.y[i]))
                        .close("circle");
            }
        }
    }

    private void drawNames(Markup svg, double[] ends, Area area) {
        int[] shown = IntStream.range(0, ends.length)
                .filter(i -> !Double.isNaN(ends[i]))
                .toArray();
        double[] heights =
                Labels.spread(Arrays.stream(shown).mapToDouble(i -> ends[i]).toArray(), area.top() - 6, area.bottom());
        for (int k = 0; k < shown.length; k++) {
            svg.element(
                    "text",
                    Labels.fit(series.get(shown[k]).name, MAX_NAME),
                    "x",
                    area.right() + 8,
                    "y",
                    heights[k] + 4,
                    "class",
                    "label colored",
                    "style",
                    Palette.style(shown[k], series.size()));
        }
    }
}
