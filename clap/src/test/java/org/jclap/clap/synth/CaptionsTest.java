package org.jclap.clap.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jclap.clap.synth.Setting.Background;
import org.jclap.clap.synth.Setting.Distance;
import org.jclap.clap.synth.Setting.Level;
import org.jclap.clap.synth.Setting.Room;
import org.jclap.clap.synth.SoundClass.Origin;
import org.junit.jupiter.api.Test;

class CaptionsTest {
    private static final long SEED = 11;
    private static final Set<String> ESC50 = Set.copyOf(SoundBank.labels(Origin.ESC50));

    private static List<String> captions(Setting setting, int count) {
        var scenario = new Scenario(SoundBank.find("dog"), List.of(SoundBank.find("rain")), setting);
        return new Captions(Exclusion.NONE).describe(scenario, Draw.of(SEED, "captions", 0), count);
    }

    @Test
    void captionsTellTheTruth() {
        var far = captions(new Setting(Level.SOFT, Distance.FAR, Room.DRY, Background.HUM, 10, 2), 80);
        assertTrue(far.stream().anyMatch(c -> c.contains("in the distance")), far::toString);
        assertTrue(far.stream().anyMatch(c -> c.contains("twice")), far::toString);
        assertTrue(far.stream().anyMatch(c -> c.contains("hum")), far::toString);
        assertFalse(far.stream().anyMatch(c -> c.contains("nearby") || c.contains("loudly")), far::toString);
        var near = captions(new Setting(Level.LOUD, Distance.NEAR, Room.DRY, Background.CLEAR, 45, 1), 80);
        assertTrue(near.stream().anyMatch(c -> c.contains("loudly")), near::toString);
        assertFalse(near.stream().anyMatch(c -> c.contains("distance") || c.contains("twice")), near::toString);
    }

    @Test
    void everyCaptionNamesBothSoundsInDifferentWords() {
        var all = captions(new Setting(Level.MEDIUM, Distance.MIDDLE, Room.HALL, Background.HISS, 5, 5), 60);
        assertEquals(60, new HashSet<>(all).size());
        for (String caption : all) {
            assertTrue(caption.matches(".*(dog|hound|puppy).*") && caption.matches(".*(rain|drizzle).*"), caption);
        }
        assertTrue(all.stream().anyMatch(c -> !c.contains("dog")), "no paraphrase of the label");
    }

    @Test
    void sentencesAreCapitalisedAndClosed() {
        assertEquals("A dog barks.", Captions.sentence("a dog barks"));
    }

    @Test
    void exclusionSeesWordsInAnyForm() {
        var exclusion = new Exclusion(Set.of("dog", "sneezing", "clapping"));
        for (String caption :
                List.of("a dog barks", "Hounds in the wood", "he sneezes", "they clap", "it has sneezed")) {
            assertFalse(exclusion.admits(caption), caption);
        }
        assertTrue(exclusion.admits("a doggerel on the flute"));
        assertTrue(Exclusion.NONE.admits("a dog barks"));
        assertFalse(exclusion.admits(SoundBank.find("us8k/dog_bark")), "the same concept under another label");
        assertTrue(exclusion.admits(SoundBank.find("cat")));
    }

    @Test
    void cleanCaptionsHoldNoWordOfAnExcludedLabel() {
        var exclusion = new Exclusion(ESC50);
        var clean = exclusion.filter(SoundBank.classes());
        var forbidden = new HashSet<String>();
        ESC50.forEach(label -> forbidden.addAll(List.of(label.split("_"))));
        assertTrue(clean.size() >= 30, "only " + clean.size() + " classes are left");
        var recorder = new Recorder(8000, 1, exclusion);
        var captions = new Captions(exclusion);
        for (int i = 0; i < 2000; i++) {
            var draw = Draw.of(SEED, "clean", i);
            var scenario = recorder.imagine(clean.get(i % clean.size()), draw, 0.5);
            assertTrue(scenario.sources().stream().noneMatch(ESC50::contains), scenario.sources()::toString);
            for (String caption : captions.describe(scenario, draw, 2)) {
                assertFalse(caption.isBlank());
                var words = Arrays.asList(caption.toLowerCase(Locale.ROOT).split("[^a-z]+"));
                // "of", "in" and the like are no parts of labels, so any common word is a leak.
                assertTrue(words.stream().noneMatch(forbidden::contains), () -> caption + " (seed " + SEED + ")");
            }
        }
    }

    @Test
    void everyClassCanBeDescribed() {
        var recorder = new Recorder(8000, 1, Exclusion.NONE);
        var captions = new Captions(Exclusion.NONE);
        for (SoundClass sound : SoundBank.classes()) {
            var draw = Draw.of(SEED, sound.name(), 0);
            var told = captions.describe(recorder.imagine(sound, draw, 1), draw, 5);
            assertEquals(5, told.size());
            told.forEach(caption -> assertTrue(caption.matches("[a-z][a-z' -]+"), caption));
        }
    }
}
