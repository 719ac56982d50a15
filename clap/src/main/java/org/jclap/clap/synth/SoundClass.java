package org.jclap.clap.synth;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A labelled class of sounds.
 *
 * @param origin the label set it belongs to
 * @param label the label as the data set spells it, such as {@code crying_baby} or {@code cafe/restaurant}
 * @param concepts what is always to be heard in it, in ESC-50's words where it has one: UrbanSound8K's
 *     {@code dog_bark} has the concept {@code dog}. Leakage between label sets is a matter of concepts
 * @param pace how occurrences fill a clip
 * @param voice the generator
 * @param words the vocabulary of its captions
 * @param companions concepts that may be heard beside it, as chirping birds in a park
 */
public record SoundClass(
        Origin origin,
        String label,
        Set<String> concepts,
        Pace pace,
        Voice voice,
        Words words,
        List<String> companions) {

    /** The label sets. */
    public enum Origin {
        /** The 50 classes of ESC-50. */
        ESC50,
        /** The 10 classes of UrbanSound8K. */
        US8K,
        /** The 15 acoustic scenes of TUT 2017. */
        TUT17,
        /** Classes that are in none of the evaluation sets. */
        EXTRA
    }

    /** The unique name, such as {@code esc50/dog}. */
    public String name() {
        return origin.name().toLowerCase(Locale.ROOT) + "/" + label;
    }

    static SoundClass event(
            Origin origin, String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return new SoundClass(
                origin, label, Set.of(label), pace, voice, Words.of(subjects, verbs, participles), List.of());
    }

    /** The same sound under the name that another label set gives to {@code concept}. */
    SoundClass as(String concept) {
        return new SoundClass(origin, label, Set.of(concept), pace, voice, words, companions);
    }
}
