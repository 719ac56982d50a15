package org.jclap.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jclap.bench.Main;
import org.jclap.clap.cli.JsonFile;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Proves and measures the CUDA backend on this machine's device. */
@Command(
        name = "gpu",
        description = "Proves and measures the CUDA backend on a real device, in minutes.",
        footer = {
            "",
            "Parts, in this order:",
            "  self-test  every op case against the reference, with the worst errors",
            "  sanitizer  NVIDIA's compute-sanitizer over a short self-test, where it is installed",
            "  training   20 steps of the tiny model, on the device and on the processor",
            "  kernels    own kernels against cuBLAS and cuDNN, and against the device's limits",
            "  student    a training step with teacher and student against PyTorch, where Python has it",
            "  loss       the contrastive loss of up to 262,144 pairs, time and memory",
            "  launch     what a launch costs",
            "  memory     the most memory that training takes",
            "",
            "Each part has a process and a time limit of its own: whatever happens there, the others run. The exit code is 1"
                    + " when something was wrong; parts that cannot run here are named."
        })
public final class GpuCommand implements Runnable {
    /** Less is not worth a start. */
    private static final double LEAST_SECONDS = 3;

    /** Between a part's own limit and its end by force. */
    private static final double GRACE_SECONDS = 8;

    private static final int SHOWN_LINES = 15;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--quick", description = "Fewer repetitions, half the time.")
    private boolean quick;

    @Option(
            names = "--sizes",
            paramLabel = "published|small",
            description = "Small sizes are for rehearsals on an emulated device (default: ${DEFAULT-VALUE}).")
    private Sizes sizes = Sizes.PUBLISHED;

    @Option(
            names = "--part",
            split = ",",
            paramLabel = "PART",
            converter = PartName.class,
            description = "Only these parts.")
    private List<Part> parts = List.of(Part.values());

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "What all parts may take together (default: ${DEFAULT-VALUE}).")
    private double seconds = 450;

    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            description = "The Python that has PyTorch (default: ${DEFAULT-VALUE}).")
    private String python = "python3";

    @Option(names = "--out", paramLabel = "R.json", description = "Write the result as JSON, too.")
    private @Nullable Path out;

    @Option(names = "--in-process", hidden = true, description = "Run the one part here; --out is its file.")
    private boolean inProcess;

    @Option(names = "--from", hidden = true, description = "The case to begin with.")
    private int from;

    /** Parts by their labels. */
    static final class PartName implements ITypeConverter<Part> {
        @Override
        public Part convert(String value) {
            return Arrays.stream(Part.values())
                    .filter(part -> part.label().equals(value.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UserException("no part is named '%s': there are %s"
                            .formatted(
                                    value,
                                    Arrays.stream(Part.values())
                                            .map(Part::label)
                                            .collect(Collectors.joining(", ")))));
        }
    }

    @Override
    public void run() {
        if (inProcess) {
            runHere(parts.getFirst(), Objects.requireNonNull(out, "--out"));
            return;
        }
        var report = GpuReport.of(runAll(ConsoleProgress.standard()));
        var writer = Objects.requireNonNull(spec).commandLine().getOut();
        GpuTable.print(report, writer);
        if (out != null) {
            writer.println("written to " + out);
        }
        writer.flush();
        report.requireSound();
    }

    // ---------------------------------------------------------------------------------------------- one part, here

    private void runHere(Part part, Path file) {
        var findings = new Findings(part, file, seconds);
        try {
            part.run(new Setting(quick, sizes, python, from), findings);
        } catch (UserException e) {
            findings.skip(String.valueOf(e.getMessage()));
        }
        findings.write();
    }

    // ---------------------------------------------------------------------------------------------- all, outside

    private List<PartReport> runAll(Progress progress) {
        long start = System.nanoTime();
        var reports = new ArrayList<PartReport>();
        try (var task = progress.begin("gpu", "parts", parts.size())) {
            for (var part : parts) {
                double left = seconds - 1e-9 * (System.nanoTime() - start);
                reports.add(runOutside(part, Math.min(left, quick ? part.seconds() / 2 : part.seconds())));
                if (out != null) { // also when something ends this program before the last part
                    JsonFile.write(out, GpuReport.of(reports));
                }
                task.advance(1, part.label());
            }
        }
        return reports;
    }

    /** Goes on in a new process where a fault of the device has ended one. */
    private PartReport runOutside(Part part, double limit) {
        var report = PartReport.empty(part.label(), PartReport.Status.TIMED_OUT, "no time was left");
        double left = limit;
        for (Integer next = from; next != null && left > LEAST_SECONDS; next = report.next()) {
            var later = runProcess(part, left, next);
            report = left == limit ? later : report.followedBy(later);
            left -= later.seconds();
        }
        return report;
    }

    private PartReport runProcess(Part part, double limit, int first) {
        try {
            var file = Files.createTempFile("jclap-" + part.label(), ".json");
            try {
                Files.delete(file);
                long start = System.nanoTime();
                var outcome = JavaProcess.run(command(part, limit, first, file), limit + GRACE_SECONDS);
                return ended(part, file, outcome, 1e-9 * (System.nanoTime() - start));
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no place for temporary files", e);
        }
    }

    private List<String> command(Part part, double limit, int first, Path file) {
        var arguments = new ArrayList<>(List.of(
                "gpu",
                "--in-process",
                "--part=" + part.label(),
                "--sizes=" + sizes,
                "--seconds=" + limit,
                "--python=" + python,
                "--from=" + first,
                "--out=" + file));
        if (quick) {
            arguments.add("--quick");
        }
        return JavaProcess.command(Main.class.getName(), arguments.toArray(String[]::new));
    }

    /** What the file says, unless the process says worse. */
    private static PartReport ended(Part part, Path file, JavaProcess.Outcome outcome, double took) {
        var found = PartReport.read(file);
        var report = found == null
                ? new PartReport(part.label(), PartReport.Status.PASSED, 0, null, null, List.of(), List.of())
                : found;
        if (outcome.timedOut()) {
            return report.ended(
                    PartReport.Status.TIMED_OUT, took, List.of("ended by force: " + outcome.lastLines(SHOWN_LINES)));
        }
        return outcome.exit() == 0
                ? report.ended(report.status(), took, List.of())
                : report.ended(
                        PartReport.Status.FAILED,
                        took,
                        List.of("exit code %d: %s".formatted(outcome.exit(), outcome.lastLines(SHOWN_LINES))));
    }
}
