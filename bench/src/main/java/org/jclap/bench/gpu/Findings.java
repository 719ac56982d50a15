package org.jclap.bench.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jclap.bench.Machine;
import org.jclap.clap.cli.JsonFile;
import org.jclap.tensor.Backend;
import org.jspecify.annotations.Nullable;

/** Where a part puts what it finds; the file is written after each addition. */
final class Findings {
    private static final System.Logger LOG = System.getLogger(Findings.class.getName());

    private final Part part;
    private final Path file;
    private final double seconds;
    private final long start = System.nanoTime();
    private final List<Finding> cases = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private PartReport.Status status = PartReport.Status.PASSED;
    private @Nullable Machine machine;
    private @Nullable Integer next;

    /** Findings of a part that has so many seconds. */
    Findings(Part part, Path file, double seconds) {
        this.part = part;
        this.file = file;
        this.seconds = seconds;
    }

    void machine(Backend backend) {
        machine = Machine.describe(backend, Runtime.getRuntime().availableProcessors(), List.of(), null);
        write();
    }

    void add(Finding finding) {
        LOG.log(System.Logger.Level.INFO, "{0}: {1} {2}", finding.name(), finding.ours(), finding.unit());
        cases.add(finding);
        write();
    }

    void note(String text) {
        notes.add(text);
        write();
    }

    void fail(String text) {
        status = PartReport.Status.FAILED;
        note(text);
    }

    /** The part cannot run here, and why. */
    void skip(String text) {
        status = PartReport.Status.SKIPPED;
        note(text);
    }

    /** The device is lost to this process; another can go on with that case. */
    void resumeAt(int position) {
        next = position;
        write();
    }

    /** What was left out, and that it was for lack of time. */
    void outOfTime(String leftOut) {
        status = status == PartReport.Status.PASSED ? PartReport.Status.TIMED_OUT : status;
        note("no time was left for " + leftOut);
    }

    double secondsLeft() {
        return seconds - elapsed();
    }

    private double elapsed() {
        return 1e-9 * (System.nanoTime() - start);
    }

    void write() {
        JsonFile.write(file, report());
    }

    PartReport report() {
        return new PartReport(part.label(), status, elapsed(), machine, next, List.copyOf(cases), List.copyOf(notes));
    }

    /** A finding's name within this part. */
    String name(String what) {
        return "%s/%s".formatted(part.label(), what).toLowerCase(Locale.ROOT);
    }
}
