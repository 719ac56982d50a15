package org.jclap.bench.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jclap.bench.BenchCase;
import org.jclap.bench.CaseBench;
import org.jclap.bench.Comparison;
import org.jclap.bench.Limits;
import org.jclap.bench.Machine;
import org.jclap.bench.Measurer;
import org.jclap.bench.Report;
import org.jclap.bench.ReportTable;
import org.jclap.bench.Roofline;
import org.jclap.bench.Stage;
import org.jclap.clap.cli.EngineOptions;
import org.jclap.clap.cli.JsonFile;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostBackend;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the cases that PyTorch has, too, with both programs in turns. */
@Command(
        name = "peers",
        description = "Measures the benchmarks next to PyTorch on the same processor, both in turns.",
        footer = {
            "",
            "Each case runs in a process of its own that holds both programs, with the same threads, inputs and weights. It"
                    + " is timed only after the answers, gradients included, agreed. The ratio is PyTorch's time divided by"
                    + " ours, taken round by round: above 1 we are faster. Where PyTorch has several ways (images with"
                    + " channels first or last) the faster counts. Training steps leave out dropout on both sides, and"
                    + " include Adam, which is PyTorch's fused one.",
            "",
            "GLIBC_TUNABLES, when set, takes the place of the settings that make PyTorch's allocator fast. The libraries"
                    + " are unpacked once, to target/launcher/djl or DJL_CACHE_DIR. Nothing else should run meanwhile."
        })
final class PeersCommand implements Runnable {
    private static final System.Logger LOG = System.getLogger(PeersCommand.class.getName());
    private static final String PEER = "PyTorch 2.7.1";

    /** Rounds enough for quartiles, of iterations no longer than a median needs: twenty minutes. */
    private static final Measurer.Effort FULL =
            new Measurer.Effort(3, TimeValue.milliseconds(500), 11, TimeValue.milliseconds(300));
    /** Short iterations: most of the time goes into starting and checking. */
    private static final Measurer.Effort QUICK =
            new Measurer.Effort(1, TimeValue.milliseconds(300), 3, TimeValue.milliseconds(200));

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--quick", description = "The most important cases and short iterations, about three minutes.")
    private boolean quick;

    @Option(names = "--case", paramLabel = "TEXT", description = "Only cases whose name contains this.")
    private String part = "";

    @Option(
            names = "--out",
            paramLabel = "R.json",
            description = "Write the result as JSON, too, and beside it a roofline as SVG.")
    private @Nullable Path out;

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Override
    public void run() {
        requirePlatform();
        var failures = new ArrayList<UserException>();
        var report = measure(duels(), failures);
        var writer = Objects.requireNonNull(spec).commandLine().getOut();
        ReportTable.print(report, writer);
        if (out != null) {
            JsonFile.write(out, report);
            var picture = Roofline.beside(out);
            Roofline.write(picture, report, PEER, cases(report));
            writer.println("written to %s and %s".formatted(out, picture));
        }
        writer.flush();
        if (!failures.isEmpty()) {
            throw new UserException(failures.stream()
                    .map(UserException::getMessage)
                    .collect(Collectors.joining(System.lineSeparator())));
        }
    }

    private static void requirePlatform() {
        var name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var architecture = System.getProperty("os.arch");
        if (!name.equals("linux") || !architecture.equals("amd64")) {
            throw new UserException(
                    "PyTorch is taken from a library for Linux on x86-64, and this is %s on %s; the other suites of 'jclap bench' run here"
                            .formatted(System.getProperty("os.name"), architecture));
        }
    }

    private List<Duel> duels() {
        var all =
                Duels.all().stream().filter(duel -> !quick || duel.quick() > 0).toList();
        var chosen = all.stream().filter(duel -> duel.name().contains(part)).toList();
        if (chosen.isEmpty()) {
            throw new UserException("no case%s contains '%s': there are %s"
                    .formatted(
                            quick ? " of --quick" : "",
                            part,
                            String.join("; ", all.stream().map(Duel::name).toList())));
        }
        return chosen;
    }

    private List<BenchCase> cases(Report report) {
        return report.cases().stream()
                .map(result -> CaseBench.find(result.name(), engine.threads()))
                .toList();
    }

    /** Measures what can be measured: a case that fails is missing from the report, and told at the end. */
    private Report measure(List<Duel> duels, List<UserException> failures) {
        boolean verbose = LOG.isLoggable(System.Logger.Level.DEBUG);
        int threads = engine.threads();
        try (var backend = openOnHost();
                var task = ConsoleProgress.standard().begin("bench", "cases", duels.size())) {
            var effort = quick ? QUICK : FULL;
            var measurer = new Measurer(backend.name(), engine.seed(Stage.SEED), effort, 1, verbose);
            var before = measurer.limits(threads);
            var results = new ArrayList<Report.Result>();
            for (var duel : duels) {
                try {
                    results.add(measure(duel, measurer, before));
                } catch (UserException e) {
                    failures.add(e);
                }
                task.advance(1, duel.name());
            }
            var limits = quick ? before : before.best(measurer.limits(threads));
            var single = threads == 1 ? limits : measurer.limits(1);
            var firstSteps =
                    quick || !part.isEmpty() ? List.<Report.FirstSteps>of() : FirstStep.measure(backend, threads, PEER);
            var machine = Machine.describe(
                    backend,
                    threads,
                    threads == 1 ? List.of(limits) : List.of(single, limits),
                    measurer.microKernel(single.gflops()));
            return new Report(machine, results, firstSteps, notes());
        }
    }

    private Backend openOnHost() {
        var backend = engine.open();
        if (!(backend instanceof HostBackend)) {
            backend.close();
            throw new UserException("PyTorch computes on the processor here, %s does not; choose --device vector"
                    .formatted(backend.name()));
        }
        return backend;
    }

    private int variants(Duel duel) {
        return quick ? duel.quick() : duel.variants().size();
    }

    private Report.Result measure(Duel duel, Measurer measurer, Limits limits) {
        int threads = engine.threads();
        var limit = limits.bound(duel.ours(threads).work());
        var times = measurer.inTurns(DuelBench.class, duel.name(), limit, threads, variants(duel) + 2);
        return result(duel, times, limits);
    }

    /** Compares us with the fastest variant, and with the limit that took turns with both. */
    private Report.Result result(Duel duel, List<List<Double>> times, Limits limits) {
        var comparisons = new LinkedHashMap<String, Comparison>();
        var medians = new LinkedHashMap<String, Double>();
        var names = duel.variantNames(times.size() - 2);
        for (int i = 0; i < names.size(); i++) {
            var comparison = Comparison.of(times.getFirst(), times.get(i + 1));
            comparisons.put(names.get(i), comparison);
            medians.put(names.get(i), comparison.peer());
        }
        var fastest = comparisons.values().stream()
                .min(Comparator.comparingDouble(Comparison::peer))
                .orElseThrow();
        var ours = duel.ours(engine.threads());
        double fraction = Comparison.of(times.getFirst(), times.getLast()).ratio() * limits.share(ours.work());
        return Report.Result.of(ours, fastest.time(), limits, fraction, Report.Versus.of(PEER, fastest, medians));
    }

    private static List<String> notes() {
        var tunables = System.getenv("GLIBC_TUNABLES");
        return List.of(
                "%s through DJL, TorchScript run op by op; allocator: %s"
                        .formatted(PEER, tunables == null || tunables.isEmpty() ? "as glibc has it" : tunables),
                "ratio: PyTorch's time / ours, median of the rounds (quartiles); above 1 we are faster",
                "of limit: the time of multiply-adds on registers, or of copying, for the declared work / ours, in the same rounds");
    }
}
