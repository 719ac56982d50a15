package org.jclap.bench.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The short self-test of {@code jclap doctor} under NVIDIA's compute-sanitizer: accesses, then races in shared memory. */
final class SanitizerPart {
    private static final String TOOL = "compute-sanitizer";
    private static final Pattern SUMMARY = Pattern.compile("(?:ERROR|RACECHECK) SUMMARY: (\\d+)");

    /** What is reported as it happens, where a summary was not reached. */
    private static final Pattern FAULT =
            Pattern.compile("(?m)^========= (Invalid|Misaligned|Error|Race|Out-of-range|Program hit)");

    /** A JVM takes its time to start CUDA, for which the tool waits 10 seconds, and may start itself anew before. */
    private static final List<String> PATIENT = List.of("--launch-timeout", "120", "--target-processes", "all");

    private static final int SHOWN_LINES = 12;

    private SanitizerPart() {}

    static void run(Findings findings) {
        var tool = find();
        if (tool == null) {
            findings.skip(TOOL + " is neither on the PATH nor below /usr/local/cuda*");
            return;
        }
        for (var check : List.of("memcheck", "racecheck")) {
            double seconds = check.equals("memcheck") ? findings.secondsLeft() / 2 : findings.secondsLeft();
            run(tool, check, seconds, findings);
        }
    }

    private static void run(Path tool, String check, double seconds, Findings findings) {
        var command = new ArrayList<>(List.of(tool.toString(), "--tool", check));
        command.addAll(PATIENT);
        command.addAll(JavaProcess.command("org.jclap.clap.cli.Main", "doctor", "--self-test"));
        var outcome = JavaProcess.run(command, seconds);
        var summary = SUMMARY.matcher(outcome.output());
        if (outcome.timedOut() && FAULT.matcher(outcome.output()).find()) {
            findings.fail("%s, ended by force: %s".formatted(check, outcome.firstLines("=========", SHOWN_LINES)));
        } else if (outcome.timedOut()) {
            findings.outOfTime(check);
        } else if (summary.find()) {
            int errors = Integer.parseInt(summary.group(1));
            findings.add(Finding.of(findings.name(check), "errors", errors));
            if (errors > 0) {
                findings.fail("%s: %s".formatted(check, outcome.firstLines("=========", SHOWN_LINES)));
            }
        } else {
            findings.fail("%s said nothing; it ended with %d: %s"
                    .formatted(check, outcome.exit(), outcome.lastLines(SHOWN_LINES)));
        }
    }

    private static @Nullable Path find() {
        var path =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of);
        return Stream.concat(path, toolkits().stream())
                .map(folder -> folder.resolve(TOOL))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private static List<Path> toolkits() {
        try (var folders = Files.list(Path.of("/usr/local"))) {
            return folders.filter(folder -> String.valueOf(folder.getFileName()).startsWith("cuda"))
                    .flatMap(folder -> Stream.of(folder.resolve("bin"), folder.resolve(TOOL)))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
