package org.jclap.bench;

import java.io.PrintWriter;
import org.jclap.clap.report.Numbers;

/** A report for people. */
final class ReportTable {
    private static final String ROW = "%-44s %12s %16s %9s%n";

    private ReportTable() {}

    static void print(Report report, PrintWriter out) {
        var machine = report.machine();
        out.println("%s, %d processors; %s: %s"
                .formatted(machine.processor(), machine.processors(), machine.backend(), machine.device()));
        for (var limit : machine.limits()) {
            out.println("limit with %d thread%s: %s GFLOP/s, copying %s GB/s"
                    .formatted(
                            limit.threads(),
                            limit.threads() == 1 ? "" : "s",
                            Numbers.fixed(limit.gflops(), 1),
                            Numbers.fixed(limit.gbytes(), 1)));
        }
        out.printf(ROW, "case", "time", "rate", "of limit");
        report.cases().forEach(result -> row(result, out));
        out.flush();
    }

    private static void row(Report.Result result, PrintWriter out) {
        var rate = result.rate();
        var fraction = result.limitFraction();
        out.printf(
                ROW,
                result.name(),
                time(result.ours()),
                rate == null ? "" : Numbers.fixed(rate, 1) + " " + result.rateUnit(),
                fraction == null ? "" : Numbers.fixed(fraction, 2));
    }

    private static String time(double millis) {
        if (millis < 1) {
            return Numbers.fixed(1e3 * millis, 2) + " us";
        }
        return millis < 1000 ? Numbers.fixed(millis, 2) + " ms" : Numbers.fixed(1e-3 * millis, 2) + " s";
    }
}
