package org.jclap.clap.train;

import java.nio.file.Path;
import java.util.List;
import org.jclap.clap.data.AudioItem;
import org.jclap.tensor.UserException;

/**
 * One clip to learn from.
 *
 * @param caption what is heard; empty for tagging
 * @param labels classes of the clip; empty for contrastive training
 */
record Example(String id, Path audio, String caption, List<Integer> labels) {
    /** A pair of audio and caption. */
    static Example pair(AudioItem item, Path manifest) {
        if (item.caption() == null) {
            throw new UserException("%s: the row of '%s' has no caption; training needs the column 'caption'"
                    .formatted(manifest, item.id()));
        }
        return new Example(item.id(), item.wavPath(), item.caption(), List.of());
    }
}
