package org.jclap.clap.leakage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jclap.clap.leakage.AuditedSet.Clip;
import org.jclap.clap.synth.Exclusion;

/**
 * What an evaluation set shares with a training set. Nothing found is no proof of independence: clips whose recording
 * is unknown cannot be matched, and words that are not among the known names of a class are missed.
 *
 * @param trainClips clips of the training set
 * @param evalClips clips of the evaluation set
 * @param trainTraceable training clips whose recording is known
 * @param evalTraceable evaluation clips whose recording is known
 * @param sharedRecordings recordings that clips of both sets were cut from
 * @param sharedFiles audio files that are in both sets
 * @param sharedCaptions captions of the evaluation set that a training clip has as well, letter case aside
 * @param classes what the training set holds of each class of the evaluation set
 */
public record LeakageAudit(
        int trainClips,
        int evalClips,
        int trainTraceable,
        int evalTraceable,
        List<SharedRecording> sharedRecordings,
        List<Path> sharedFiles,
        List<String> sharedCaptions,
        List<SharedClass> classes) {
    private static final int EXAMPLES = 5;

    /** A recording and the clips that were cut from it. */
    public record SharedRecording(String recording, List<String> train, List<String> eval) {}

    /**
     * A class of the evaluation set in the training set.
     *
     * @param evalClips its clips in the evaluation set
     * @param trainClips clips of the training set with the same label
     * @param trainCaptions captions of the training set with a word of the label or another known name of its source,
     *     by the rule that also makes clean corpora, see {@link Exclusion}
     * @param examples the first of these captions
     */
    public record SharedClass(String name, int evalClips, int trainClips, int trainCaptions, List<String> examples) {}

    /** Compares the sets. */
    public static LeakageAudit of(AuditedSet train, AuditedSet eval) {
        return new LeakageAudit(
                train.clips().size(),
                eval.clips().size(),
                traceable(train),
                traceable(eval),
                recordings(train, eval),
                files(train, eval),
                captions(train, eval),
                eval.classes().stream()
                        .map(name -> sharedClass(name, train, eval))
                        .toList());
    }

    /** The number of evaluation clips that are cut from a recording of the training set. */
    public int evalClipsOfSharedRecordings() {
        return sharedRecordings.stream()
                .mapToInt(shared -> shared.eval().size())
                .sum();
    }

    private static int traceable(AuditedSet set) {
        return (int)
                set.clips().stream().filter(clip -> clip.recording() != null).count();
    }

    private static List<SharedRecording> recordings(AuditedSet train, AuditedSet eval) {
        var ofTrain = byRecording(train);
        List<SharedRecording> shared = new ArrayList<>();
        byRecording(eval).forEach((recording, ids) -> {
            var others = ofTrain.get(recording);
            if (others != null) {
                shared.add(new SharedRecording(recording, others, ids));
            }
        });
        return List.copyOf(shared);
    }

    private static Map<String, List<String>> byRecording(AuditedSet set) {
        Map<String, List<String>> ids = new TreeMap<>();
        for (Clip clip : set.clips()) {
            var recording = clip.recording();
            if (recording != null) {
                ids.computeIfAbsent(recording, _ -> new ArrayList<>()).add(clip.id());
            }
        }
        return ids;
    }

    private static List<Path> files(AuditedSet train, AuditedSet eval) {
        Set<Path> known = new HashSet<>();
        train.clips().forEach(clip -> known.add(normal(clip.path())));
        return eval.clips().stream()
                .map(clip -> normal(clip.path()))
                .filter(known::contains)
                .distinct()
                .toList();
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static List<String> captions(AuditedSet train, AuditedSet eval) {
        Set<String> known = new HashSet<>();
        train.clips().forEach(clip -> clip.captions().forEach(caption -> known.add(caption.toLowerCase(Locale.ROOT))));
        return eval.clips().stream()
                .flatMap(clip -> clip.captions().stream())
                .filter(caption -> known.contains(caption.toLowerCase(Locale.ROOT)))
                .distinct()
                .toList();
    }

    private static SharedClass sharedClass(String name, AuditedSet train, AuditedSet eval) {
        // The known names of sources are filed under labels as the data sets spell them.
        var rule = new Exclusion(Set.of(name.replace(' ', '_')));
        var mentions = train.clips().stream()
                .flatMap(clip -> clip.captions().stream())
                .filter(caption -> !rule.admits(caption))
                .toList();
        return new SharedClass(
                name,
                labelled(eval, name),
                labelled(train, name),
                mentions.size(),
                mentions.stream().distinct().limit(EXAMPLES).toList());
    }

    private static int labelled(AuditedSet set, String name) {
        return (int) set.clips().stream()
                .filter(clip -> clip.labels().contains(name))
                .count();
    }
}
