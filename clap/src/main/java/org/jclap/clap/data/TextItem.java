package org.jclap.clap.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One caption.
 *
 * @param id name of the caption, or of the clip that it describes
 * @param wavPath the audio that it describes, or null for unpaired text
 * @param caption the text
 */
public record TextItem(String id, @Nullable Path wavPath, String caption) {}
