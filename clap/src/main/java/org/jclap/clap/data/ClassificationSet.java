package org.jclap.clap.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Clips with classes, for zero-shot evaluation and class separability.
 *
 * @param name name of the set
 * @param classes class names as words, in the order of the label indices
 * @param clips the clips whose audio is there
 * @param missing one sentence for each clip or part of the set that is not there
 */
public record ClassificationSet(String name, List<String> classes, List<LabelledClip> clips, List<String> missing) {
    public ClassificationSet {
        classes = List.copyOf(classes);
        clips = List.copyOf(clips);
        missing = List.copyOf(missing);
    }

    /** Whether some clip has more than one label. */
    public boolean multiLabel() {
        return clips.stream().anyMatch(clip -> clip.labels().size() > 1);
    }

    /** The clips as a list of unpaired audio. */
    public List<AudioItem> audio() {
        return clips.stream()
                .map(clip -> new AudioItem(clip.id(), clip.path(), null))
                .toList();
    }

    /** Collects clips whose class indices are known only when all rows are read. */
    static final class Builder {
        private final List<Draft> drafts = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final Set<String> ids = new HashSet<>();

        private record Draft(
                Table.Row row,
                String id,
                Path path,
                Set<String> labels,
                String fold,
                @Nullable String recording) {}

        /** Notes the clip of {@code row}, or that its audio is missing; labels are written as in the file. */
        void add(Table.Row row, String id, Path path, Set<String> labels, String fold, @Nullable String recording) {
            if (!ids.add(id)) {
                throw row.error("the clip \"" + id + "\" is listed twice");
            }
            if (Files.isRegularFile(path)) {
                drafts.add(new Draft(row, id, path, labels, fold, recording));
            } else {
                missing.add(row.place() + ": there is no audio file " + path);
            }
        }

        /** Notes that a whole part of the set is absent. */
        void addMissing(String reason) {
            missing.add(reason);
        }

        /**
         * The set; a class is a label as words, its index the position in {@code labels}.
         *
         * @throws UserException when no clip is left, two labels read the same, or a clip's label is not listed
         */
        ClassificationSet build(String name, Path source, Iterable<String> labels) {
            if (drafts.isEmpty()) {
                throw new UserException(source + " lists no clip whose audio is there"
                        + (missing.isEmpty() ? "" : "; for example: " + missing.getFirst()));
            }
            var indices = new HashMap<String, Integer>();
            var classes = new ArrayList<String>();
            for (var label : labels) {
                var words = ClassPrompt.words(label);
                if (classes.contains(words)) {
                    throw new UserException("%s: two classes are called \"%s\"".formatted(source, words));
                }
                indices.put(label, classes.size());
                classes.add(words);
            }
            var clips = drafts.stream()
                    .map(draft -> new LabelledClip(
                            draft.id,
                            draft.path,
                            draft.labels.stream()
                                    .map(label -> indexOf(label, indices, draft.row))
                                    .toList(),
                            draft.fold,
                            draft.recording))
                    .toList();
            return new ClassificationSet(name, classes, clips, missing);
        }

        private static Integer indexOf(String label, Map<String, Integer> indices, Table.Row row) {
            var index = indices.get(label);
            if (index == null) {
                throw row.error("the label \"" + label + "\" is not in the vocabulary of the set");
            }
            return index;
        }
    }
}
