package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jclap.clap.analyze.Retrieval;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.CaptionLayout;
import org.jclap.clap.data.DataFingerprint;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.eval.CrossRetrieval;
import org.jclap.clap.progress.ConsoleProgress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Text-to-audio and audio-to-text retrieval. */
@Command(
        name = "retrieval",
        description =
                "Text-to-audio and audio-to-text retrieval on a captioned set: R@1, R@5, R@10, mAP@10, mean and median"
                        + " rank.",
        footer = {
            "",
            "Examples:",
            "  jclap eval retrieval --checkpoint c.safetensors --data pairs.csv --out r.json",
            "  jclap eval retrieval --checkpoint c.safetensors --layout clotho --split evaluation --data clotho --out r.json"
        })
final class EvalRetrievalCommand extends EvalCommand.Measurement {
    @Option(
            names = "--layout",
            defaultValue = "manifest",
            paramLabel = "NAME",
            description = "How the set lies on the disk: clotho, audiocaps, fsd50k, macs, or manifest for a table"
                    + " ID,wav_path,caption (default: ${DEFAULT-VALUE}).")
    private CaptionLayout layout = CaptionLayout.MANIFEST;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            description = "The published split, such as evaluation or test (default: the one for training).")
    private @Nullable String split;

    @Option(names = "--data", required = true, paramLabel = "DIR|FILE", description = "The set.")
    private Path data = Path.of("");

    @Override
    Outcome measure(ClapCheckpoint checkpoint, EmbedOptions options) {
        var chosen = split == null ? layout.trainingSplit() : split;
        var set = layout.read(data, chosen);
        var result = CrossRetrieval.evaluate(checkpoint, set, options, ConsoleProgress.standard());
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("task", "retrieval");
        members.put("set", set.name());
        members.put("layout", layout.name().toLowerCase(Locale.ROOT));
        members.put("split", chosen);
        members.put("data", data);
        members.put("data_fingerprint", DataFingerprint.of(folder(data), set.pairs()));
        members.put("clips", result.clips());
        members.put("captions", result.captions());
        members.put("text_to_audio", result.textToAudio());
        members.put("audio_to_text", result.audioToText());
        members.put("selection_score", result.selectionScore());
        var lines = List.of(
                "%s: %d clips, %d captions".formatted(set.name(), result.clips(), result.captions()),
                "                  R@1      R@5     R@10   mAP@10  mean rank  median rank",
                line("text to audio", result.textToAudio()),
                line("audio to text", result.audioToText()));
        return new Outcome(members, lines, result.skipped(), set.missing());
    }

    private static String line(String name, Retrieval scores) {
        return String.format(
                Locale.ROOT,
                "%-13s %7.2f%% %7.2f%% %7.2f%% %8.4f %10.1f %12.0f",
                name,
                100 * scores.recallAt1(),
                100 * scores.recallAt5(),
                100 * scores.recallAt10(),
                scores.mapAt10(),
                scores.meanRank(),
                scores.medianRank());
    }
}
