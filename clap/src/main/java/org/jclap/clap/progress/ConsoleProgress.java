package org.jclap.clap.progress;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on the standard error stream: a bar with rate and time left on a terminal, else a line now and then. */
public final class ConsoleProgress implements Progress {
    private static final long LINE_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final PrintStream out;
    private final boolean terminal;

    /** Writes to {@code out}, which is a terminal or not. */
    public ConsoleProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** For this process: a bar when somebody watches. The console is null where none is, whatever the check believes. */
    @SuppressWarnings("SystemConsoleNull")
    public static ConsoleProgress standard() {
        boolean dumb = "dumb".equals(System.getenv("TERM")) || System.getenv("CI") != null;
        return new ConsoleProgress(
                System.err, System.console() != null && System.console().isTerminal() && !dumb);
    }

    @Override
    public Task begin(String name, String unit, long total) {
        return terminal ? new Bar(name, unit, total) : new Lines(name, unit, total);
    }

    private static final class Bar implements Task {
        private final ProgressBar bar;

        Bar(String name, String unit, long total) {
            bar = new ProgressBarBuilder()
                    .setTaskName(name)
                    .setInitialMax(total)
                    .setUnit(" " + unit, 1)
                    .showSpeed()
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(250)
                    .build();
        }

        @Override
        public synchronized void advance(long units, String note) {
            bar.stepBy(units);
            bar.setExtraMessage(" " + note);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    private final class Lines implements Task {
        private final String name;
        private final String unit;
        private final long total;
        private final long start = System.nanoTime();
        private long printed = start;
        private long done;
        private long shown;
        private String lastNote = "";

        Lines(String name, String unit, long total) {
            this.name = name;
            this.unit = unit;
            this.total = total;
        }

        @Override
        public synchronized void advance(long units, String note) {
            done += units;
            lastNote = note;
            long now = System.nanoTime();
            if (now - printed > LINE_EVERY_NANOS) {
                printed = now;
                print(now);
            }
        }

        @Override
        public synchronized void close() {
            if (done > shown) {
                print(System.nanoTime());
            }
        }

        private void print(long now) {
            shown = done;
            double seconds = (now - start) / 1e9;
            double rate = done / Math.max(seconds, 1e-9);
            String left = done > 0 && done < total ? ", %.0f s left".formatted((total - done) / rate) : "";
            out.printf("%s: %d/%d %s, %.1f s, %.1f/s%s  %s%n", name, done, total, unit, seconds, rate, left, lastNote);
        }
    }
}
