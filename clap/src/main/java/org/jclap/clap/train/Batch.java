package org.jclap.clap.train;

import java.util.List;
import org.jclap.clap.text.TokenBatch;
import org.jspecify.annotations.Nullable;

/**
 * A batch in host memory, ready for a backend.
 *
 * @param examples the clips, without those that could not be read
 * @param logMel {@code (B, 1, T, F)}
 * @param frames T
 * @param tokens captions; null for tagging, and in an empty batch
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data that nobody compares
record Batch(
        List<Example> examples,
        float[] logMel,
        int frames,
        @Nullable TokenBatch tokens) {
    int size() {
        return examples.size();
    }
}
