package org.jclap.clap.train;

import java.nio.file.Path;
import java.util.List;

/**
 * How a run ended.
 *
 * @param best the best checkpoint
 * @param trainLosses the mean training loss of each epoch of this call
 * @param validationLosses the validation loss of each epoch of this call; NaN without validation data
 * @param skippedSteps steps whose loss or gradient was not finite
 * @param skippedFiles audio files that could not be read
 */
public record TrainResult(
        Path best,
        long steps,
        List<Double> trainLosses,
        List<Double> validationLosses,
        long skippedSteps,
        int skippedFiles) {
    /** Keeps its own copies. */
    public TrainResult {
        trainLosses = List.copyOf(trainLosses);
        validationLosses = List.copyOf(validationLosses);
    }
}
