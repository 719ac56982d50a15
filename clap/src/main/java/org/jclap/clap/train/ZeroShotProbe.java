package org.jclap.clap.train;

import java.nio.file.Path;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.ClassificationLayout;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.eval.ZeroShot;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.text.ClassPrompt;
import org.jspecify.annotations.Nullable;

/** The zero-shot accuracy on a labelled set after every epoch. */
record ZeroShotProbe(ClassificationSet set, int batch) {
    /** The probe that a configuration asks for, if any. */
    static @Nullable ZeroShotProbe of(TrainConfig config) {
        String layout = config.checkpoint().zeroshotLayout();
        String data = config.checkpoint().zeroshotData();
        if (layout == null || data == null) {
            return null;
        }
        ClassificationSet set = ClassificationLayout.of(layout).read(Path.of(data));
        return new ZeroShotProbe(set, config.loop().batch());
    }

    double accuracy(ClapCheckpoint checkpoint) {
        return ZeroShot.evaluate(checkpoint, set, ClassPrompt.DEFAULT, Crop.EVALUATION, batch, true, Progress.silent())
                .scores()
                .value();
    }
}
