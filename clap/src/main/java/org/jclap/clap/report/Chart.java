package org.jclap.clap.report;

/** A figure: data that can draw themselves. */
public sealed interface Chart permits LineChart, ScatterChart, BarChart, Heatmap, RooflineChart {
    /** Width of every drawing in its own units, which are pixels on a screen wide enough. */
    double WIDTH = 720;

    /** What the figure shows, printed over it and read out by screen readers. */
    String title();

    /** The drawing as an SVG element; its colours come from the style sheet of the page around it. */
    String toSvg();

    /** The drawing as an SVG file that brings its own style sheet. */
    default String toSvgFile() {
        String svg = toSvg();
        int content = svg.indexOf('>') + 1;
        var style = new Markup().open("style").text(Style.CHART).close("style").toString();
        return svg.substring(0, content) + style + svg.substring(content);
    }

    /** Opens the drawing and prints the title, whose baseline is 16 units from the top. */
    static Markup begin(String title, double height) {
        return new Markup()
                .open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "class",
                        "chart",
                        "role",
                        "img",
                        "aria-label",
                        title,
                        "viewBox",
                        "0 0 " + Numbers.coordinate(WIDTH) + " " + Numbers.coordinate(height),
                        "width",
                        WIDTH,
                        "height",
                        height)
                .textAt(0, 16, Labels.fit(title, WIDTH), "title");
    }
}
