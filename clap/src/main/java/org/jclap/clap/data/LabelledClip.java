package org.jclap.clap.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One clip of a classification set.
 *
 * @param id name of the clip, unique in the set
 * @param path the audio file
 * @param labels indices into the classes of the set; exactly one but for multi-label sets
 * @param fold the published partition: a fold number or the name of a split
 * @param recording the recording that the clip was cut from, with its origin ({@code freesound:12345}), so that equal
 *     strings in two sets mean shared audio; null when the set does not tell
 */
public record LabelledClip(
        String id,
        Path path,
        List<Integer> labels,
        String fold,
        @Nullable String recording) {
    public LabelledClip {
        labels = List.copyOf(labels);
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("the clip " + id + " has no label");
        }
    }

    /** The class of a clip of a single-label set. */
    public int label() {
        if (labels.size() != 1) {
            throw new IllegalStateException("the clip " + id + " has " + labels.size() + " labels");
        }
        return labels.getFirst();
    }
}
