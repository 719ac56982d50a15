package org.jclap.clap.synth;

/** How the occurrences of a sound fill a clip. */
sealed interface Pace {
    /** One unbroken sound over the whole clip. */
    record Continuous() implements Pace {}

    /** From 1 to {@code most} occurrences with random gaps in seconds between the end of one and the next. */
    record Bursts(int most, double shortestGap, double longestGap) implements Pace {}

    /** One occurrence after the other until the clip ends, with a period in seconds that is drawn once. */
    record Steady(double shortestPeriod, double longestPeriod) implements Pace {}
}
