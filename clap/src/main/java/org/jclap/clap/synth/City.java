package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
import static org.jclap.clap.synth.Curves.glide;
import static org.jclap.clap.synth.Curves.hump;
import static org.jclap.clap.synth.Curves.through;
import static org.jclap.clap.synth.Curves.wobble;

import java.util.List;
import java.util.function.Supplier;
import org.jclap.clap.synth.Pace.Bursts;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.SoundClass.Origin;

/** The classes of UrbanSound8K; four of them are sounds of ESC-50 in other ranges and keep their concept. */
final class City {
    static final List<SoundClass> CLASSES = List.of(
            city(
                    "air_conditioner",
                    new Continuous(),
                    City::airConditioner,
                    "an air conditioner|a ventilation unit|a fan",
                    "hums|blows|drones",
                    "humming|blowing|droning"),
            city(
                    "car_horn",
                    new Bursts(3, 0.1, 0.8),
                    (k, d) -> Urban.horn(k, d, 240, 480),
                    "a car horn|a motorist",
                    "honks in traffic|hoots",
                    "honking in traffic|hooting"),
            city(
                    "children_playing",
                    new Continuous(),
                    City::children,
                    "children|kids in a playground|schoolchildren",
                    "play and shout|romp about|yell to each other",
                    "playing and shouting|romping about|yelling to each other"),
            city(
                            "dog_bark",
                            new Bursts(4, 0.1, 0.8),
                            (k, d) -> Animals.bark(k, d, 220, 600),
                            "a dog|a stray",
                            "barks|yelps",
                            "barking|yelping")
                    .as("dog"),
            city(
                    "drilling",
                    new Continuous(),
                    City::drilling,
                    "a power drill|a handyman|an electric drill",
                    "bores a hole|spins into a wall",
                    "boring a hole|spinning into a wall"),
            city(
                            "engine_idling",
                            new Continuous(),
                            (k, d) -> Urban.engine(k, d, 10, 40),
                            "an engine|a standing truck|a diesel motor",
                            "idles|keeps running at the kerb",
                            "idling|running at the kerb")
                    .as("engine"),
            city(
                    "gun_shot",
                    new Bursts(4, 0.15, 0.8),
                    City::shot,
                    "a gun|a rifle|a pistol",
                    "fires|is shot",
                    "firing|being shot"),
            city(
                    "jackhammer",
                    new Continuous(),
                    City::jackhammer,
                    "a jackhammer|a pneumatic hammer|a road worker",
                    "breaks up the pavement|pounds the asphalt",
                    "breaking up the pavement|pounding the asphalt"),
            city(
                    "siren",
                    new Continuous(),
                    (k, d) -> Urban.siren(k, d, 550, 1700),
                    "a siren|an emergency vehicle",
                    "wails through the streets|howls",
                    "wailing through the streets|howling"),
            city(
                    "street_music",
                    new Continuous(),
                    City::music,
                    "a street musician|a busker|a small band",
                    "plays a tune|performs a melody",
                    "playing a tune|performing a melody"));

    /** Semitones of two octaves of the pentatonic scale. */
    private static final List<Integer> PENTATONIC = List.of(0, 2, 4, 7, 9, 12, 14, 16, 19, 21);

    private City() {}

    private static SoundClass city(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.US8K, label, pace, voice, subjects, verbs, participles);
    }

    private static Supplier<Sound> airConditioner(Kit kit, Draw draw) {
        double hum = draw.pick(List.of(50.0, 60.0, 100.0, 120.0));
        double duct = draw.log(250, 1100);
        double compressor = draw.between(0.05, 0.6);
        double flutter = draw.between(3, 14);
        return () -> kit.pink(kit.clip())
                .bandpass(duct, 0.5)
                .unit()
                .add(kit.tone(kit.clip(), flat(hum), 1, 0.7, 0.3, 0.4, 0.1, 0.2), compressor)
                .tremolo(flutter, draw.between(0.05, 0.3));
    }

    private static Supplier<Sound> children(Kit kit, Draw draw) {
        double calls = draw.between(2.5, 8);
        double yard = draw.between(0.15, 0.4);
        return () -> kit.scatter(kit.clip(), calls, () -> {
                    double pitch = draw.log(300, 750);
                    return kit.voice(
                                    draw.between(0.12, 0.6),
                                    through(pitch, draw.about(1.2 * pitch, 0.2), 0.85 * pitch),
                                    0.15,
                                    draw.log(600, 1100),
                                    draw.log(1500, 2600),
                                    3600)
                            .envelope(hump(0.2));
                })
                .add(kit.babble(kit.clip(), 8), 0.3)
                .reverb(0.8, yard);
    }

    private static Supplier<Sound> drilling(Kit kit, Draw draw) {
        double motor = draw.log(140, 420);
        double load = draw.between(0.6, 1);
        double grind = draw.between(0.2, 1);
        double stone = draw.log(1300, 3200);
        boolean hammering = draw.chance(0.4);
        return () -> {
            var drill = kit.saw(kit.clip(), through(0.7 * motor, motor, load * motor, load * motor, motor))
                    .lowpass(4500)
                    .add(kit.noise(kit.clip()).bandpass(stone, 0.8), grind)
                    .drive(draw.between(1, 4));
            return hammering ? drill.tremolo(draw.between(28, 60), 0.7) : drill;
        };
    }

    private static Supplier<Sound> shot(Kit kit, Draw draw) {
        double blast = draw.log(700, 4000);
        double weight = draw.log(70, 200);
        double length = draw.log(0.02, 0.09);
        double echo = draw.between(0.05, 0.45);
        return () -> kit.silence(0.7)
                .add(
                        kit.noise(0.6)
                                .lowpass(through(2 * blast, 0.5 * blast, 200), 0.7)
                                .decay(length),
                        0,
                        2)
                .add(kit.tone(0.3, glide(weight, 0.5 * weight), 1).decay(0.06), 0, 1)
                .reverb(1.2, echo);
    }

    private static Supplier<Sound> jackhammer(Kit kit, Draw draw) {
        double blows = draw.between(11, 30);
        double chisel = draw.log(500, 2000);
        double ground = draw.log(70, 180);
        double air = draw.between(0.05, 0.35);
        return () -> kit.train(
                        kit.clip(),
                        wobble(blows, 0.03, 2),
                        0.04,
                        () -> kit.silence(0.08)
                                .add(kit.click(0.008, draw.about(chisel, 0.15), 1), 1)
                                .add(kit.strike(0.07, ground, 0.02, 1, 2.3), 0.8))
                .unit()
                .add(kit.noise(kit.clip()).highpass(1200).tremolo(blows, 0.5).unit(), air);
    }

    /** A melody on a plucked, a blown or a bowed instrument, with a bass below. */
    private static Supplier<Sound> music(Kit kit, Draw draw) {
        double tonic = draw.log(180, 380);
        double beat = draw.between(0.16, 0.4);
        int instrument = draw.count(0, 2);
        double accompaniment = draw.between(0, 0.7);
        return () -> {
            var street = kit.silence(kit.clip());
            int note = 0;
            for (double at = 0; at < kit.clip(); at += beat) {
                double pitch = tonic * StrictMath.pow(2, draw.pick(PENTATONIC) / 12.0);
                double length = 1.6 * beat;
                street.add(
                        switch (instrument) {
                            case 0 -> kit.pluck(length, pitch, 0.4);
                            case 1 ->
                                kit.tone(length, flat(pitch), 1, 0.3, 0.15).envelope(hump(0.15));
                            default ->
                                kit.saw(length, wobble(pitch, 0.008, 6 * length))
                                        .lowpass(2500)
                                        .envelope(hump(0.3));
                        },
                        at,
                        0.7);
                if (note++ % 4 == 0) {
                    street.add(kit.pluck(3 * beat, 0.5 * tonic, 0.6), at, accompaniment);
                }
            }
            return street;
        };
    }
}
