package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
import static org.jclap.clap.synth.Curves.hump;
import static org.jclap.clap.synth.Curves.through;
import static org.jclap.clap.synth.Curves.wobble;

import java.util.List;
import java.util.function.Supplier;

/** What is always to be heard at a place: air, traffic, machines, talk, and the small noises of the people there. */
final class Backgrounds {
    private Backgrounds() {}

    static Supplier<Sound> beach(Kit kit, Draw draw) {
        double swells = kit.clip() * draw.between(0.15, 0.4);
        double brightness = draw.log(900, 2800);
        return () -> kit.pink(kit.clip())
                .lowpass(wobble(brightness, 0.5, swells), 0.7)
                .envelope(wobble(0.6, 0.55, swells))
                .add(kit.rumble(kit.clip(), 90), draw.between(0.1, 0.4));
    }

    /** A vehicle from inside: motor, road and a shaking body. */
    private static Sound vehicle(Kit kit, Draw draw, double motor, double darkness, double road) {
        return kit.rumble(kit.clip(), darkness)
                .unit()
                .add(
                        kit.tone(kit.clip(), wobble(motor, 0.08, draw.between(0.3, 2)), 1, 0.7, 0.5, 0.3, 0.2)
                                .unit(),
                        draw.between(0.2, 0.7))
                .add(kit.pink(kit.clip()).bandpass(road, 0.6).unit(), draw.between(0.1, 0.4));
    }

    static Supplier<Sound> bus(Kit kit, Draw draw) {
        double motor = draw.log(40, 85);
        return () -> vehicle(kit, draw, motor, draw.log(60, 130), 500)
                .add(kit.babble(kit.clip(), 6).unit(), draw.between(0.05, 0.3))
                .add(
                        kit.scatter(kit.clip(), 2, () -> kit.strike(0.2, draw.log(90, 300), 0.04, 1, 2.3))
                                .unit(),
                        0.2)
                .add(
                        kit.noise(0.4).highpass(2500).envelope(hump(0.1)),
                        draw.between(0, kit.clip()),
                        draw.between(0, 1));
    }

    static Supplier<Sound> car(Kit kit, Draw draw) {
        double motor = draw.log(60, 150);
        return () -> vehicle(kit, draw, motor, draw.log(50, 110), draw.log(500, 1200))
                .add(kit.noise(kit.clip()).bandpass(2500, 0.5).unit(), draw.between(0.02, 0.12));
    }

    /** Talk and the ring of dishes in a lively room. */
    static Supplier<Sound> cafe(Kit kit, Draw draw) {
        double guests = draw.between(14, 40);
        double dishes = draw.between(0.8, 4);
        return () -> kit.babble(kit.clip(), guests)
                .unit()
                .add(
                        kit.scatter(kit.clip(), dishes, () -> kit.strike(0.3, draw.log(1600, 4000), 0.05, 1, 1.5, 2.3)),
                        0.6)
                .add(kit.pink(kit.clip()).lowpass(1500).unit(), draw.between(0.1, 0.3))
                .reverb(0.7, 0.3);
    }

    static Supplier<Sound> city(Kit kit, Draw draw) {
        double passing = draw.between(0.4, 1.4);
        return () -> kit.rumble(kit.clip(), draw.log(90, 250))
                .unit()
                .gain(0.5)
                .add(
                        kit.scatter(
                                kit.clip(),
                                passing,
                                () -> kit.pink(2)
                                        .bandpass(draw.log(300, 1100), 0.5)
                                        .unit()
                                        .envelope(hump(draw.between(0.3, 0.7)))),
                        1)
                .add(kit.babble(kit.clip(), 6).unit(), draw.between(0.05, 0.35))
                .add(kit.noise(kit.clip()).lowpass(3500).unit(), 0.1);
    }

    static Supplier<Sound> forest(Kit kit, Draw draw) {
        double gusts = kit.clip() * draw.between(0.2, 0.8);
        double leaves = draw.log(1500, 4000);
        return () -> kit.noise(kit.clip())
                .bandpass(leaves, 0.6)
                .envelope(wobble(0.5, 0.7, gusts))
                .unit()
                .add(kit.scatter(kit.clip(), draw.between(1, 8), () -> kit.click(0.006, draw.log(1200, 3500), 1)), 0.5)
                .add(kit.rumble(kit.clip(), 100).unit(), draw.between(0.05, 0.5));
    }

    static Supplier<Sound> grocery(Kit kit, Draw draw) {
        double scanner = draw.log(1500, 2600);
        double fridge = draw.pick(List.of(50.0, 60.0, 100.0));
        return () -> kit.pink(kit.clip())
                .lowpass(2200)
                .unit()
                .gain(0.5)
                .add(kit.tone(kit.clip(), flat(fridge), 1, 0.5, 0.4, 0.2).unit(), 0.25)
                .add(kit.babble(kit.clip(), 8).unit(), draw.between(0.2, 0.6))
                .add(
                        kit.scatter(
                                kit.clip(),
                                draw.between(0.5, 2),
                                () -> kit.tone(0.09, flat(scanner), 1).fade(0.005, 0.01)),
                        0.5)
                .add(
                        kit.scatter(kit.clip(), 6, () -> kit.strike(0.15, draw.log(500, 2500), 0.02, 1, 1.7, 2.9))
                                .unit(),
                        0.2)
                .reverb(1, 0.3);
    }

    static Supplier<Sound> home(Kit kit, Draw draw) {
        double hum = draw.pick(List.of(50.0, 60.0, 100.0, 120.0));
        return () -> kit.tone(kit.clip(), flat(hum), 1, 0.6, 0.2, 0.2)
                .unit()
                .gain(draw.between(0.1, 0.6))
                .add(kit.pink(kit.clip()).lowpass(1200).unit(), 0.4)
                .add(
                        kit.scatter(
                                kit.clip(),
                                draw.between(0.5, 3),
                                () -> kit.strike(0.2, draw.log(200, 1800), 0.03, 1, 1.7, 2.6)),
                        0.8);
    }

    static Supplier<Sound> library(Kit kit, Draw draw) {
        double whispers = draw.between(1, 5);
        return () -> kit.pink(kit.clip())
                .lowpass(draw.log(400, 1500))
                .unit()
                .gain(0.6)
                .add(
                        kit.scatter(
                                        kit.clip(),
                                        whispers,
                                        () -> kit.noise(draw.between(0.05, 0.2))
                                                .formants(4, 0.7, draw.log(500, 900), draw.log(1400, 2600))
                                                .envelope(hump(0.4)))
                                .unit(),
                        0.35)
                .add(
                        kit.scatter(
                                kit.clip(),
                                0.7,
                                () -> kit.noise(0.35).highpass(1800).envelope(through(0, 1, 0.3, 0.8, 0))),
                        0.3)
                .reverb(1.6, 0.3);
    }

    static Supplier<Sound> station(Kit kit, Draw draw) {
        double hall = draw.between(2, 4);
        double announcer = draw.log(130, 240);
        return () -> kit.rumble(kit.clip(), draw.log(60, 160))
                .unit()
                .gain(0.5)
                .add(kit.babble(kit.clip(), 10).unit(), draw.between(0.2, 0.5))
                .add(
                        kit.train(
                                        kit.clip(),
                                        flat(4),
                                        0.3,
                                        () -> kit.voice(
                                                        0.18,
                                                        flat(draw.about(announcer, 0.1)),
                                                        0.1,
                                                        draw.log(400, 800),
                                                        draw.log(1000, 2200))
                                                .envelope(hump(0.3)))
                                .unit(),
                        draw.between(0, 0.6))
                .add(kit.pink(kit.clip()).bandpass(900, 0.5).unit(), draw.between(0.1, 0.5))
                .reverb(hall, 0.5);
    }

    static Supplier<Sound> office(Kit kit, Draw draw) {
        double fan = draw.log(90, 220);
        return () -> kit.pink(kit.clip())
                .bandpass(draw.log(250, 700), 0.5)
                .unit()
                .add(kit.tone(kit.clip(), flat(fan), 1, 0.4, 0.3, 0.1).unit(), draw.between(0.05, 0.4))
                .add(
                        kit.scatter(kit.clip(), draw.between(1, 7), () -> kit.click(0.003, draw.log(1200, 2800), 2))
                                .unit(),
                        draw.between(0.1, 0.4));
    }

    static Supplier<Sound> park(Kit kit, Draw draw) {
        return () -> kit.pink(kit.clip())
                .lowpass(draw.log(900, 2500))
                .unit()
                .gain(0.6)
                .add(kit.babble(kit.clip(), draw.between(2, 8)).unit(), draw.between(0.1, 0.4))
                .add(
                        kit.noise(kit.clip())
                                .highpass(2500)
                                .envelope(wobble(0.5, 0.5, kit.clip() * 0.5))
                                .unit(),
                        draw.between(0.05, 0.3))
                .add(kit.rumble(kit.clip(), 120).unit(), draw.between(0.2, 0.5));
    }

    static Supplier<Sound> residential(Kit kit, Draw draw) {
        return () -> kit.rumble(kit.clip(), draw.log(120, 350))
                .unit()
                .gain(0.7)
                .add(kit.pink(kit.clip()).highpass(500).unit(), draw.between(0.1, 0.4))
                .add(
                        kit.scatter(
                                kit.clip(),
                                0.4,
                                () -> kit.pink(2).bandpass(600, 0.5).unit().envelope(hump(0.5))),
                        draw.between(0.2, 0.9));
    }

    static Supplier<Sound> trainRide(Kit kit, Draw draw) {
        var train = Urban.train(kit, draw);
        return () -> train.get()
                .lowpass(draw.log(900, 2500))
                .unit()
                .add(kit.babble(kit.clip(), 5).unit(), draw.between(0.02, 0.2))
                .add(kit.rumble(kit.clip(), 80).unit(), draw.between(0.3, 0.8));
    }

    static Supplier<Sound> tram(Kit kit, Draw draw) {
        double motor = draw.log(180, 520);
        double gear = draw.between(0.7, 1.5);
        double squeal = draw.log(1800, 3600);
        return () -> kit.rumble(kit.clip(), draw.log(70, 180))
                .unit()
                .add(
                        kit.tone(kit.clip(), Curves.glide(motor, motor * gear), 1, 0.5, 0.3, 0.2)
                                .unit(),
                        draw.between(0.1, 0.5))
                .add(
                        kit.tone(kit.clip(), wobble(squeal, 0.02, 7), 1, 0.4).envelope(hump(draw.between(0.2, 0.8))),
                        draw.between(0, 0.5))
                .add(
                        kit.train(
                                        kit.clip(),
                                        flat(draw.between(1, 2.5)),
                                        0.1,
                                        () -> kit.strike(0.15, 250, 0.03, 1, 1.9))
                                .unit(),
                        draw.between(0.1, 0.35));
    }
}
