package org.jclap.clap.report;

import java.util.stream.DoubleStream;

/** The range of the data on one axis; never empty. */
record Extent(double min, double max) {
    /** Magnitudes above would overflow in differences of differences. */
    private static final double LIMIT = 1e300;

    /** Ranges narrower than this share of their values cannot be told from a single value. */
    private static final double RESOLUTION = 1e-12;

    /** Whether a value has a place on a linear axis. */
    static boolean shows(double value) {
        return Math.abs(value) <= LIMIT;
    }

    /** The range of the values that can be shown; 0 to 1 when there are none, and some width around a single value. */
    static Extent of(DoubleStream values) {
        var summary = values.filter(Extent::shows).summaryStatistics();
        double min = summary.getMin();
        double max = summary.getMax();
        if (summary.getCount() == 0) {
            return new Extent(0, 1);
        }
        double size = Math.max(Math.abs(min), Math.abs(max));
        if (max - min > Math.max(RESOLUTION * size, 1 / LIMIT)) {
            return new Extent(min, max);
        }
        double around = size > 1 / LIMIT ? size / 2 : 1;
        return new Extent(min - around, max + around);
    }

    /** Enlarged on both sides by a share of the width. */
    Extent padded(double share) {
        double margin = (max - min) * share;
        return new Extent(min - margin, max + margin);
    }

    Extent including(double value) {
        return new Extent(Math.min(min, value), Math.max(max, value));
    }
}
