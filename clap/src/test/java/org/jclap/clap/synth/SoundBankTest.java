package org.jclap.clap.synth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.clap.synth.SoundClass.Origin;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SoundBankTest {
    static List<String> names() {
        return SoundBank.classes().stream().map(SoundClass::name).toList();
    }

    @Test
    void holdsThePublishedLabelsInTargetOrder() {
        var esc50 = SoundBank.labels(Origin.ESC50);
        assertEquals(50, esc50.size());
        assertEquals(List.of("dog", "rooster", "pig"), esc50.subList(0, 3));
        assertEquals("crying_baby", esc50.get(20));
        assertEquals("hand_saw", esc50.get(49));
        assertEquals(
                List.of(
                        "air_conditioner",
                        "car_horn",
                        "children_playing",
                        "dog_bark",
                        "drilling",
                        "engine_idling",
                        "gun_shot",
                        "jackhammer",
                        "siren",
                        "street_music"),
                SoundBank.labels(Origin.US8K));
        assertEquals(
                List.of(
                        "beach",
                        "bus",
                        "cafe/restaurant",
                        "car",
                        "city_center",
                        "forest_path",
                        "grocery_store",
                        "home",
                        "library",
                        "metro_station",
                        "office",
                        "park",
                        "residential_area",
                        "train",
                        "tram"),
                SoundBank.labels(Origin.TUT17));
    }

    @Test
    void namesAreUniqueAndExtrasAreNotInEsc50() {
        assertEquals(names().size(), new HashSet<>(names()).size());
        var esc50 = new HashSet<>(SoundBank.labels(Origin.ESC50));
        var extras = SoundBank.classes(Origin.EXTRA);
        assertTrue(extras.size() >= 15, "only " + extras.size());
        extras.forEach(extra -> assertFalse(extra.concepts().stream().anyMatch(esc50::contains), extra.name()));
    }

    @Test
    void companionsOfScenesExist() {
        SoundBank.classes().forEach(sound -> sound.companions().forEach(SoundBank::find));
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyClassIsAudibleFiniteAndUnclipped(String name) {
        for (int seed = 0; seed < 4; seed++) {
            var where = name + " seed " + seed;
            int rate = seed % 2 == 0 ? 16_000 : 8_000;
            var samples = SoundBank.generate(name, new SplittableRandom(seed), rate, 1.5)
                    .samples();
            assertEquals(rate * 3 / 2, samples.length, where);
            double energy = 0;
            int loudest = 0;
            for (float sample : samples) {
                assertTrue(Math.abs(sample) <= 1, () -> where + ": sample " + sample);
                energy += (double) sample * sample;
                loudest += Math.abs(sample) > 0.98f ? 1 : 0;
            }
            assertTrue(Math.sqrt(energy / samples.length) > 0.001, where + " is silent");
            assertTrue(loudest < samples.length / 1000, where + ": " + loudest + " samples at the limit");
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void aSeedAlwaysMakesTheSameClipAndAnotherSeedAnother(String name) {
        var first = SoundBank.generate(name, new SplittableRandom(5), 8000, 0.6);
        var again = SoundBank.generate(name, new SplittableRandom(5), 8000, 0.6);
        var other = SoundBank.generate(name, new SplittableRandom(6), 8000, 0.6);
        assertArrayEquals(first.samples(), again.samples());
        assertEquals(first.scenario(), again.scenario());
        assertFalse(Arrays.equals(first.samples(), other.samples()));
    }

    @Test
    void findsByNameAndByLabel() {
        assertEquals(Origin.US8K, SoundBank.find("us8k/siren").origin());
        assertEquals(Origin.ESC50, SoundBank.find("siren").origin());
        assertEquals(Origin.TUT17, SoundBank.find("cafe/restaurant").origin());
        var error = assertThrows(UserException.class, () -> SoundBank.find("unicorn"));
        assertTrue(
                error.getMessage().contains("'unicorn'") && error.getMessage().contains("esc50/dog"));
    }

    @Test
    void refusesRatesAndLengthsThatCannotBeMade() {
        var random = new SplittableRandom(1);
        assertThrows(UserException.class, () -> SoundBank.generate("dog", random, 4000, 2));
        assertThrows(UserException.class, () -> SoundBank.generate("dog", random, 16_000, 0.1));
        assertThrows(UserException.class, () -> SoundBank.generate("dog", random, 16_000, Double.NaN));
    }
}
