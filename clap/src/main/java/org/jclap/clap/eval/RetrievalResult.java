package org.jclap.clap.eval;

import java.util.List;
import org.jclap.clap.analyze.Retrieval;
import org.jclap.clap.embed.SkippedFile;

/**
 * Retrieval in both directions.
 *
 * @param clips clips that were compared
 * @param captions their captions
 * @param textToAudio every caption looks for its clip
 * @param audioToText every clip looks for the best of its captions
 * @param selectionScore mean of both mAP@10, by which checkpoints are compared
 * @param skipped audio that could not be read
 */
public record RetrievalResult(
        int clips,
        int captions,
        Retrieval textToAudio,
        Retrieval audioToText,
        double selectionScore,
        List<SkippedFile> skipped) {}
