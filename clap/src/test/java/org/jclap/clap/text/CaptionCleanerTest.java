package org.jclap.clap.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CaptionCleanerTest {
    @Test
    void removesCommasAndUnderscoresAndStrips() {
        assertEquals("A dog barks then runs", CaptionCleaner.clean("\u00a0 A dog_barks, then runs,\n"));
        assertEquals("", CaptionCleaner.clean(" ,_ "));
    }

    @Test
    void keepsLineFeedsInside() {
        assertEquals("a\nb", CaptionCleaner.clean("a\nb"));
    }

    @Test
    void cutsLinksGreedilyWithinALine() {
        assertEquals(
                "see for more",
                CaptionCleaner.cleanFreesound("see <a href=\"x\">one</a> and <a href=\"y\">two</a> for more"));
        assertEquals("one  two", CaptionCleaner.cleanFreesound("one <a>x</a>\n<a>y</a> two"));
        assertEquals("open <a href> stays", CaptionCleaner.cleanFreesound("open <a href>\nstays"));
    }

    @Test
    void cutsWhatUploadersType() {
        assertEquals("Rain 5 dollars wet", CaptionCleaner.cleanFreesound("*Rain*\r\n$5 dollars,\nwet_\n"));
    }
}
