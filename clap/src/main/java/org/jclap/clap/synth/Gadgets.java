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
import org.jclap.clap.synth.Pace.Steady;
import org.jclap.clap.synth.SoundClass.Origin;

/**
 * Signals, toys and other things in none of the evaluation sets: with {@link Music} they train a model that has not
 * met ESC-50's classes. Their captions keep away from ESC-50's words.
 */
final class Gadgets {
    static final List<SoundClass> CLASSES = List.of(
            extra(
                    "whistling",
                    new Bursts(3, 0.1, 0.5),
                    Gadgets::whistle,
                    "a referee|a whistle|a boy",
                    "whistles|gives a shrill signal",
                    "whistling|giving a shrill signal"),
            extra(
                    "telephone",
                    new Steady(0.9, 1.8),
                    Gadgets::telephone,
                    "a telephone|a phone|a mobile",
                    "rings|is ringing unanswered",
                    "ringing|ringing unanswered"),
            extra(
                    "bubbles",
                    new Continuous(),
                    Gadgets::bubbles,
                    "bubbles|a fish tank|a boiling pot",
                    "bubble up|gurgle|simmer",
                    "bubbling up|gurgling|simmering"),
            extra(
                    "test_tone",
                    new Bursts(6, 0.1, 0.6),
                    Gadgets::tone,
                    "an electronic device|a test signal|a microwave oven",
                    "emits pure tones|bleeps",
                    "emitting pure tones|bleeping"),
            extra(
                    "buzzer",
                    new Bursts(3, 0.1, 0.6),
                    Gadgets::buzzer,
                    "a buzzer|a quiz show signal|an intercom",
                    "sounds harshly|goes off with a drone",
                    "sounding harshly|going off with a drone"),
            extra(
                    "kettle",
                    new Continuous(),
                    Gadgets::kettle,
                    "a kettle|a steam valve",
                    "boils and shrieks|lets off steam",
                    "boiling and shrieking|letting off steam"),
            extra(
                    "marble_roll",
                    new Bursts(2, 0.2, 0.6),
                    Gadgets::marble,
                    "a marble|a steel ball",
                    "rolls over a table|bounces and comes to rest",
                    "rolling over a table|bouncing and coming to rest"),
            extra(
                    "zipper",
                    new Bursts(3, 0.1, 0.5),
                    Gadgets::zipper,
                    "a zipper|a jacket",
                    "is zipped up|is pulled open",
                    "being zipped up|being pulled open"),
            extra(
                    "gallop",
                    new Steady(0.38, 0.62),
                    Gadgets::gallop,
                    "a horse|a rider",
                    "gallops|trots along",
                    "galloping|trotting along"),
            extra(
                    "camera_shutter",
                    new Bursts(4, 0.1, 0.7),
                    Gadgets::shutter,
                    "a camera|a photographer",
                    "takes pictures|fires the shutter",
                    "taking pictures|firing the shutter"),
            extra(
                    "paper_rustle",
                    new Continuous(),
                    Gadgets::paper,
                    "paper|a newspaper|a wrapper",
                    "rustles|is crumpled",
                    "rustling|being crumpled"),
            extra(
                    "ping_pong",
                    new Steady(0.35, 0.8),
                    Gadgets::pingPong,
                    "a table tennis match|a ping pong rally",
                    "bounces to and fro|goes on",
                    "bouncing to and fro|going on"),
            extra(
                    "sonar",
                    new Steady(0.9, 1.8),
                    Gadgets::sonar,
                    "a sonar|a submarine",
                    "pings|sends out pulses",
                    "pinging|sending out pulses"),
            extra(
                    "laser_zap",
                    new Bursts(6, 0.05, 0.4),
                    Gadgets::laser,
                    "a laser|a video game|a space weapon",
                    "zaps|shoots downward sweeps",
                    "zapping|shooting downward sweeps"));

    private Gadgets() {}

    private static SoundClass extra(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.EXTRA, label, pace, voice, subjects, verbs, participles);
    }

    private static Supplier<Sound> whistle(Kit kit, Draw draw) {
        double pitch = draw.log(1100, 3000);
        boolean pea = draw.chance(0.5);
        double bend = draw.between(0.7, 1.5);
        return () -> {
            var blown = kit.tone(draw.between(0.25, 0.8), glide(pitch, pea ? pitch : pitch * bend), 1, 0.05)
                    .envelope(through(0, 1, 1, 0.9, 0));
            return pea ? blown.tremolo(draw.between(25, 40), 0.7) : blown;
        };
    }

    private static Supplier<Sound> telephone(Kit kit, Draw draw) {
        double pitch = draw.log(420, 1500);
        double warble = draw.between(14, 28);
        boolean bell = draw.chance(0.5);
        double length = draw.between(0.5, 0.9);
        return () -> bell
                ? kit.train(length, flat(warble), 0.02, () -> kit.strike(0.3, 1.4 * pitch, 0.06, 1, 1.5, 2.6))
                : kit.tone(
                                length,
                                u -> pitch * (1 + 0.25 * Math.round(0.5 + 0.5 * Curves.sine(u * warble * length))),
                                1,
                                0.2,
                                0.3)
                        .fade(0.01, 0.02);
    }

    private static Supplier<Sound> bubbles(Kit kit, Draw draw) {
        double density = draw.log(7, 40);
        double size = draw.log(250, 900);
        double simmer = draw.between(0, 0.15);
        return () -> kit.scatter(kit.clip(), density, () -> {
                    double pitch = draw.about(size, 0.5);
                    return kit.chirp(draw.between(0.03, 0.12), pitch, pitch * draw.between(1.3, 2));
                })
                .add(kit.pink(kit.clip()).lowpass(700), simmer);
    }

    private static Supplier<Sound> tone(Kit kit, Draw draw) {
        double pitch = draw.log(350, 2400);
        double length = draw.between(0.08, 0.5);
        return () -> kit.tone(length, flat(pitch), 1).fade(0.005, 0.005);
    }

    private static Supplier<Sound> buzzer(Kit kit, Draw draw) {
        double pitch = draw.log(70, 240);
        double length = draw.between(0.3, 0.9);
        double duty = draw.between(0.1, 0.5);
        return () -> kit.pulse(draw.about(length, 0.2), flat(pitch), duty)
                .lowpass(4000)
                .fade(0.005, 0.01);
    }

    private static Supplier<Sound> kettle(Kit kit, Draw draw) {
        double pitch = draw.log(1400, 2800);
        double steam = draw.between(0.1, 0.6);
        return () -> kit.tone(kit.clip(), u -> pitch * (1 + 0.25 * Math.min(1, 2 * u)), 1, 0.2, 0.1)
                .envelope(through(0.05, 0.5, 1, 1))
                .add(kit.noise(kit.clip()).highpass(2500), steam)
                .add(kit.scatter(kit.clip(), 25, () -> kit.chirp(0.05, 300, 500)), 0.15);
    }

    private static Supplier<Sound> marble(Kit kit, Draw draw) {
        double table = draw.log(900, 2600);
        double roll = draw.between(0.1, 0.6);
        return () -> {
            var sound = kit.silence(1.4);
            double at = 0;
            double gap = draw.between(0.2, 0.3);
            for (double level = 1; gap > 0.015; level *= 0.8) {
                sound.add(kit.strike(0.08, table, 0.015, 1, 2.3, 3.9), at, level);
                at += gap;
                gap *= 0.72;
            }
            return sound.add(
                    kit.noise(0.7)
                            .bandpass(table, 4)
                            .tremolo(draw.between(12, 25), 0.6)
                            .envelope(hump(0.2)),
                    0.6,
                    roll);
        };
    }

    private static Supplier<Sound> zipper(Kit kit, Draw draw) {
        double teeth = draw.log(50, 180);
        double metal = draw.log(1800, 4500);
        return () -> {
            double faster = draw.log(1.2, 3);
            return kit.train(
                            draw.between(0.2, 0.7),
                            line(teeth, teeth * faster),
                            0.05,
                            () -> kit.click(0.002, metal, 1.5))
                    .envelope(hump(0.7));
        };
    }

    private static Supplier<Sound> gallop(Kit kit, Draw draw) {
        double ground = draw.log(200, 700);
        double beat = draw.between(0.09, 0.14);
        double hardness = draw.between(0.2, 0.8);
        return () -> {
            var stride = kit.silence(0.5);
            for (int hoof = 0; hoof < 3; hoof++) {
                stride.add(kit.strike(0.1, draw.about(ground, 0.12), 0.02, 1, 1.8, 3.1), hoof * beat, 1)
                        .add(kit.click(0.004, 3 * ground, 1.2), hoof * beat, hardness);
            }
            return stride;
        };
    }

    private static Supplier<Sound> shutter(Kit kit, Draw draw) {
        double curtain = draw.log(1800, 4500);
        double open = draw.between(0.04, 0.14);
        double winding = draw.between(0, 0.7);
        return () -> kit.silence(0.5)
                .add(kit.click(0.005, curtain, 1), 0, 1)
                .add(kit.click(0.007, 0.8 * curtain, 1), open, 0.9)
                .add(kit.saw(0.25, line(160, 240)).bandpass(1500, 1).envelope(hump(0.3)), open + 0.04, winding);
    }

    private static Supplier<Sound> paper(Kit kit, Draw draw) {
        double sheets = draw.log(15, 80);
        double crispness = draw.log(1800, 4500);
        double moves = kit.clip() * draw.between(0.6, 2.5);
        return () -> kit.scatter(
                        kit.clip(), sheets, () -> kit.click(draw.log(0.002, 0.02), draw.about(crispness, 0.4), 0.8))
                .add(kit.noise(kit.clip()).bandpass(crispness, 0.7), 0.1)
                .envelope(wobble(0.6, 0.6, moves));
    }

    private static Supplier<Sound> pingPong(Kit kit, Draw draw) {
        double ball = draw.log(900, 1800);
        double flight = draw.between(0.15, 0.3);
        return () -> kit.silence(flight + 0.1)
                .add(kit.strike(0.06, draw.about(ball, 0.05), 0.01, 1, 2.4), 0, 1)
                .add(kit.strike(0.06, draw.about(0.75 * ball, 0.05), 0.008, 1, 2.1), flight, 0.7);
    }

    private static Supplier<Sound> sonar(Kit kit, Draw draw) {
        double pitch = draw.log(600, 1600);
        double ring = draw.between(0.1, 0.4);
        return () -> kit.silence(1.2)
                .add(kit.tone(0.9, flat(pitch), 1).decay(ring).fade(0.005, 0.02), 1)
                .reverb(1.5, 0.4);
    }

    private static Supplier<Sound> laser(Kit kit, Draw draw) {
        double from = draw.log(1500, 4500);
        double to = draw.log(100, 500);
        double index = draw.between(0, 4);
        return () -> kit.fm(draw.between(0.12, 0.4), glide(draw.about(from, 0.2), to), 1.5, index)
                .envelope(hump(0.05));
    }
}
