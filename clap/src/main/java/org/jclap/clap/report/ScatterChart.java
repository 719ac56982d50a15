package org.jclap.clap.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Points in the plane: a map of many classes, or the correlation of two quantities. Points that are not finite are left
 * out. Pointing at a class dims the others.
 *
 * @param title printed over the drawing
 * @param axes the axes; null for a map whose coordinates have no meaning, drawn with equal units
 * @param points the points
 * @param fit a line through the points, or null
 */
public record ScatterChart(
        String title,
        @Nullable Axes axes,
        List<Point> points,
        @Nullable Fit fit) implements Chart {
    private static final int LEGEND_GROUPS = 8;
    private static final int LABELLED_POINTS = 40;

    /** Keeps a copy of the list. */
    public ScatterChart {
        points = List.copyOf(points);
    }

    /** The names of the axes. */
    public record Axes(String x, String y) {}

    /**
     * One point.
     *
     * @param group decides the colour; points of one class share it
     * @param label shown when pointing at it, and beside it in a correlation of few points
     */
    public record Point(double x, double y, String group, String label) {}

    /**
     * A straight line with a remark such as {@code r = 0.97, p = 0.001}.
     *
     * @param note printed in the corner of the drawing
     */
    public record Fit(double slope, double intercept, String note) {
        /** The least-squares line through the points that can be shown, with the coefficient and p-value of a correlation. */
        public static Fit leastSquares(List<Point> points, double r, double p) {
            var shown = points.stream().filter(ScatterChart::shows).toList();
            double meanX = shown.stream().mapToDouble(Point::x).average().orElse(Double.NaN);
            double meanY = shown.stream().mapToDouble(Point::y).average().orElse(Double.NaN);
            double covariance = 0;
            double variance = 0;
            for (Point point : shown) {
                covariance += (point.x - meanX) * (point.y - meanY);
                variance += (point.x - meanX) * (point.x - meanX);
            }
            double slope = covariance / variance;
            String note = "r = " + Numbers.fixed(r, 2) + ", " + Numbers.pValue(p) + ", n = " + shown.size();
            return new Fit(slope, meanY - slope * meanX, note);
        }
    }

    /** A map, for example of t-SNE: no ticks, equal units on both axes. */
    public static ScatterChart map(String title, List<Point> points) {
        return new ScatterChart(title, null, points, null);
    }

    /** Two quantities with the fitted line and the result of {@code Correlation}. */
    public static ScatterChart correlation(
            String title, String xName, String yName, List<Point> points, double r, double p) {
        return new ScatterChart(title, new Axes(xName, yName), points, Fit.leastSquares(points, r, p));
    }

    @Override
    public String toSvg() {
        Map<String, List<Point>> groups = new LinkedHashMap<>();
        shown().forEach(point ->
                groups.computeIfAbsent(point.group, _ -> new ArrayList<>()).add(point));
        List<String> names = List.copyOf(groups.keySet());
        var legend = Legend.of(names.size() <= LEGEND_GROUPS ? names : List.of(), 0, 28, WIDTH);
        double height = legend.height() + (axes == null ? mapHeight() : 440);
        double top = 36 + legend.height();
        var area = axes == null ? new Area(0, top, WIDTH, height - 8) : new Area(56, top + 24, WIDTH - 20, height - 44);
        Scale.Linear[] scales = scales(area);
        Markup svg = Chart.begin(title, height);
        legend.draw(svg);
        if (axes != null) {
            area.drawY(svg, scales[1], axes.y);
            area.drawX(svg, scales[0], axes.x);
        }
        if (fit != null) {
            drawFit(svg, fit, scales, area);
        }
        drawGroups(svg, groups, scales);
        if (axes == null && legend.entries().isEmpty()) {
            nameGroups(svg, groups, scales, area);
        } else if (axes != null && points.size() <= LABELLED_POINTS) {
            namePoints(svg, scales, area);
        }
        return svg.close("svg").toString();
    }

    /** The height at which a map fills the width, within limits. */
    private double mapHeight() {
        var x = Extent.of(shown().mapToDouble(Point::x));
        var y = Extent.of(shown().mapToDouble(Point::y));
        return Math.clamp(WIDTH * (y.max() - y.min()) / (x.max() - x.min()), 300, 640) + 44;
    }

    private Scale.Linear[] scales(Area area) {
        var x = Extent.of(shown().mapToDouble(Point::x)).padded(0.06);
        var y = Extent.of(shown().mapToDouble(Point::y)).padded(0.06);
        if (axes == null) {
            double unit = Math.max(
                    (x.max() - x.min()) / (area.right() - area.left()),
                    (y.max() - y.min()) / (area.bottom() - area.top()));
            x = around(x, unit * (area.right() - area.left()));
            y = around(y, unit * (area.bottom() - area.top()));
        }
        return new Scale.Linear[] {
            new Scale.Linear(x, area.left(), area.right(), 8), new Scale.Linear(y, area.bottom(), area.top(), 6)
        };
    }

    private static Extent around(Extent extent, double width) {
        double middle = (extent.min() + extent.max()) / 2;
        return new Extent(middle - width / 2, middle + width / 2);
    }

    private Stream<Point> shown() {
        return points.stream().filter(ScatterChart::shows);
    }

    private static boolean shows(Point point) {
        return Extent.shows(point.x) && Extent.shows(point.y);
    }

    private void drawGroups(Markup svg, Map<String, List<Point>> groups, Scale[] scales) {
        double radius = points.size() > 1500 ? 2.2 : points.size() > 200 ? 3 : 4.5;
        int index = 0;
        for (var group : groups.entrySet()) {
            svg.open("g", "class", "group points", "style", Palette.style(index++, groups.size()));
            for (Point point : group.getValue()) {
                svg.open("circle", "cx", scales[0].position(point.x), "cy", scales[1].position(point.y), "r", radius)
                        .element("title", hover(point))
                        .close("circle");
            }
            svg.close("g");
        }
    }

    private String hover(Point point) {
        String name = point.label.equals(point.group) || point.group.isEmpty()
                ? point.label
                : point.group + ": " + point.label;
        return axes == null ? name : name + " (" + Numbers.compact(point.x) + ", " + Numbers.compact(point.y) + ")";
    }

    /** The middle of a class in pixels, and the radius in which most of it lies. */
    private record Core(double x, double y, double radius) {
        private static final double MAX_RADIUS = 24;

        static Core of(List<Point> points, Scale[] scales) {
            double x = median(points.stream().mapToDouble(point -> scales[0].position(point.x)));
            double y = median(points.stream().mapToDouble(point -> scales[1].position(point.y)));
            double spread = median(points.stream()
                    .mapToDouble(
                            point -> Math.hypot(scales[0].position(point.x) - x, scales[1].position(point.y) - y)));
            return new Core(x, y, Math.min(1.6 * spread + 2, MAX_RADIUS));
        }

        private static double median(DoubleStream values) {
            double[] sorted = values.sorted().toArray();
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        }
    }

    /** Names each class beside its core. */
    private static void nameGroups(Markup svg, Map<String, List<Point>> groups, Scale[] scales, Area area) {
        var labels = new Labels();
        var cores =
                groups.values().stream().map(group -> Core.of(group, scales)).toList();
        cores.forEach(core -> labels.block(core.x, core.y, core.radius * 0.8));
        int index = 0;
        for (String name : groups.keySet()) {
            var core = cores.get(index);
            var place = labels.place(name, core.x, core.y, core.radius + 2, area);
            svg.element(
                    "text",
                    name,
                    "x",
                    place.x(),
                    "y",
                    place.y(),
                    "class",
                    "label colored halo",
                    "style",
                    Palette.style(index++, groups.size()));
        }
    }

    private void namePoints(Markup svg, Scale[] scales, Area area) {
        var labels = new Labels();
        shown().forEach(point -> labels.block(scales[0].position(point.x), scales[1].position(point.y), 5));
        shown().forEach(point -> {
            var place = labels.place(point.label, scales[0].position(point.x), scales[1].position(point.y), 9, area);
            svg.textAt(place.x(), place.y(), point.label, "label halo");
        });
    }

    /** The part of the line inside the drawing: its ends are where it meets the frame. */
    private static void drawFit(Markup svg, Fit fit, Scale.Linear[] scales, Area area) {
        svg.textAt(area.right(), area.top() - 12, fit.note, "name end strong");
        if (!Double.isFinite(fit.slope) || !Double.isFinite(fit.intercept)) {
            return;
        }
        var x = scales[0].data();
        var y = scales[1].data();
        double[] ends = {x.min(), x.max()};
        if (fit.slope != 0) {
            double atBottom = (y.min() - fit.intercept) / fit.slope;
            double atTop = (y.max() - fit.intercept) / fit.slope;
            ends[0] = Math.max(ends[0], Math.min(atBottom, atTop));
            ends[1] = Math.min(ends[1], Math.max(atBottom, atTop));
        }
        if (ends[0] < ends[1]) {
            double[] heights =
                    Arrays.stream(ends).map(v -> fit.intercept + fit.slope * v).toArray();
            svg.line(
                    scales[0].position(ends[0]),
                    scales[1].position(heights[0]),
                    scales[0].position(ends[1]),
                    scales[1].position(heights[1]),
                    "fit");
        }
    }
}
