package org.jclap.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jclap.clap.cli.EngineOptions;
import org.jclap.clap.cli.JsonFile;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.HostBackend;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures a suite between two measurements of the machine's limits. */
@Command(
        name = "bench",
        description = "Measures kernels and training steps, and compares them with the limits of this machine.",
        footer = {
            "",
            "Suites:",
            "  ops         matrix products, convolutions, and ops that pass over memory",
            "  loss        the contrastive loss, forward and backward",
            "  infer       the models without gradients",
            "  train       whole training steps",
            "  audio       from waves to log-mel spectrograms",
            "  rule        every algorithm of a convolution on the CPU: the chosen one is to be the fastest",
            "  vocabulary  every op on the small inputs of its tests",
            "  all         all of these but the rule and the vocabulary",
            "  gpu         proof and measurement of the CUDA backend, see jclap bench gpu --help",
            "  peers       the cases next to PyTorch: a command of its own, see jclap bench peers --help",
            "",
            "'of limit' is the least time that the machine's arithmetic and memory allow, divided by the time taken; both"
                    + " limits are measured before and after the cases. Nothing else should run meanwhile."
        })
final class BenchCommand implements Runnable {
    private static final System.Logger LOG = System.getLogger(BenchCommand.class.getName());

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "SUITE", arity = "0..1", description = "What to measure, see below (default: all).")
    private Suite suite = Suite.ALL;

    @Option(names = "--quick", description = "Short iterations: a first impression within minutes.")
    private boolean quick;

    @Option(names = "--case", paramLabel = "TEXT", description = "Only cases whose name contains this.")
    private String part = "";

    @Option(names = "--out", paramLabel = "R.json", description = "Write the result as JSON, too.")
    private @Nullable Path out;

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Override
    public void run() {
        var cases = suite.cases().stream().filter(c -> c.name().contains(part)).toList();
        if (cases.isEmpty()) {
            throw new UserException("no case of this suite contains '%s': it has %s"
                    .formatted(
                            part,
                            String.join(
                                    "; ",
                                    suite.cases().stream().map(BenchCase::name).toList())));
        }
        var effort = quick ? Measurer.Effort.QUICK : Measurer.Effort.FULL;
        var report = measure(cases, effort, ConsoleProgress.standard());
        var writer = Objects.requireNonNull(spec).commandLine().getOut();
        ReportTable.print(report, writer);
        if (out != null) {
            JsonFile.write(out, report);
            writer.println("written to " + out);
        }
        writer.flush();
    }

    private Report measure(List<BenchCase> cases, Measurer.Effort effort, Progress progress) {
        boolean verbose = LOG.isLoggable(System.Logger.Level.DEBUG);
        // Opened for its name and description, and so that an absent one is an error before anything is measured.
        try (var backend = engine.open()) {
            var measurer = new Measurer(backend.name(), engine.seed(Stage.SEED), effort, 1, verbose);
            var threads = backend instanceof HostBackend
                    ? IntStream.of(1, engine.threads()).distinct().boxed().toList()
                    : List.<Integer>of();
            try (var task = progress.begin("bench", "cases", cases.size())) {
                var before = threads.stream().map(measurer::limits).toList();
                var times = new ArrayList<Measurer.Time>();
                for (var benchCase : cases) {
                    times.add(measurer.measure(benchCase, engine.threads()));
                    task.advance(1, benchCase.name());
                }
                var limits = before.stream()
                        .map(limit -> limit.best(measurer.limits(limit.threads())))
                        .toList();
                var microKernel = limits.isEmpty()
                        ? null
                        : measurer.microKernel(limits.getFirst().gflops());
                return report(Machine.describe(backend, engine.threads(), limits, microKernel), cases, times);
            }
        }
    }

    private static Report report(Machine machine, List<BenchCase> cases, List<Measurer.Time> times) {
        var limits = machine.limits().isEmpty() ? null : machine.limits().getLast();
        var results = IntStream.range(0, cases.size())
                .mapToObj(i -> Report.Result.of(cases.get(i), times.get(i), limits))
                .toList();
        return new Report(machine, results);
    }
}
