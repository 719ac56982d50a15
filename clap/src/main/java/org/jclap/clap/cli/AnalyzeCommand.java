package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Studies embeddings and data. */
@Command(
        name = "analyze",
        description = "Studies embeddings and data: how classes separate, how spaces agree, what sets share.",
        subcommands = {
            AnalyzeSeparabilityCommand.class,
            AnalyzeTsneCommand.class,
            AnalyzeCorrelationCommand.class,
            AnalyzeLeakageCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  jclap analyze separability --embeddings audio.npy --labels esc50.csv --against labels.npy --out r.json",
            "  jclap analyze tsne --embeddings audio.npy --labels esc50.csv --out map.html",
            "  jclap analyze correlation --table runs.csv --x silhouette --y accuracy",
            "  jclap analyze leakage --train clotho:clotho --eval esc50:ESC-50-master"
        })
final class AnalyzeCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "name an analysis: separability, tsne, correlation or leakage");
    }

    /** How every analysis answers. */
    abstract static class Analysis implements Runnable {
        @Spec
        private @Nullable CommandSpec spec;

        @Option(names = "--json", description = "Print the result as JSON instead of a table.")
        private boolean json;

        /** Prints the members of the result as JSON, or else the lines; writes the members to a file if one is given. */
        final void answer(Map<String, Object> members, List<String> lines, @Nullable Path file) {
            members.put("version", Main.version());
            if (file != null) {
                JsonFile.write(file, members);
            }
            var print = Objects.requireNonNull(spec).commandLine().getOut();
            if (json) {
                print.println(JsonFile.text(members));
            } else {
                lines.forEach(print::println);
                if (file != null) {
                    print.println("written to " + file);
                }
            }
            print.flush();
        }

        /** The complaint that options do not go together. */
        final ParameterException wrongUsage(String message) {
            return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }
}
