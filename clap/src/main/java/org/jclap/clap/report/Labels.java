package org.jclap.clap.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Where texts go, so that they do not cover each other. Widths are estimates: no font is at hand. */
final class Labels {
    static final double LINE_HEIGHT = 14;

    /** Average advance of a sans-serif character as a share of the font size. */
    private static final double ADVANCE = 0.58;

    private static final double FONT_SIZE = 12;

    private final List<Box> taken = new ArrayList<>();

    private record Box(double left, double top, double right, double bottom) {
        boolean overlaps(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }

        boolean inside(Area area) {
            return left >= area.left() && right <= area.right() && top >= area.top() && bottom <= area.bottom();
        }
    }

    /** A place for a text: start of its baseline. */
    record Place(double x, double y) {}

    static double width(String text) {
        return text.codePointCount(0, text.length()) * FONT_SIZE * ADVANCE;
    }

    /** The width that a column of texts needs, up to a limit. */
    static double width(List<String> texts, double limit) {
        return Math.min(limit, texts.stream().mapToDouble(Labels::width).max().orElse(0));
    }

    /** The text, cut to a width with an ellipsis. */
    static String fit(String text, double width) {
        if (width(text) <= width) {
            return text;
        }
        int keep = Math.max(1, (int) (width / (FONT_SIZE * ADVANCE)) - 1);
        return text.substring(0, text.offsetByCodePoints(0, Math.min(keep, text.codePointCount(0, text.length()))))
                + "…";
    }

    /** Marks a spot, for example a point, that labels should avoid. */
    void block(double x, double y, double radius) {
        taken.add(new Box(x - radius, y - radius, x + radius, y + radius));
    }

    /** A free place near a point: beside, over or under it, else ever farther away, and at worst on top of others. */
    Place place(String text, double x, double y, double gap, Area area) {
        double width = width(text);
        for (int ring = 0; ring < 6; ring++) {
            double distance = gap + ring * LINE_HEIGHT * 0.75;
            double[][] starts = {
                {x + distance, y + 4},
                {x - distance - width, y + 4},
                {x - width / 2, y - distance},
                {x - width / 2, y + distance + 9},
                {x + distance * 0.7, y - distance * 0.7},
                {x + distance * 0.7, y + distance * 0.7 + 9},
                {x - distance * 0.7 - width, y - distance * 0.7},
                {x - distance * 0.7 - width, y + distance * 0.7 + 9}
            };
            for (double[] start : starts) {
                var box = new Box(start[0], start[1] - 10, start[0] + width, start[1] + 3);
                if (box.inside(area) && taken.stream().noneMatch(box::overlaps)) {
                    taken.add(box);
                    return new Place(start[0], start[1]);
                }
            }
        }
        return new Place(Math.min(x, area.right() - width), y);
    }

    /** Moves heights apart to at least one line each, keeping their order, between {@code top} and {@code bottom}. */
    static double[] spread(double[] heights, double top, double bottom) {
        int[] order = IntStream.range(0, heights.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> heights[i]))
                .mapToInt(i -> i)
                .toArray();
        double[] result = heights.clone();
        double free = top;
        for (int i : order) {
            result[i] = Math.max(result[i], free);
            free = result[i] + LINE_HEIGHT;
        }
        free = bottom;
        for (int k = order.length - 1; k >= 0; k--) {
            result[order[k]] = Math.min(result[order[k]], free);
            free = result[order[k]] - LINE_HEIGHT;
        }
        return result;
    }
}
