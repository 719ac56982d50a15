package org.jclap.clap.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import org.jclap.tensor.BackendException;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code jclap}. Exit codes: 0 success, 1 failure, 2 wrong usage. */
@Command(
        name = "jclap",
        description = "Trains, improves and audits audio-text models (CLAP).",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = true,
        subcommands = {
            DemoCommand.class,
            SynthCommand.class,
            TrainCommand.class,
            EmbedCommand.class,
            CurateCommand.class,
            EvalCommand.class,
            AnalyzeCommand.class,
            DoctorCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  jclap doctor",
            "  jclap synth --out corpus",
            "  jclap train teacher.yaml",
            "  jclap embed --checkpoint c.safetensors --audio sounds/ --out audio.npy",
            "  jclap eval zeroshot --checkpoint c.safetensors --layout esc50 --data ESC-50-master --out esc50.json",
            "  jclap analyze separability --embeddings audio.npy --labels esc50.csv --out r.json",
            "  jclap bench ops --quick       (benchmarks: a program of its own, see jclap bench --help)",
            "  jclap COMMAND --help"
        })
public final class Main implements Runnable {
    private static final int FAILURE = CommandLine.ExitCode.SOFTWARE;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Say more about what is done.")
    void setVerbose(boolean verbose) {
        if (verbose) {
            ConsoleLogging.showDetails();
        }
    }

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Print the stack trace of an error.")
    private boolean stackTrace;

    /** Runs a command; the process ends with its exit code. */
    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT); // digits and decimal points do not depend on where the user lives
        var code = commandLine().execute(args);
        // After a success nothing is left that could keep the process alive, and System.exit would start the logging,
        // which
        // the help does not need: the JDK reports every call of it to a logger.
        if (code != 0) {
            System.exit(code);
        }
    }

    /** The command line with its rules for errors: one line on the standard error stream, and the exit code. */
    public static CommandLine commandLine() {
        var main = new Main();
        var line = new CommandLine(main);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Main::reportUsage);
        line.setExecutionExceptionHandler((e, command, _) -> main.report(e, command.getErr()));
        line.setExecutionStrategy(parsed -> main.runLast(parsed, line.getErr()));
        return line;
    }

    /** Called when no command was given. */
    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "no command was given");
    }

    /** Errors of the virtual machine, such as a full heap, deserve a plain line as well. */
    private int runLast(CommandLine.ParseResult parsed, PrintWriter err) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError e) {
            return report(e, err);
        }
    }

    private static int reportUsage(ParameterException e, String[] args) {
        var command = e.getCommandLine();
        var err = command.getErr();
        err.println("jclap: error: " + firstLine(e));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private int report(Throwable e, PrintWriter err) {
        switch (e) {
            case UserException user -> err.println("jclap: error: " + user.getMessage());
            case OutOfMemoryError full ->
                err.println("jclap: error: out of memory (" + full.getMessage()
                        + "); use a smaller --batch, or give more with JCLAP_JAVA_OPTS=-Xmx8g");
            case BackendException fault -> err.println("jclap: error: " + fault.getMessage() + whereFrom());
            default -> err.println("jclap: error: unexpected " + e + whereFrom());
        }
        if (stackTrace) {
            e.printStackTrace(err);
        }
        return FAILURE;
    }

    private String whereFrom() {
        return stackTrace ? "" : "; --stacktrace shows where it came from";
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** Reads the version from the manifest of the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"jclap " + version()};
        }
    }

    /** The version of this build. */
    static String version() {
        var version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
