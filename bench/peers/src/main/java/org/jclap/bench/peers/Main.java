package org.jclap.bench.peers;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code jclap bench peers}: a program of its own, because nothing else needs PyTorch. */
public final class Main {
    private Main() {}

    /** Runs {@code bench} with these arguments and ends the process when it failed. */
    public static void main(String[] args) {
        int code = commandLine().execute(org.jclap.bench.Main.arguments(args));
        if (code != 0) {
            System.exit(code);
        }
    }

    /** The command line of jclap, with {@code bench peers} as one command more. */
    static CommandLine commandLine() {
        var bench = CommandSpec.create().name("bench").addSubcommand("peers", new CommandLine(new PeersCommand()));
        return org.jclap.clap.cli.Main.commandLine().addSubcommand("bench", bench);
    }
}
