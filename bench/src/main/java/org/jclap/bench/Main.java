package org.jclap.bench;

import java.util.stream.Stream;
import org.jclap.bench.gpu.GpuCommand;
import picocli.CommandLine;

/** {@code jclap bench}: a program of its own, because the command line must not depend on benchmarks. */
public final class Main {
    private Main() {}

    /** Runs {@code bench} with these arguments and ends the process when it failed. */
    public static void main(String[] args) {
        int code = commandLine().execute(arguments(args));
        if (code != 0) {
            System.exit(code);
        }
    }

    /** The command line of jclap, with one command more. */
    static CommandLine commandLine() {
        return org.jclap.clap.cli.Main.commandLine()
                .addSubcommand(new CommandLine(new BenchCommand()).addSubcommand(new GpuCommand()))
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** The arguments after the name of the command. */
    public static String[] arguments(String... args) {
        return Stream.concat(Stream.of("bench"), Stream.of(args)).toArray(String[]::new);
    }
}
