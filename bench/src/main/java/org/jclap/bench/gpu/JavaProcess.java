package org.jclap.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jclap.bench.Measurer;

/** Programs that this one starts and, when their time is over, ends. */
final class JavaProcess {
    private JavaProcess() {}

    /**
     * How a program ended.
     *
     * @param output both of its streams
     */
    record Outcome(int exit, boolean timedOut, String output) {
        String lastLines(int count) {
            var lines = output.lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
        }

        String firstLines(String prefix, int count) {
            return output.lines()
                    .filter(line -> line.startsWith(prefix))
                    .limit(count)
                    .collect(Collectors.joining("\n"));
        }
    }

    /** The command that runs a class of this program as this one runs. */
    static List<String> command(String main, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Measurer.jvmArguments());
        // Also those that were set after the start.
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("jclap."))
                .sorted()
                .forEach(name -> command.add("-D%s=%s".formatted(name, System.getProperty(name))));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs a command for at most so many seconds; what it has started goes with it. */
    static Outcome run(List<String> command, double seconds) {
        try {
            var log = Files.createTempFile("jclap", ".log");
            try {
                return run(command, seconds, log);
            } finally {
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.getFirst(), e);
        }
    }

    private static Outcome run(List<String> command, double seconds, Path log) throws IOException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = false;
        try {
            ended = process.waitFor((long) (1e3 * seconds), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!ended) {
                var started = process.descendants().toList();
                process.destroyForcibly();
                started.forEach(ProcessHandle::destroyForcibly);
            }
        }
        var output = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        return new Outcome(ended ? process.exitValue() : -1, !ended, output);
    }
}
