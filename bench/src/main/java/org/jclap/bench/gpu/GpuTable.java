package org.jclap.bench.gpu;

import java.io.PrintWriter;
import org.jclap.clap.report.Numbers;
import org.jspecify.annotations.Nullable;

/** A report for people. */
final class GpuTable {
    private static final String ROW = "%-66s %12s %-20s %12s %7s %9s%n";
    private static final int MOST_NOTES = 10;

    /** Results that come so near to what is permitted are listed one by one. */
    private static final double NEAR = 0.5;

    private GpuTable() {}

    static void print(GpuReport report, PrintWriter out) {
        var machine = report.machine();
        out.println(machine == null ? "no device was opened" : machine.device());
        out.printf(ROW, "case", "ours", "", "peer", "ratio", "of limit");
        var shown = report.cases().stream().filter(GpuTable::isWorthALine).toList();
        for (var finding : shown) {
            out.printf(
                    ROW,
                    finding.name(),
                    number(finding.ours()),
                    finding.unit(),
                    number(finding.peer()),
                    number(finding.ratio()),
                    number(finding.limitFraction()));
        }
        if (shown.size() < report.cases().size()) {
            out.println("and %d ops with errors of less than half of what is permitted"
                    .formatted(report.cases().size() - shown.size()));
        }
        for (var part : report.parts()) {
            out.println("%-10s %-9s in %s s".formatted(part.name(), part.status(), Numbers.fixed(part.seconds(), 1)));
            part.notes().stream().limit(MOST_NOTES).forEach(note -> out.println("    " + note.replace("\n", "\n    ")));
            if (part.notes().size() > MOST_NOTES) {
                out.println("    and %d notes more, see the JSON"
                        .formatted(part.notes().size() - MOST_NOTES));
            }
        }
    }

    private static boolean isWorthALine(Finding finding) {
        return !finding.unit().equals(SelfTestPart.UNIT) || finding.ours() >= NEAR;
    }

    /** Three digits that count, whatever the size. */
    private static String number(@Nullable Double value) {
        if (value == null) {
            return "";
        }
        double size = Math.abs(value);
        return size != 0 && size < 1e-2 ? "%.2e".formatted(value) : Numbers.fixed(value, size < 100 ? 2 : 0);
    }
}
