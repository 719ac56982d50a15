package org.jclap.clap.text;

import java.util.Arrays;

/**
 * Tokenized captions, row-major {@code (batch, length)}.
 *
 * @param batch number of captions, B
 * @param length tokens per caption, L
 * @param ids token ids, (B, L)
 * @param mask 1 for a token, 0 for padding, (B, L)
 * @param types token types, all 0 because a caption is a single segment, (B, L)
 */
@SuppressWarnings("ArrayRecordComponent") // the arrays are copied to a device as they are; nobody compares batches
public record TokenBatch(int batch, int length, int[] ids, int[] mask, int[] types) {
    /** The ids of one caption, with its padding. */
    public int[] row(int caption) {
        return Arrays.copyOfRange(ids, caption * length, (caption + 1) * length);
    }
}
