package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.clap.train.ConfigFile;
import org.jclap.clap.train.TrainConfig.Precision;
import org.jclap.clap.train.TrainResult;
import org.jclap.clap.train.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a teacher or a student. */
@Command(
        name = "train",
        description =
                "Trains a model as a configuration says. The run directory gets the configuration, logs, checkpoints,"
                        + " and best.safetensors.",
        footer = {
            "",
            "Examples:",
            "  jclap train teacher.yaml",
            "  jclap train student.yaml loss.beta=0.3 loss.teacher=runs/teacher/best.safetensors run=runs/soft",
            "  jclap train teacher.yaml --resume",
            "  jclap train teacher.yaml --device cuda precision=bf16",
            "",
            "What a step costs, and in which type it computes:",
            "  precision=f32|bf16|f16      16 bits on CUDA; weights stay F32",
            "  loop.accumulate=K           a batch goes through in K parts",
            "  loop.embedding_cache=true   which contrast with the whole batch",
            "  model.checkpointing=true    less memory for a third more time"
        })
final class TrainCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final EngineOptions engine = new EngineOptions();

    @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "What to train on what, and how.")
    private Path config = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "key=value",
            description = "Values that replace those of the configuration, such as optimizer.lr=1e-4.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--resume", description = "Go on with the run in its directory, if there is one.")
    private boolean resume;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public void run() {
        var values = new ArrayList<>(overrides);
        if (engine.seed() != null) {
            values.add("seed=" + engine.seed());
        }
        var settings = ConfigFile.read(config, values);
        try (var backend = engine.openForTraining();
                var trainer = new Trainer(settings, backend, ConsoleProgress.standard(), resume)) {
            print(trainer.run(), settings.precision(), backend.memory().peakBytes());
        }
    }

    private void print(TrainResult result, Precision precision, long peakBytes) {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            out.println(JsonFile.text(result));
        } else {
            out.println("%d steps; the best checkpoint is %s".formatted(result.steps(), result.best()));
            for (var i = 0; i < result.trainLosses().size(); i++) {
                out.println(String.format(
                        Locale.ROOT,
                        "  training loss %.4f, validation loss %.4f",
                        result.trainLosses().get(i),
                        result.validationLosses().get(i)));
            }
            if (result.skippedSteps() > 0) {
                out.println("  %d steps were skipped, as they were not finite%s"
                        .formatted(
                                result.skippedSteps(),
                                precision == Precision.F16
                                        ? "; in F16 that is how the scale of the loss is found"
                                        : ""));
            }
            if (result.skippedFiles() > 0) {
                out.println("  %d audio files were left out, as they cannot be read".formatted(result.skippedFiles()));
            }
            out.println(String.format(Locale.ROOT, "  tensors took %.2f GiB at most", peakBytes / (double) (1L << 30)));
        }
        out.flush();
    }
}
