package org.jclap.clap.train;

import java.util.List;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.clap.text.TokenBatch;
import org.jspecify.annotations.Nullable;

/**
 * A batch in host memory, ready for a backend.
 *
 * @param examples the clips, without those that could not be read
 * @param waves their crops, in the same order
 * @param tokens captions; null for tagging, and in an empty batch
 */
record Batch(
        List<Example> examples, WaveBatch waves, @Nullable TokenBatch tokens) {
    int size() {
        return examples.size();
    }
}
