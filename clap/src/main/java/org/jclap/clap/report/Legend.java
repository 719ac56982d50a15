package org.jclap.clap.report;

import java.util.ArrayList;
import java.util.List;

/** Coloured swatches with names, on as many lines as they need. */
record Legend(List<Entry> entries, double height) {
    private static final double SWATCH = 10;
    private static final double GAP = 18;

    private record Entry(String name, double x, double y) {}

    /** Lays out the names; one name alone needs no legend. */
    static Legend of(List<String> names, double left, double top, double width) {
        if (names.size() < 2) {
            return new Legend(List.of(), 0);
        }
        List<Entry> entries = new ArrayList<>();
        double x = left;
        double y = top;
        for (String full : names) {
            String name = Labels.fit(full, width - SWATCH - GAP);
            double need = SWATCH + 6 + Labels.width(name);
            if (x > left && x + need > left + width) {
                x = left;
                y += Labels.LINE_HEIGHT + 4;
            }
            entries.add(new Entry(name, x, y));
            x += need + GAP;
        }
        return new Legend(entries, y - top + Labels.LINE_HEIGHT + 8);
    }

    void draw(Markup svg) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            svg.empty(
                    "rect",
                    "x",
                    entry.x,
                    "y",
                    entry.y,
                    "width",
                    SWATCH,
                    "height",
                    SWATCH,
                    "rx",
                    2,
                    "class",
                    "fill",
                    "style",
                    Palette.style(i, entries.size()));
            svg.textAt(entry.x + SWATCH + 6, entry.y + 9, entry.name, "label");
        }
    }
}
