package org.jclap.clap.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ClassPromptTest {
    @Test
    void writesLabelsAsWords() {
        assertEquals("this is a sound of cafe restaurant", ClassPrompt.DEFAULT.caption("cafe/restaurant"));
        assertEquals("this is a sound of dog bark", ClassPrompt.DEFAULT.caption("Dog_bark"));
        assertEquals("Chirp and tweet", ClassPrompt.words("Chirp_and_tweet"));
    }

    @Test
    void separatesAPrefixWithoutTrailingSpace() {
        assertEquals("the sound of a dog", new ClassPrompt("The sound of a").caption("dog"));
        assertEquals("dog", new ClassPrompt("").caption("dog"));
    }
}
