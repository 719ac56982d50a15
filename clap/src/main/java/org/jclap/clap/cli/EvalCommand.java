package org.jclap.clap.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.embed.Provenance;
import org.jclap.clap.embed.SkippedFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures a model. */
@Command(
        name = "eval",
        description = "Measures what a model can do. Every result records its protocol.",
        subcommands = {EvalZeroShotCommand.class, EvalRetrievalCommand.class},
        footer = {
            "",
            "Examples:",
            "  jclap eval zeroshot --checkpoint c.safetensors --layout esc50 --data ESC-50-master --out esc50.json",
            "  jclap eval retrieval --checkpoint c.safetensors --data pairs.csv --out retrieval.json"
        })
final class EvalCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "name a measurement: zeroshot or retrieval");
    }

    /** The options that all measurements share, and the frame of each. */
    abstract static class Measurement implements Runnable {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private final EngineOptions engine = new EngineOptions();

        @Option(names = "--checkpoint", required = true, paramLabel = "C.safetensors", description = "The model.")
        private Path checkpointFile = Path.of("");

        @Option(names = "--out", required = true, paramLabel = "R.json", description = "Where the result goes.")
        private Path out = Path.of("");

        @Option(
                names = "--crop",
                defaultValue = "centre+repeat",
                paramLabel = "NAME",
                converter = Values.CropName.class,
                description = "What becomes of clips of other lengths, as in embed (default: ${DEFAULT-VALUE}).")
        private Crop crop = Crop.EVALUATION;

        @Option(
                names = "--batch",
                defaultValue = "" + EmbedOptions.BATCH,
                paramLabel = "N",
                converter = Values.Positive.class,
                description = "Clips that are computed at once (default: ${DEFAULT-VALUE}).")
        private int batch;

        @Option(names = "--skip-bad", description = "Leave out audio files that cannot be read, and list them.")
        private boolean skipBad;

        @Option(names = "--json", description = "Print the result as JSON instead of a table.")
        private boolean json;

        /** What was measured: the members of the result, and the lines to print. */
        record Outcome(
                Map<String, Object> members, List<String> lines, List<SkippedFile> skipped, List<String> missing) {}

        /** The folder of a set, relative to which its files count. */
        static Path folder(Path data) {
            return Files.isDirectory(data) ? data : data.toAbsolutePath().resolveSibling("");
        }

        abstract Outcome measure(ClapCheckpoint checkpoint, EmbedOptions options);

        @Override
        public void run() {
            var options =
                    new EmbedOptions(crop, engine.seed(EmbedOptions.REFERENCE_SEED), batch, engine.threads(), skipBad);
            try (var backend = engine.open();
                    var checkpoint = ClapCheckpoint.loadConstant(backend, checkpointFile)) {
                var outcome = measure(checkpoint, options);
                var result = new LinkedHashMap<>(outcome.members);
                result.put("crop", crop.name());
                result.put("seed", options.seed());
                result.put("provenance", Provenance.of(checkpointFile, checkpoint, crop));
                result.put("skipped", outcome.skipped);
                result.put("missing", outcome.missing);
                result.put("device", backend.name());
                result.put("version", Main.version());
                JsonFile.write(out, result);
                print(outcome, result);
            }
        }

        private void print(Outcome outcome, Map<String, Object> result) {
            var line = Objects.requireNonNull(spec).commandLine();
            if (json) {
                line.getOut().println(JsonFile.text(result));
            } else {
                outcome.lines.forEach(line.getOut()::println);
                line.getOut().println("written to " + out);
            }
            line.getOut().flush();
            var absent = outcome.skipped.size() + outcome.missing.size();
            if (absent > 0) {
                var first = outcome.skipped.isEmpty()
                        ? outcome.missing.getFirst()
                        : outcome.skipped.getFirst().reason();
                line.getErr()
                        .println("jclap: warning: %d clips or parts of the set are not in the result; the first: %s"
                                .formatted(absent, first));
            }
        }
    }
}
