package org.jclap.bench;

import java.io.PrintWriter;
import java.util.Map;
import org.jclap.clap.report.Numbers;

/** A report for people. */
public final class ReportTable {
    private static final String ROW = "%-44s %12s %16s %9s%n";
    private static final String PEER_ROW = "%-52s %11s %11s  %-32s %15s %9s%n";

    /** Below this share of the peak, registers are spilled: what was measured on processors of 8 and 16 lanes is 0.8. */
    private static final double LEAST_MICRO_KERNEL = 0.6;

    private ReportTable() {}

    /** Prints the machine, a line for each case, and the notes. */
    public static void print(Report report, PrintWriter out) {
        printMachine(report.machine(), out);
        if (report.cases().stream().anyMatch(result -> result.versus() != null)) {
            out.printf(PEER_ROW, "case", "ours", "peer", "ratio (quartiles)", "rate", "of limit");
            report.cases().forEach(result -> peerRow(result, out));
        } else {
            out.printf(ROW, "case", "time", "rate", "of limit");
            report.cases().forEach(result -> row(result, out));
        }
        for (var steps : report.firstSteps()) {
            out.println("%s, %s: first step done %s s after the start of the process, %s GiB at most"
                    .formatted(
                            steps.step(),
                            steps.program(),
                            Numbers.fixed(steps.seconds(), 2),
                            Numbers.fixed(steps.peakBytes() / (double) (1 << 30), 2)));
        }
        report.notes().forEach(out::println);
        out.flush();
    }

    private static void printMachine(Machine machine, PrintWriter out) {
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
        var microKernel = machine.microKernel();
        if (microKernel != null) {
            out.println("micro-kernel: %s of one thread's multiply-adds%s"
                    .formatted(
                            Numbers.fixed(microKernel, 2),
                            microKernel < LEAST_MICRO_KERNEL
                                    ? "; WARNING: this JDK's compiler spoils it, matrix products and convolutions are slow"
                                    : ""));
        }
    }

    private static void row(Report.Result result, PrintWriter out) {
        out.printf(ROW, result.name(), time(result.ours()), rate(result), fraction(result));
    }

    private static void peerRow(Report.Result result, PrintWriter out) {
        var versus = result.versus();
        out.printf(
                PEER_ROW,
                result.name(),
                time(result.ours()),
                versus == null ? "" : time(versus.peer()),
                versus == null ? "" : ratio(versus),
                rate(result),
                fraction(result));
    }

    /** The ratio with its quartiles, and which variant of the peer was the fastest where it had several. */
    private static String ratio(Report.Versus versus) {
        var variants = versus.variants().entrySet().stream();
        var fastest = versus.variants().size() > 1
                ? " " + variants.min(Map.Entry.comparingByValue()).orElseThrow().getKey()
                : "";
        return "%s (%s-%s)%s"
                .formatted(
                        Numbers.fixed(versus.ratio(), 2),
                        Numbers.fixed(versus.ratioLow(), 2),
                        Numbers.fixed(versus.ratioHigh(), 2),
                        fastest);
    }

    private static String rate(Report.Result result) {
        var rate = result.rate();
        return rate == null ? "" : Numbers.fixed(rate, 1) + " " + result.rateUnit();
    }

    private static String fraction(Report.Result result) {
        var fraction = result.limitFraction();
        return fraction == null ? "" : Numbers.fixed(fraction, 2);
    }

    private static String time(double millis) {
        if (millis < 1) {
            return Numbers.fixed(1e3 * millis, 2) + " us";
        }
        return millis < 1000 ? Numbers.fixed(millis, 2) + " ms" : Numbers.fixed(1e-3 * millis, 2) + " s";
    }
}
