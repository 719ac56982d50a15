package org.jclap.clap.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One audio file, with a caption where it is a training pair.
 *
 * @param id name of the clip; a clip with several captions has one item for each, all with the same id
 * @param wavPath the audio file
 * @param caption what is heard, or null for unpaired audio
 */
public record AudioItem(String id, Path wavPath, @Nullable String caption) {}
