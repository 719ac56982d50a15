package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.clap.leakage.AuditedSet;
import org.jclap.clap.leakage.AuditedSet.Use;
import org.jclap.clap.leakage.LeakageAudit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an evaluation set shares with a training set. */
@Command(
        name = "leakage",
        description = "Looks for recordings, files, captions and classes that a training set and an evaluation set"
                + " share. A set is layout:DIR (clotho, audiocaps, fsd50k, macs, esc50, us8k, tut17, audioset), csv:FILE"
                + " with classes, or a manifest ID,wav_path[,caption]. Nothing found is no proof: only clips that tell their"
                + " recording can be matched, and only known names of a class are found in captions.",
        footer = {
            "",
            "Examples:",
            "  jclap analyze leakage --train clotho:clotho --eval esc50:ESC-50-master",
            "  jclap analyze leakage --train pairs.csv --eval clotho:clotho --eval-split evaluation --out leaks.json"
        })
final class AnalyzeLeakageCommand extends AnalyzeCommand.Analysis {
    @Option(names = "--train", required = true, paramLabel = "SET", description = "The training set.")
    private String train = "";

    @Option(names = "--eval", required = true, paramLabel = "SET", description = "The evaluation set.")
    private String eval = "";

    @Option(
            names = "--eval-split",
            paramLabel = "NAME",
            description = "Split of a captioned evaluation set, such as evaluation or test (default: the one for"
                    + " training).")
    private @Nullable String split;

    @Option(
            names = "--out",
            paramLabel = "R.json",
            description = "Also write the result here, with all that is shared.")
    private @Nullable Path out;

    @Override
    public void run() {
        var audit = LeakageAudit.of(
                AuditedSet.read(train, Use.TRAINING, null), AuditedSet.read(eval, Use.EVALUATION, split));
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("analysis", "leakage");
        members.put("train", train);
        members.put("eval", eval);
        members.put("eval_split", split);
        members.put("audit", audit);
        answer(members, lines(audit), out);
    }

    private static List<String> lines(LeakageAudit audit) {
        List<String> lines = new ArrayList<>();
        lines.add("training   %d clips, the recording of %d is known"
                .formatted(audit.trainClips(), audit.trainTraceable()));
        lines.add("evaluation %d clips, the recording of %d is known"
                .formatted(audit.evalClips(), audit.evalTraceable()));
        lines.add("shared recordings  %d, from which %d evaluation clips were cut"
                .formatted(audit.sharedRecordings().size(), audit.evalClipsOfSharedRecordings()));
        lines.add("shared files       %d".formatted(audit.sharedFiles().size()));
        lines.add("shared captions    %d".formatted(audit.sharedCaptions().size()));
        var shared = audit.classes().stream()
                .filter(one -> one.trainClips() + one.trainCaptions() > 0)
                .toList();
        lines.add("shared classes     %d of %d"
                .formatted(shared.size(), audit.classes().size()));
        for (var one : shared) {
            lines.add("  %s: %d training clips with the label, %d captions that may mention it%s"
                    .formatted(
                            one.name(),
                            one.trainClips(),
                            one.trainCaptions(),
                            one.examples().isEmpty()
                                    ? ""
                                    : ", such as \"" + one.examples().getFirst() + "\""));
        }
        return lines;
    }
}
