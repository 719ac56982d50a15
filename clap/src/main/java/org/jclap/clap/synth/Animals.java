package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
import static org.jclap.clap.synth.Curves.glide;
import static org.jclap.clap.synth.Curves.hump;
import static org.jclap.clap.synth.Curves.line;
import static org.jclap.clap.synth.Curves.through;
import static org.jclap.clap.synth.Curves.wobble;

import java.util.List;
import java.util.function.Supplier;
import org.jclap.clap.synth.Pace.Bursts;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.SoundClass.Origin;

/** Animals: mostly throats, with the insects and frogs that rub and pulse. */
final class Animals {
    static final List<SoundClass> CLASSES = List.of(
            animal(
                    "dog",
                    new Bursts(5, 0.08, 0.6),
                    (k, d) -> bark(k, d, 280, 800),
                    "a dog|a hound|a puppy",
                    "barks|yaps|woofs",
                    "barking|yapping|woofing"),
            animal(
                    "rooster",
                    new Bursts(2, 0.3, 1),
                    Animals::rooster,
                    "a rooster|a cockerel",
                    "crows|calls at dawn",
                    "crowing|calling at dawn"),
            animal(
                    "pig",
                    new Bursts(7, 0.05, 0.4),
                    Animals::pig,
                    "a pig|a hog|a sow",
                    "grunts|oinks|snorts",
                    "grunting|oinking|snorting"),
            animal(
                    "cow",
                    new Bursts(2, 0.3, 1),
                    Animals::cow,
                    "a cow|a bull|cattle on a pasture",
                    "moos|bellows",
                    "mooing|bellowing"),
            animal(
                    "frog",
                    new Bursts(8, 0.05, 0.4),
                    Animals::frog,
                    "a frog|a toad|a bullfrog",
                    "croaks|ribbits",
                    "croaking|ribbiting"),
            animal(
                    "cat",
                    new Bursts(3, 0.2, 0.9),
                    Animals::cat,
                    "a cat|a kitten|a tomcat",
                    "meows|mews",
                    "meowing|mewing"),
            animal(
                    "hen",
                    new Bursts(9, 0.04, 0.35),
                    Animals::hen,
                    "a hen|a chicken|poultry in a coop",
                    "clucks|cackles",
                    "clucking|cackling"),
            animal(
                    "insects",
                    new Continuous(),
                    Animals::insects,
                    "an insect|a bee|a fly|a swarm of flies",
                    "buzzes|flies around",
                    "buzzing|flying around"),
            animal(
                    "sheep",
                    new Bursts(3, 0.2, 0.9),
                    Animals::sheep,
                    "a sheep|a lamb|a goat",
                    "bleats|baas",
                    "bleating|baaing"),
            animal(
                    "crow",
                    new Bursts(5, 0.1, 0.5),
                    Animals::crow,
                    "a crow|a raven|a rook",
                    "caws|croaks hoarsely",
                    "cawing|croaking hoarsely"),
            animal(
                    "crickets",
                    new Continuous(),
                    Animals::crickets,
                    "a cricket|crickets in the grass",
                    "chirps|trills",
                    "chirping|trilling"),
            animal(
                    "chirping_birds",
                    new Continuous(),
                    Animals::birds,
                    "a bird|a songbird|a flock of sparrows",
                    "tweets|sings|chirps",
                    "tweeting|singing|chirping"));

    private Animals() {}

    private static SoundClass animal(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.ESC50, label, pace, voice, subjects, verbs, participles);
    }

    /** A dog whose pitch lies between the two bounds; small dogs bark higher and shorter. */
    static Supplier<Sound> bark(Kit kit, Draw draw, double lowest, double highest) {
        double pitch = draw.log(lowest, highest);
        double throat = draw.log(600, 1100) * StrictMath.sqrt(pitch / 450);
        double length = draw.log(0.1, 0.28);
        double breath = draw.between(0.15, 0.5);
        double roughness = draw.between(1, 4);
        return () -> {
            double top = draw.about(pitch, 0.12);
            return kit.voice(
                            draw.about(length, 0.25),
                            through(0.7 * top, 1.2 * top, top, 0.6 * top),
                            breath,
                            throat,
                            2.1 * throat,
                            3.4 * throat)
                    .drive(roughness)
                    .envelope(hump(draw.between(0.08, 0.25)));
        };
    }

    private static Supplier<Sound> rooster(Kit kit, Draw draw) {
        double pitch = draw.log(380, 620);
        double length = draw.between(0.8, 1.6);
        return () -> {
            double top = draw.about(pitch, 0.08);
            return kit.voice(
                            length,
                            through(0.6 * top, 0.9 * top, 0.75 * top, 1.3 * top, 1.35 * top, 1.2 * top, 0.6 * top),
                            0.2,
                            1100,
                            2300,
                            3400)
                    .drive(2)
                    .envelope(through(0, 0.8, 0.3, 1, 1, 0.9, 0));
        };
    }

    private static Supplier<Sound> pig(Kit kit, Draw draw) {
        double pitch = draw.log(60, 150);
        double snout = draw.log(380, 800);
        double rattle = draw.between(18, 45);
        return () -> {
            double top = draw.about(pitch, 0.2);
            return kit.voice(
                            draw.between(0.12, 0.45),
                            line(top, 0.8 * top),
                            draw.between(0.5, 0.85),
                            snout,
                            2.6 * snout,
                            2600)
                    .tremolo(rattle, 0.8)
                    .envelope(hump(0.35));
        };
    }

    private static Supplier<Sound> cow(Kit kit, Draw draw) {
        double pitch = draw.log(85, 190);
        double mouth = draw.log(300, 480);
        return () -> {
            double top = draw.about(pitch, 0.08);
            return kit.voice(
                            draw.between(0.8, 1.7),
                            through(0.75 * top, top, 1.05 * top, 0.8 * top),
                            0.1,
                            mouth,
                            2.1 * mouth,
                            1900)
                    .drive(1.5)
                    .envelope(through(0, 0.7, 1, 0.9, 0));
        };
    }

    private static Supplier<Sound> frog(Kit kit, Draw draw) {
        double pulses = draw.log(22, 70);
        double body = draw.log(450, 1600);
        return () -> kit.train(
                        draw.between(0.15, 0.5),
                        line(pulses, draw.about(pulses, 0.3)),
                        0.05,
                        () -> kit.strike(0.03, body, 0.008, 1, 2.05))
                .envelope(hump(0.7));
    }

    private static Supplier<Sound> cat(Kit kit, Draw draw) {
        double pitch = draw.log(380, 850);
        double length = draw.between(0.4, 0.9);
        return () -> {
            double top = draw.about(pitch, 0.12);
            return kit.voice(
                            draw.about(length, 0.2),
                            through(0.75 * top, 1.1 * top, top, 0.7 * top),
                            0.08,
                            1000,
                            1900,
                            3100)
                    .bandpass(through(900, 2000, 1300, 700), 1.2)
                    .envelope(through(0, 1, 0.8, 0.5, 0));
        };
    }

    private static Supplier<Sound> hen(Kit kit, Draw draw) {
        double pitch = draw.log(350, 750);
        double cackle = draw.between(0.1, 0.5);
        return () -> {
            boolean drawnOut = draw.chance(0.2 * cackle);
            double top = draw.about(pitch, 0.15);
            return kit.voice(
                            drawnOut ? 0.5 : draw.between(0.05, 0.14),
                            line(top, (drawnOut ? 1.6 : 0.75) * top),
                            0.3,
                            1200,
                            2500)
                    .envelope(hump(drawnOut ? 0.6 : 0.2));
        };
    }

    private static Supplier<Sound> insects(Kit kit, Draw draw) {
        double wing = draw.log(130, 420);
        int count = draw.count(1, 4);
        return () -> {
            var swarm = kit.silence(kit.clip());
            for (int i = 0; i < count; i++) {
                double passes = kit.clip() * draw.between(0.3, 1.5);
                double pitch = draw.about(wing, 0.2);
                swarm.add(
                        kit.saw(kit.clip(), wobble(pitch, 0.06, passes))
                                .bandpass(draw.log(600, 2500), 0.8)
                                .envelope(wobble(0.5, 0.9, passes * 0.7)),
                        draw.between(0.4, 1));
            }
            return swarm;
        };
    }

    private static Supplier<Sound> sheep(Kit kit, Draw draw) {
        double pitch = draw.log(220, 480);
        double quaver = draw.between(6, 12);
        return () -> {
            double top = draw.about(pitch, 0.1);
            return kit.voice(draw.between(0.5, 1.1), line(1.1 * top, 0.9 * top), 0.15, 750, 1500, 2700)
                    .tremolo(quaver, 0.75)
                    .envelope(through(0, 1, 0.9, 0.7, 0));
        };
    }

    private static Supplier<Sound> crow(Kit kit, Draw draw) {
        double pitch = draw.log(320, 620);
        double hoarse = draw.between(0.35, 0.65);
        return () -> {
            double top = draw.about(pitch, 0.08);
            return kit.voice(draw.between(0.22, 0.5), through(top, 1.1 * top, 0.85 * top), hoarse, 1150, 1900, 3000)
                    .tremolo(draw.between(50, 90), 0.5)
                    .drive(3)
                    .envelope(through(0, 1, 0.8, 0));
        };
    }

    private static Supplier<Sound> crickets(Kit kit, Draw draw) {
        int count = draw.count(1, 4);
        double wing = draw.log(2900, 5600);
        return () -> {
            var field = kit.silence(kit.clip());
            for (int i = 0; i < count; i++) {
                double pitch = draw.about(wing, 0.12);
                double pulses = draw.between(22, 50);
                double length = draw.between(0.08, 0.4);
                field.add(
                        kit.train(
                                kit.clip(),
                                flat(draw.between(0.8, 3)),
                                0.1,
                                () -> kit.tone(length, flat(pitch), 1)
                                        .tremolo(pulses, 1)
                                        .envelope(hump(0.3))),
                        draw.between(0.2, 1));
            }
            return field;
        };
    }

    /** Songs of repeated syllables, each a glide of pitch. */
    static Supplier<Sound> birds(Kit kit, Draw draw) {
        int count = draw.count(1, 4);
        double register = draw.log(2000, 4600);
        return () -> {
            var wood = kit.silence(kit.clip());
            for (int i = 0; i < count; i++) {
                double pitch = draw.about(register, 0.3);
                double rise = draw.log(0.55, 1.8);
                double syllable = draw.log(0.04, 0.2);
                wood.add(
                        kit.scatter(kit.clip(), draw.between(0.8, 2.2), () -> song(kit, draw, pitch, rise, syllable)),
                        draw.between(0.3, 1));
            }
            return wood.add(song(kit, draw, register, 1.3, 0.1), draw.between(0, 0.7 * kit.clip()), 1);
        };
    }

    private static Sound song(Kit kit, Draw draw, double pitch, double rise, double syllable) {
        double from = draw.about(pitch, 0.1);
        return kit.train(
                syllable * draw.count(1, 5) * 1.3,
                flat(1 / (1.3 * syllable)),
                0.1,
                () -> kit.tone(syllable, glide(from, from * rise), 1, 0.1).envelope(hump(0.3)));
    }
}
