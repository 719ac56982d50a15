package org.jclap.clap.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One audio file and what it was described as.
 *
 * @param id name of the clip, unique over all collections
 * @param path the audio file
 * @param captions at least one cleaned caption
 * @param recording the recording that the clip comes from, as in {@link LabelledClip}
 */
public record CaptionedClip(
        String id,
        Path path,
        List<String> captions,
        @Nullable String recording) {
    public CaptionedClip {
        captions = List.copyOf(captions);
        if (captions.isEmpty()) {
            throw new IllegalArgumentException("the clip " + id + " has no caption");
        }
    }
}
