package org.jclap.clap.synth;

/**
 * The circumstances of a recording, as drawn; captions tell of them.
 *
 * @param level how loud it was recorded
 * @param distance of the source; distant sources are dull and reverberant
 * @param room around the source
 * @param background the noise under it
 * @param snr signal-to-noise ratio in dB over the whole clip; meaningless without background
 * @param occurrences how often the sound occurs; 0 when it is continuous
 */
public record Setting(Level level, Distance distance, Room room, Background background, double snr, int occurrences) {
    /** Recording level. */
    public enum Level {
        /** Peak near 0.15. */
        SOFT,
        /** Peak near 0.45. */
        MEDIUM,
        /** Peak near 0.85. */
        LOUD
    }

    /** Distance of the source. */
    public enum Distance {
        /** Close to the microphone. */
        NEAR,
        /** Neither near nor far. */
        MIDDLE,
        /** Far away. */
        FAR
    }

    /** Surroundings of the source. */
    public enum Room {
        /** No reverberation. */
        DRY,
        /** A furnished room. */
        ROOM,
        /** A large hall. */
        HALL
    }

    /** Kinds of background noise. */
    public enum Background {
        /** Faint noise of the recorder alone. */
        CLEAR,
        /** White hiss. */
        HISS,
        /** Noise with the spectrum of air and traffic from afar. */
        AMBIENCE,
        /** Low rumble. */
        RUMBLE,
        /** Mains hum. */
        HUM
    }
}
