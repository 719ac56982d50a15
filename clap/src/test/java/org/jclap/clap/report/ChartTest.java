package org.jclap.clap.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

class ChartTest {
    private static final double NAN = Double.NaN;
    private static final String HOSTILE = "</text><script>alert('1')</script> \"&\u0000\ud800 😀";

    private static List<Chart> charts() {
        List<Chart> charts = new ArrayList<>();
        for (double[] y : new double[][] {
            {},
            {3},
            {0},
            {NAN},
            {1, NAN, 2, 3},
            {-5, 0, Double.POSITIVE_INFINITY, 1e-9},
            {1e308, -1e308, 1},
            {1e15, 1e15 + 0.125},
            {Double.MIN_VALUE, Double.MIN_VALUE},
            {1e-200, 1e200}
        }) {
            addCharts(charts, y);
        }
        charts.add(LineChart.linear("none", "x", "y", List.of()));
        charts.add(new BarChart("none", "v", 1, List.of(), List.of()));
        charts.add(new RooflineChart("none", 0, 0, List.of()));
        return charts;
    }

    private static void addCharts(List<Chart> charts, double[] y) {
        double[] x = new double[y.length];
        Arrays.setAll(x, i -> i);
        List<String> names = Collections.nCopies(y.length, HOSTILE);
        var lines = List.of(new LineChart.Series(HOSTILE, x, y), new LineChart.Series("b", x, y));
        charts.add(LineChart.linear(HOSTILE, HOSTILE, HOSTILE, lines));
        charts.add(LineChart.logarithmic(HOSTILE, HOSTILE, HOSTILE, lines));
        List<ScatterChart.Point> points = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            points.add(new ScatterChart.Point(x[i], y[i], HOSTILE + i % 2, HOSTILE));
        }
        charts.add(ScatterChart.map(HOSTILE, points));
        charts.add(ScatterChart.correlation(HOSTILE, HOSTILE, HOSTILE, points, 0.5, NAN));
        List<RooflineChart.Point> work = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            work.add(new RooflineChart.Point(HOSTILE, x[i], y[i]));
        }
        charts.add(new RooflineChart(
                HOSTILE,
                100,
                10,
                List.of(new RooflineChart.Series(HOSTILE, work), new RooflineChart.Series("b", work))));
        charts.add(new BarChart(
                HOSTILE,
                HOSTILE,
                2,
                names,
                List.of(BarChart.Series.of(HOSTILE, y), new BarChart.Series("b", y, y, y))));
        charts.add(new Heatmap(HOSTILE, HOSTILE, HOSTILE, 1, List.of(HOSTILE, "b"), names, new double[][] {y, y}));
    }

    @ParameterizedTest
    @MethodSource("charts")
    void isWellFormedForAnyDataAndLabels(Chart chart) {
        for (String markup : List.of(chart.toSvg(), chart.toSvgFile())) {
            var document = Xml.parse(markup);
            assertEquals("svg", document.getDocumentElement().getTagName());
            assertTrue(Xml.elements(document, "script").isEmpty());
            assertFalse(markup.contains("NaN") || markup.contains("Infinity"), markup);
        }
    }

    @ParameterizedTest
    @MethodSource("charts")
    void givesTheSameBytesAgain(Chart chart) {
        assertEquals(chart.toSvg(), chart.toSvg());
    }

    @Test
    void aMissingValueInterruptsTheLine() {
        var chart = LineChart.linear(
                "t", "x", "y", List.of(new LineChart.Series("a", new double[] {0, 1, 2, 3, 4}, new double[] {
                    1, 2, NAN, 3, 4
                })));
        String path = Xml.elements(Xml.parse(chart.toSvg()), "path").getFirst().getAttribute("d");
        assertEquals(2, path.chars().filter(c -> c == 'M').count(), path);
        assertEquals(2, path.chars().filter(c -> c == 'L').count(), path);
    }

    @Test
    void valuesWithoutLogarithmInterruptALogarithmicLine() {
        var chart = LineChart.logarithmic(
                "t", "x", "y", List.of(new LineChart.Series("a", new double[] {0, 1, 2}, new double[] {1, 0, 10})));
        String path = Xml.elements(Xml.parse(chart.toSvg()), "path").getFirst().getAttribute("d");
        assertEquals(2, path.chars().filter(c -> c == 'M').count(), path);
    }

    @Test
    void longLinesKeepTheirExtremesInFewPoints() {
        double[] x = new double[200_000];
        double[] y = new double[200_000];
        Arrays.setAll(x, i -> i);
        y[123_456] = 7;
        var svg = LineChart.linear("t", "x", "y", List.of(new LineChart.Series("a", x, y)))
                .toSvg();
        String path = Xml.elements(Xml.parse(svg), "path").getFirst().getAttribute("d");
        String[] vertices = path.substring(1).split("[LM]");
        assertTrue(vertices.length < 4 * Chart.WIDTH, vertices.length + " vertices");
        double highest = Arrays.stream(vertices)
                .mapToDouble(vertex -> Double.parseDouble(vertex.split(",")[1]))
                .min()
                .orElseThrow();
        assertTrue(highest < 70, "the peak is at " + highest);
    }

    @Test
    void namesOfLinesThatEndTogetherDoNotOverlap() {
        List<LineChart.Series> lines = Stream.of("a", "b", "c", "d")
                .map(name -> new LineChart.Series(name, new double[] {0, 1}, new double[] {1, 1}))
                .toList();
        var labels =
                Xml.elements(Xml.parse(LineChart.linear("t", "x", "y", lines).toSvg()), "text", "colored");
        double[] heights = labels.stream()
                .mapToDouble(label -> number(label, "y"))
                .sorted()
                .toArray();
        assertEquals(4, heights.length);
        for (int i = 1; i < heights.length; i++) {
            assertTrue(heights[i] - heights[i - 1] >= Labels.LINE_HEIGHT - 0.01, Arrays.toString(heights));
        }
    }

    @Test
    void manyClassesAreNamedBesideTheirPointsWithDifferentColours() {
        List<ScatterChart.Point> points = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            points.add(new ScatterChart.Point(
                    i % 50 % 10 + i * 1e-4, Math.floorDiv(i % 50, 10), "class " + i % 50, "clip " + i));
        }
        var document = Xml.parse(ScatterChart.map("t", points).toSvg());
        assertEquals(500, Xml.elements(document, "circle").size());
        var labels = Xml.elements(document, "text", "colored");
        assertEquals(50, labels.size());
        var colours = new HashSet<String>();
        labels.forEach(label -> colours.add(label.getAttribute("style")));
        assertEquals(50, colours.size());
    }

    @Test
    void theFittedLineIsTheLeastSquaresLineInsideTheFrame() {
        var points = List.of(point(0, 1), point(1, 3), point(2, 5), point(NAN, 4));
        var fit = ScatterChart.Fit.leastSquares(points, 1, 0.0001);
        assertEquals(2, fit.slope(), 1e-12);
        assertEquals(1, fit.intercept(), 1e-12);
        assertEquals("r = 1.00, p < 0.001, n = 3", fit.note());
        var steep = new ScatterChart("t", new ScatterChart.Axes("x", "y"), points, new ScatterChart.Fit(1000, 0, ""));
        Element line = Xml.elements(Xml.parse(steep.toSvg()), "line", "fit").getFirst();
        for (String end : List.of("y1", "y2")) {
            assertTrue(number(line, end) >= 0 && number(line, end) <= 440, end + " " + number(line, end));
        }
    }

    @Test
    void barsAreAsLongAsTheirValuesAndWhiskersSpanTheInterval() {
        var series = new BarChart.Series(
                "a", new double[] {1, 0.5, NAN}, new double[] {0.9, NAN, NAN}, new double[] {1.2, NAN, NAN});
        var document = Xml.parse(new BarChart("t", "v", 2, List.of("p", "q", "r"), List.of(series)).toSvg());
        var bars = Xml.elements(document, "rect", "fill");
        assertEquals(2, bars.size());
        double unit = number(bars.getFirst(), "width");
        assertEquals(unit / 2, number(bars.getLast(), "width"), 0.02);
        Element whisker = Xml.elements(document, "line", "whisker").getFirst();
        assertEquals(0.3 * unit, number(whisker, "x2") - number(whisker, "x1"), 0.02);
    }

    @Test
    void negativeBarsGrowToTheLeftOfZero() {
        var document = Xml.parse(
                new BarChart("t", "v", 1, List.of("p", "q"), List.of(BarChart.Series.of("a", -2, 1))).toSvg());
        var bars = Xml.elements(document, "rect", "fill");
        double zero = number(bars.getLast(), "x");
        assertEquals(zero, number(bars.getFirst(), "x") + number(bars.getFirst(), "width"), 0.02);
    }

    @Test
    void cellsAreShadedByValueAndTellIt() {
        var counts = new int[50][50];
        counts[0][0] = 40;
        counts[0][1] = 10;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            names.add("class " + i);
        }
        var document = Xml.parse(Heatmap.confusion("t", names, counts).toSvg());
        var cells = Xml.elements(document, "rect", "cell");
        assertEquals(2500, cells.size());
        assertEquals("1", cells.get(0).getAttribute("fill-opacity"));
        assertEquals("0.25", cells.get(1).getAttribute("fill-opacity"));
        assertEquals("0", cells.get(2).getAttribute("fill-opacity"));
        assertEquals("class 0 → class 1: 10", cells.get(1).getTextContent());
        double right = number(cells.get(49), "x") + number(cells.get(49), "width");
        assertTrue(right <= Chart.WIDTH + 0.1, "right edge " + right);
    }

    @Test
    void coloursOfNeighboursDiffer() {
        for (int count : new int[] {1, 8, 9, 50}) {
            for (int i = 1; i < count; i++) {
                assertNotEquals(Palette.color(i - 1, count), Palette.color(i, count));
            }
        }
    }

    @Test
    void refusesDataThatDoNotFitTheLabels() {
        assertThrows(IllegalArgumentException.class, () -> new LineChart.Series("a", new double[1], new double[2]));
        assertThrows(
                IllegalArgumentException.class,
                () -> new BarChart("t", "v", 1, List.of("p"), List.of(BarChart.Series.of("a", 1, 2))));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Heatmap("t", "r", "c", 1, List.of("p"), List.of("q"), new double[][] {{1, 2}}));
    }

    private static ScatterChart.Point point(double x, double y) {
        return new ScatterChart.Point(x, y, "g", "p");
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }
}
