package org.jclap.clap.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Audio with captions, for training and retrieval.
 *
 * @param name name of the set and its split
 * @param clips the clips whose audio and captions are there
 * @param missing one sentence for each clip that was left out
 */
public record CaptionedSet(String name, List<CaptionedClip> clips, List<String> missing) {
    public CaptionedSet {
        clips = List.copyOf(clips);
        missing = List.copyOf(missing);
    }

    /** One training pair for every caption, clip by clip. */
    public List<AudioItem> pairs() {
        return clips.stream()
                .flatMap(
                        clip -> clip.captions().stream().map(caption -> new AudioItem(clip.id(), clip.path(), caption)))
                .toList();
    }

    /** Collects clips and the reasons for leaving some out. */
    static final class Builder {
        private final String name;
        private final List<CaptionedClip> clips = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();

        Builder(String name) {
            this.name = name;
        }

        /** Adds a clip, or the reason why it cannot be used; blank captions are dropped. */
        void add(String id, @Nullable Path path, List<String> captions, @Nullable String recording) {
            var spoken = captions.stream().filter(caption -> !caption.isBlank()).toList();
            if (path == null || !Files.isRegularFile(path)) {
                missing.add(id + ": there is no audio file" + (path == null ? "" : " " + path));
            } else if (spoken.isEmpty()) {
                missing.add(id + ": no words are left of the caption after cleaning");
            } else {
                clips.add(new CaptionedClip(id, path, spoken, recording));
            }
        }

        /** The set, which must hold a clip. */
        CaptionedSet build(Path source) {
            if (clips.isEmpty()) {
                throw new UserException("%s holds no clip with audio and caption%s"
                        .formatted(source, missing.isEmpty() ? "" : "; for example " + missing.getFirst()));
            }
            return new CaptionedSet(name, clips, missing);
        }
    }
}
