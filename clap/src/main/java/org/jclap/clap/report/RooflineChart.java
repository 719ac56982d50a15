package org.jclap.clap.report;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * The roofline (Williams, Waterman and Patterson, Communications of the ACM 52(4), 2009): how fast work was done over how
 * many operations it has for each byte of memory traffic, under the roof that bandwidth and arithmetic make. Both axes are
 * logarithmic; points that are not positive are left out.
 *
 * @param peak the height of the roof, 1e9 operations a second
 * @param bandwidth its slope, 1e9 bytes a second
 */
public record RooflineChart(String title, double peak, double bandwidth, List<Series> series) implements Chart {
    private static final double HEIGHT = 520;
    private static final double RADIUS = 4;

    /** Keeps a copy of the list. */
    public RooflineChart {
        series = List.copyOf(series);
    }

    /** Points of one program; those of the first series are named. */
    public record Series(String name, List<Point> points) {}

    /** Operations per byte, and 1e9 operations a second. */
    public record Point(String name, double intensity, double rate) {
        private boolean isShown() {
            return intensity > 0 && rate > 0 && Extent.shows(intensity) && Extent.shows(rate);
        }
    }

    @Override
    public String toSvg() {
        var legend = Legend.of(series.stream().map(Series::name).toList(), 0, 28, WIDTH);
        double top = 60 + legend.height();
        var area = new Area(64, top, WIDTH - 20, HEIGHT - 44);
        // The ridge, where memory and arithmetic take as long, belongs into the picture.
        var x = new Scale.Log(
                extent(shown().mapToDouble(Point::intensity), peak / bandwidth), area.left(), area.right());
        var y = new Scale.Log(extent(shown().mapToDouble(Point::rate), peak), area.bottom(), area.top());
        Markup svg = Chart.begin(title, HEIGHT);
        legend.draw(svg);
        area.drawY(svg, y, "GFLOP/s");
        area.drawX(svg, x, "operations per byte");
        drawRoof(svg, x, y);
        for (int i = 0; i < series.size(); i++) {
            drawPoints(svg, series.get(i), Palette.style(i, series.size()), x, y);
        }
        if (!series.isEmpty()) {
            drawNames(svg, series.getFirst(), x, y, area);
        }
        return svg.close("svg").toString();
    }

    private Stream<Point> shown() {
        return series.stream().flatMap(s -> s.points().stream()).filter(Point::isShown);
    }

    /** The range of the points and of one value more, with a margin of a third on both sides. */
    private static Extent extent(DoubleStream values, double more) {
        double shown = more > 0 && Extent.shows(more) ? more : 1;
        var extent = Extent.of(values).including(shown);
        double low = extent.min() > 0 ? extent.min() : shown;
        return new Extent(low / 1.5, Math.max(extent.max(), low) * 1.5);
    }

    private void drawRoof(Markup svg, Scale.Log x, Scale.Log y) {
        double ridge = peak / bandwidth;
        if (!(ridge > 0 && Extent.shows(ridge) && peak > 0)) {
            return;
        }
        double left = Math.max(x.data().min(), y.data().min() / bandwidth);
        svg.line(x.position(left), y.position(left * bandwidth), x.position(ridge), y.position(peak), "fit");
        svg.line(x.position(ridge), y.position(peak), x.position(x.data().max()), y.position(peak), "fit");
    }

    private static void drawPoints(Markup svg, Series line, String style, Scale x, Scale y) {
        svg.open("g", "class", "group points", "style", style);
        line.points().stream()
                .filter(Point::isShown)
                .forEach(point -> svg.open(
                                "circle", "cx", x.position(point.intensity), "cy", y.position(point.rate), "r", RADIUS)
                        .element(
                                "title",
                                "%s, %s: %s GFLOP/s".formatted(line.name, point.name, Numbers.compact(point.rate)))
                        .close("circle"));
        svg.close("g");
    }

    private static void drawNames(Markup svg, Series line, Scale x, Scale y, Area area) {
        var labels = new Labels();
        var points = line.points().stream().filter(Point::isShown).toList();
        points.forEach(point -> labels.block(x.position(point.intensity), y.position(point.rate), RADIUS));
        points.forEach(point -> {
            var place = labels.place(point.name, x.position(point.intensity), y.position(point.rate), 8, area);
            svg.textAt(place.x(), place.y(), point.name, "label halo");
        });
    }
}
