package org.jclap.clap.report;

/** The rectangle of a drawing in which data are shown, in pixels. */
record Area(double left, double top, double right, double bottom) {
    /** The horizontal axis: ticks below, the name with an arrow at the right end. */
    void drawX(Markup svg, Scale scale, String name) {
        for (double tick : scale.ticks()) {
            double x = scale.position(tick);
            svg.line(x, bottom, x, bottom + 4, "rule");
            svg.textAt(x, bottom + 17, scale.label(tick), "tick middle");
        }
        svg.line(left, bottom, right, bottom, "rule");
        svg.textAt(right, bottom + 34, name + " →", "name end");
    }

    /** The vertical axis: a hairline across at each tick, the name with an arrow over it. */
    void drawY(Markup svg, Scale scale, String name) {
        for (double tick : scale.ticks()) {
            double y = scale.position(tick);
            svg.line(left, y, right, y, "grid");
            svg.textAt(left - 8, y + 4, scale.label(tick), "tick end");
        }
        svg.textAt(left - 8, top - 12, "↑ " + name, "name");
    }
}
