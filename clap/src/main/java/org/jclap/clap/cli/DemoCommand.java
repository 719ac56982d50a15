package org.jclap.clap.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jclap.clap.demo.Demo;
import org.jclap.clap.demo.DemoPlan;
import org.jclap.clap.demo.DemoResults;
import org.jclap.clap.demo.Task;
import org.jclap.clap.progress.ConsoleProgress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the method in miniature. */
@Command(
        name = "demo",
        description =
                "Runs the whole method in miniature, on sound that it synthesizes: teachers, curated pairs, hard and"
                        + " soft students, zero-shot classification, class separability. Takes at most five minutes on two cores."
                        + " An interrupted demo goes on when it is started again.",
        footer = {"", "Example:", "  jclap demo --quick --out my-demo"})
final class DemoCommand implements Runnable {
    private static final long SEED = 2022;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final EngineOptions engine = new EngineOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "jclap-demo",
            description = "Where everything goes (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Option(names = "--quick", description = "Less of everything: at most a minute and a half on two cores.")
    private boolean quick;

    @Override
    public void run() {
        var line = Objects.requireNonNull(spec).commandLine();
        var seed = engine.seed(SEED);
        var plan = quick ? DemoPlan.quick(seed) : DemoPlan.full(seed);
        try (var backend = engine.openForTraining()) {
            var demo = new Demo(
                    out, plan, backend, engine.threads(), Main.version(), ConsoleProgress.standard(), stage -> {
                        line.getErr().println("== " + stage);
                        line.getErr().flush();
                    });
            var results = demo.run();
            JsonFile.write(out.resolve("results.json"), results);
            print(line.getOut(), results, demo.report());
        }
    }

    private void print(PrintWriter to, DemoResults results, Path report) {
        var width = results.zeroShot().models().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        to.println(" ".repeat(width)
                + cells(List.of(Task.values()).stream().map(Task::title).toList()));
        for (var model : results.zeroShot().models()) {
            List<String> cells = new ArrayList<>();
            for (var task : Task.values()) {
                cells.add(percent(results.zeroShot().score(model, task).accuracy()));
            }
            to.println(model + " ".repeat(width - model.length()) + cells(cells));
        }
        List<String> chances = new ArrayList<>();
        for (var task : Task.values()) {
            chances.add(percent(results.zeroShot().scores().stream()
                    .filter(score -> score.task() == task)
                    .findFirst()
                    .orElseThrow()
                    .chance()));
        }
        to.println("chance" + " ".repeat(width - "chance".length()) + cells(chances));
        to.println("results: " + out.resolve("results.json"));
        to.println("report:  " + report);
        to.flush();
    }

    private static String cells(List<String> cells) {
        var line = new StringBuilder();
        cells.forEach(cell -> line.append(String.format(Locale.ROOT, "%10s", cell)));
        return line.toString();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
