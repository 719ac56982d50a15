package org.jclap.clap.synth;

/** The parts of a corpus; the size of the evaluation sets is counted per class, of the others in clips. */
public enum CorpusPart {
    /** ESC-50: clips per class; 40 as published. Best a multiple of the 5 folds. */
    ESC50(50),
    /** UrbanSound8K: clips per class; about 873 as published. */
    URBANSOUND8K(10),
    /** TUT Acoustic Scenes 2017, development set: clips per scene; 312 as published. */
    TUT17_DEVELOPMENT(15),
    /** TUT Acoustic Scenes 2017, evaluation set: clips per scene; 108 as published. */
    TUT17_EVALUATION(15),
    /** Clotho 2.1: clips of all splits, with five captions each; 5929 as published. */
    CLOTHO(1),
    /** AudioCaps v1: clips of all splits, with one caption in training and five elsewhere; 51308 as published. */
    AUDIOCAPS(1),
    /** FSD50K: clips of all splits, with labels and a description; 51197 as published. */
    FSD50K(1),
    /** MACS: scenes with two to five captions; 3930 as published. */
    MACS(1),
    /** AudioSet: clips of all segment lists, with labels only; more than two million as published. */
    AUDIOSET(1),
    /** A pool of clips without captions or labels. */
    UNPAIRED_AUDIO(1),
    /** A list of captions without clips. */
    UNPAIRED_CAPTIONS(1);

    private final int classes;

    CorpusPart(int classes) {
        this.classes = classes;
    }

    /** Clips or captions altogether for a planned size. */
    long items(int size) {
        return (long) classes * size;
    }
}
