package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jclap.clap.analyze.Bootstrap;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.ClassificationLayout;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.data.DataFingerprint;
import org.jclap.clap.data.LabelledClip;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.eval.ZeroShot;
import org.jclap.clap.eval.ZeroShotResult;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Zero-shot accuracy on a labelled set. */
@Command(
        name = "zeroshot",
        description =
                "Classifies a labelled set by the nearest class prompt: accuracy with its interval, accuracy of each"
                        + " class and confusion matrix; mean average precision where clips have several labels.",
        footer = {
            "",
            "Example:",
            "  jclap eval zeroshot --checkpoint c.safetensors --layout us8k --data UrbanSound8K --out us8k.json"
        })
final class EvalZeroShotCommand extends EvalCommand.Measurement {
    private static final double LEVEL = 0.95;
    private static final int RESAMPLES = 10_000;

    @Option(
            names = "--layout",
            required = true,
            paramLabel = "NAME",
            description = "How the set lies on the disk: esc50, us8k, tut17, fsd50k, audioset, or csv for a table"
                    + " ID,wav_path,class_name.")
    private ClassificationLayout layout = ClassificationLayout.CSV;

    @Option(names = "--data", required = true, paramLabel = "DIR|FILE", description = "The set.")
    private Path data = Path.of("");

    @Option(
            names = "--prompt",
            defaultValue = "this is a sound of ",
            paramLabel = "WORDS",
            description = "The words before each label (default: \"${DEFAULT-VALUE}\").")
    private String prompt = "";

    @Option(
            names = "--fold",
            paramLabel = "NAME",
            description = "Only this published fold or split (default: all, as the published evaluations do).")
    private @Nullable String fold;

    @Override
    Outcome measure(ClapCheckpoint checkpoint, EmbedOptions options) {
        var set = selected(layout.read(data));
        var result = ZeroShot.evaluate(checkpoint, set, new ClassPrompt(prompt), options, ConsoleProgress.standard());
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("task", "zeroshot");
        members.put("set", set.name());
        members.put("layout", layout.name().toLowerCase(Locale.ROOT));
        members.put("data", data);
        members.put("data_fingerprint", DataFingerprint.of(folder(data), set));
        members.put("fold", fold == null ? "all" : fold);
        members.put("prompt", prompt);
        members.put("clips", result.clips().size());
        List<String> lines = new ArrayList<>();
        lines.add("%s, fold %s: %d clips, %d classes"
                .formatted(
                        set.name(),
                        fold == null ? "all" : fold,
                        result.clips().size(),
                        set.classes().size()));
        switch (result.scores()) {
            case ZeroShotResult.SingleLabel single -> addAccuracy(single, options.seed(), members, lines);
            case ZeroShotResult.MultiLabel multi -> {
                members.put("macro_map", multi.value());
                lines.add("macro mAP %s".formatted(percent(multi.value())));
            }
        }
        addClasses(result, members, lines);
        return new Outcome(members, lines, result.skipped(), set.missing());
    }

    private ClassificationSet selected(ClassificationSet set) {
        if (fold == null) {
            return set;
        }
        var clips =
                set.clips().stream().filter(clip -> clip.fold().equals(fold)).toList();
        if (clips.isEmpty()) {
            var folds = set.clips().stream()
                    .map(LabelledClip::fold)
                    .distinct()
                    .sorted()
                    .toList();
            throw new UserException(
                    "%s has no fold '%s'; it has %s".formatted(set.name(), fold, String.join(", ", folds)));
        }
        return new ClassificationSet(set.name(), set.classes(), clips, set.missing());
    }

    private static void addAccuracy(
            ZeroShotResult.SingleLabel single, long seed, Map<String, Object> members, List<String> lines) {
        var interval = Bootstrap.mean(single.scores().correct(), LEVEL, RESAMPLES, seed);
        members.put("accuracy", single.value());
        members.put("accuracy_interval", interval);
        members.put("chance", 1.0 / single.perClass().length);
        members.put("confusion", single.scores().confusion());
        lines.add("accuracy %s (%.0f %% interval %s to %s)"
                .formatted(percent(single.value()), 100 * LEVEL, percent(interval.low()), percent(interval.high())));
    }

    private static void addClasses(ZeroShotResult result, Map<String, Object> members, List<String> lines) {
        var counts = new int[result.classes().size()];
        result.clips().forEach(clip -> clip.labels().forEach(label -> counts[label]++));
        var width = result.classes().stream().mapToInt(String::length).max().orElse(0);
        var perClass = result.scores().perClass();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (var c = 0; c < counts.length; c++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", result.classes().get(c));
            row.put("prompt", result.prompts().get(c));
            row.put("clips", counts[c]);
            row.put("score", perClass[c]);
            rows.add(row);
            var name = result.classes().get(c);
            lines.add("  %s%s %6d %s"
                    .formatted(name, " ".repeat(width - name.length()), counts[c], percent(perClass[c])));
        }
        members.put("classes", rows);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
