package org.jclap.clap.synth;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jclap.clap.synth.SoundClass.Origin;
import org.jclap.tensor.UserException;

/** All classes that can be synthesized, and one clip of any of them. */
public final class SoundBank {
    /** ESC-50's labels by target number. */
    private static final List<String> ESC50_ORDER =
            Arrays.asList(("dog rooster pig cow frog cat hen insects sheep crow rain sea_waves crackling_fire crickets"
                            + " chirping_birds water_drops wind pouring_water toilet_flush thunderstorm crying_baby sneezing"
                            + " clapping breathing coughing footsteps laughing brushing_teeth snoring drinking_sipping"
                            + " door_wood_knock mouse_click keyboard_typing door_wood_creaks can_opening washing_machine"
                            + " vacuum_cleaner clock_alarm clock_tick glass_breaking helicopter chainsaw siren car_horn engine"
                            + " train church_bells airplane fireworks hand_saw")
                    .split(" "));

    private static final List<SoundClass> CLASSES = Stream.of(
                    Animals.CLASSES,
                    Nature.CLASSES,
                    Humans.CLASSES,
                    Domestic.CLASSES,
                    Urban.CLASSES,
                    City.CLASSES,
                    Scenes.CLASSES,
                    Music.CLASSES,
                    Gadgets.CLASSES)
            .flatMap(List::stream)
            .sorted(Comparator.comparing(SoundClass::origin).thenComparingInt(SoundBank::target))
            .toList();

    private static final Map<String, SoundClass> BY_NAME =
            CLASSES.stream().collect(Collectors.toMap(SoundClass::name, Function.identity()));

    private SoundBank() {}

    /** Only ESC-50's targets are in another order than the tables, which are by family. */
    private static int target(SoundClass sound) {
        return sound.origin() == Origin.ESC50 ? ESC50_ORDER.indexOf(sound.label()) : 0;
    }

    /** Every class, by label set; in the order of their targets. */
    public static List<SoundClass> classes() {
        return CLASSES;
    }

    /** The classes of one label set, in the order of its targets. */
    public static List<SoundClass> classes(Origin origin) {
        return CLASSES.stream().filter(c -> c.origin() == origin).toList();
    }

    /** The labels of one label set, in the order of its targets. */
    public static List<String> labels(Origin origin) {
        return classes(origin).stream().map(SoundClass::label).toList();
    }

    /**
     * The class with this name ({@code us8k/siren}), or the first one with this label ({@code siren}).
     *
     * @throws UserException when there is none
     */
    public static SoundClass find(String name) {
        var exact = BY_NAME.get(name);
        return exact != null
                ? exact
                : CLASSES.stream()
                        .filter(c -> c.label().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new UserException("no sound class '" + name + "'; the classes are: "
                                + CLASSES.stream().map(SoundClass::name).collect(Collectors.joining(", "))));
    }

    /**
     * A new clip of a class: the sound in a drawn setting (level, distance, room, background noise).
     *
     * @param className as for {@link #find}
     * @param random the only source of chance
     * @param sampleRate in hertz, 8000 to 192000
     * @param seconds length of the clip, 0.5 to 600
     * @throws UserException for an unknown class, or a rate or length out of range
     */
    public static Clip generate(String className, RandomGenerator random, int sampleRate, double seconds) {
        return new Recorder(sampleRate, seconds, Exclusion.NONE).record(find(className), new Draw(random), 0);
    }
}
