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

/** Engines, rotors, horns, bells and tools. */
final class Urban {
    static final List<SoundClass> CLASSES = List.of(
            urban(
                    "helicopter",
                    new Continuous(),
                    Urban::helicopter,
                    "a helicopter|a chopper",
                    "hovers overhead|flies past with beating blades",
                    "hovering overhead|flying past with beating blades"),
            urban(
                    "chainsaw",
                    new Continuous(),
                    Urban::chainsaw,
                    "a chainsaw|a lumberjack's power saw",
                    "revs up|cuts through a trunk",
                    "revving up|cutting through a trunk"),
            urban(
                    "siren",
                    new Continuous(),
                    (k, d) -> siren(k, d, 450, 1500),
                    "a siren|an ambulance|a fire engine|a police car",
                    "wails|blares|approaches with its signal on",
                    "wailing|blaring|approaching with its signal on"),
            urban(
                    "car_horn",
                    new Bursts(4, 0.1, 0.6),
                    (k, d) -> horn(k, d, 280, 560),
                    "a car horn|a driver|a vehicle",
                    "honks|beeps impatiently|toots",
                    "honking|beeping impatiently|tooting"),
            urban(
                    "engine",
                    new Continuous(),
                    (k, d) -> engine(k, d, 14, 75),
                    "an engine|a motor|a truck engine",
                    "idles|revs|chugs",
                    "idling|revving|chugging"),
            urban(
                    "train",
                    new Continuous(),
                    Urban::train,
                    "a train|a locomotive|a freight train",
                    "rolls past|clatters over the rails|rattles along the track",
                    "rolling past|clattering over the rails|rattling along the track"),
            urban(
                    "church_bells",
                    new Continuous(),
                    Urban::bells,
                    "church bells|bells in a steeple|a cathedral bell",
                    "ring|toll|chime",
                    "ringing|tolling|chiming"),
            urban(
                    "airplane",
                    new Continuous(),
                    Urban::airplane,
                    "an airplane|a jet|an aircraft",
                    "flies overhead|roars past|takes off",
                    "flying overhead|roaring past|taking off"),
            urban(
                    "fireworks",
                    new Continuous(),
                    Urban::fireworks,
                    "fireworks|a firework rocket|firecrackers",
                    "explode in the sky|bang and crackle",
                    "exploding in the sky|banging and crackling"),
            urban(
                    "hand_saw",
                    new Continuous(),
                    Urban::handSaw,
                    "a carpenter|a hand saw|someone with a saw",
                    "saws a plank|cuts wood by hand",
                    "sawing a plank|cutting wood by hand"));

    private Urban() {}

    private static SoundClass urban(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.ESC50, label, pace, voice, subjects, verbs, participles);
    }

    private static Supplier<Sound> helicopter(Kit kit, Draw draw) {
        double blades = draw.between(9, 24);
        double thump = draw.log(60, 200);
        double turbine = draw.between(0, 0.3);
        double wash = draw.between(0.1, 0.5);
        double approach = draw.between(0.3, 1);
        return () -> kit.train(
                        kit.clip(),
                        wobble(blades, 0.03, 1),
                        0.02,
                        () -> kit.noise(0.7 / blades).lowpass(4 * thump).envelope(hump(0.2)))
                .unit()
                .add(kit.noise(kit.clip()).lowpass(2500).tremolo(blades, 0.7).unit(), wash)
                .add(kit.tone(kit.clip(), flat(turbine * 4000 + 700), 1), turbine)
                .envelope(line(approach, 1.3 - approach));
    }

    private static Supplier<Sound> chainsaw(Kit kit, Draw draw) {
        double idle = draw.log(55, 110);
        double revved = idle * draw.between(1.3, 2.6);
        double bite = draw.between(0.1, 0.6);
        var throttle = through(draw.pick(List.of(
                new double[] {idle, revved, revved, 0.9 * revved},
                new double[] {revved, revved, idle, revved},
                new double[] {0.9 * revved, revved, 0.8 * revved, 0.85 * revved})));
        return () -> kit.saw(kit.clip(), throttle)
                .add(kit.saw(kit.clip(), u -> 0.5 * throttle.applyAsDouble(u)), 0.6)
                .add(kit.noise(kit.clip()).bandpass(2500, 0.6), bite)
                .drive(draw.between(2, 6))
                .highpass(150);
    }

    /** Wail, yelp or two tones: the ways in which the pitch swings. */
    static Supplier<Sound> siren(Kit kit, Draw draw, double lowest, double highest) {
        double pitch = draw.log(lowest, highest / 1.5);
        double interval = draw.between(1.2, 1.7);
        double swings = kit.clip() * draw.log(0.25, 3.5);
        boolean twoTone = draw.chance(0.4);
        double metal = draw.between(0.1, 0.6);
        return () -> kit.tone(
                        kit.clip(),
                        u -> {
                            double swing = 0.5 + 0.5 * Curves.sine(u * swings);
                            return pitch * (1 + (interval - 1) * (twoTone ? Math.round(swing) : swing));
                        },
                        1,
                        metal,
                        0.7 * metal,
                        0.5 * metal,
                        0.3 * metal)
                .envelope(wobble(0.8, 0.2, draw.between(0.3, 1)));
    }

    static Supplier<Sound> horn(Kit kit, Draw draw, double lowest, double highest) {
        double pitch = draw.log(lowest, highest);
        double interval = draw.pick(List.of(1.0, 1.19, 1.26, 1.33));
        double length = draw.log(0.12, 0.9);
        double brightness = draw.log(1200, 4000);
        return () -> kit.saw(draw.about(length, 0.3), flat(pitch))
                .add(kit.saw(length, flat(pitch * interval)), 0.9)
                .lowpass(brightness)
                .fade(0.015, 0.03);
    }

    /** Firing strokes at {@code slowest} to {@code fastest} a second through a muffler. */
    static Supplier<Sound> engine(Kit kit, Draw draw, double slowest, double fastest) {
        double firing = draw.log(slowest, fastest);
        double revving = draw.chance(0.4) ? draw.between(1.2, 2) : 1;
        double muffler = draw.log(90, 420);
        double rattle = draw.between(0.02, 0.3);
        var speed = through(firing, firing * revving, firing * StrictMath.sqrt(revving), firing);
        return () -> kit.train(
                        kit.clip(), speed, 0.04, () -> kit.strike(0.12, draw.about(muffler, 0.08), 0.02, 1, 2.1, 3.4))
                .unit()
                .add(kit.saw(kit.clip(), u -> 2 * speed.applyAsDouble(u)).lowpass(2 * muffler), 0.5)
                .add(
                        kit.noise(kit.clip())
                                .bandpass(1800, 0.7)
                                .tremolo(firing, 0.8)
                                .unit(),
                        rattle);
    }

    /** Pairs of wheels over rail joints above a rolling rumble. */
    static Supplier<Sound> train(Kit kit, Draw draw) {
        double joints = draw.between(0.8, 2.6);
        double pair = draw.between(0.1, 0.2);
        double rail = draw.log(300, 900);
        double whistle = draw.chance(0.3) ? draw.between(0.2, 0.7) : 0;
        double hiss = draw.between(0.05, 0.5);
        return () -> kit.rumble(kit.clip(), draw.log(100, 350))
                .unit()
                .gain(0.6)
                .add(kit.pink(kit.clip()).bandpass(rail, 0.6).unit(), hiss)
                .add(
                        kit.train(
                                kit.clip(),
                                flat(joints),
                                0.03,
                                () -> kit.silence(0.5)
                                        .add(kit.strike(0.2, rail, 0.03, 1, 1.7, 2.9), 0, 1)
                                        .add(kit.strike(0.2, 0.9 * rail, 0.03, 1, 1.7, 2.9), pair, 0.9)),
                        1.2)
                .add(
                        kit.tone(0.5 * kit.clip(), flat(draw.log(280, 420)), 1, 0.6, 0.5, 0.3)
                                .envelope(hump(0.3)),
                        draw.between(0, 0.4),
                        whistle);
    }

    static Supplier<Sound> bells(Kit kit, Draw draw) {
        int count = draw.count(1, 4);
        double strike = draw.log(180, 620);
        double rhythm = draw.between(0.7, 1.8);
        return () -> {
            var steeple = kit.silence(kit.clip());
            for (int i = 0; i < count; i++) {
                double pitch = strike * draw.pick(List.of(1.0, 1.125, 1.25, 1.5, 0.75));
                steeple.add(
                        kit.train(
                                kit.clip(),
                                flat(draw.about(rhythm, 0.1)),
                                0.05,
                                () -> kit.strike(2.5, pitch, 0.9, 0.5, 1, 1.2, 1.5, 2, 2.67, 4)),
                        draw.between(0.4, 1));
            }
            return steeple;
        };
    }

    private static Supplier<Sound> airplane(Kit kit, Draw draw) {
        double darkness = draw.log(250, 1300);
        double drop = draw.between(0.55, 1);
        double propeller = draw.chance(0.4) ? draw.between(0.2, 0.8) : 0;
        double turbine = draw.between(0, 0.15);
        double closest = draw.between(0.2, 0.8);
        double blade = draw.log(70, 140);
        double spin = draw.log(1500, 3500);
        return () -> kit.pink(kit.clip())
                .lowpass(glide(darkness, darkness * drop), 0.7)
                .unit()
                .add(kit.saw(kit.clip(), glide(blade, blade * drop)).lowpass(900), propeller)
                .add(kit.tone(kit.clip(), glide(spin, spin * drop), 1), turbine)
                .envelope(u -> 0.3 + 0.7 * hump(closest).applyAsDouble(u));
    }

    private static Supplier<Sound> fireworks(Kit kit, Draw draw) {
        double bangs = draw.between(0.8, 3);
        double depth = draw.log(90, 300);
        double crackle = draw.between(0.1, 1);
        double echo = draw.between(0.1, 0.4);
        Supplier<Sound> bang = () -> kit.silence(0.9)
                .add(kit.noise(0.6).lowpass(through(3000, 600, 200), 0.7).decay(0.09), 0, 1.4)
                .add(kit.tone(0.3, glide(depth, 0.4 * depth), 1).decay(0.08), 0, 1)
                .add(kit.scatter(0.5, 60, () -> kit.click(0.002, 3500, 1.5)).envelope(hump(0.3)), 0.2, crackle);
        return () -> {
            var sky = kit.scatter(kit.clip(), bangs, bang).add(bang.get(), draw.between(0, 0.5 * kit.clip()), 1);
            if (draw.chance(0.5)) {
                double hiss = draw.log(900, 2200);
                sky.add(kit.tone(0.5, glide(hiss, 2 * hiss), 1, 0.2).envelope(hump(0.5)), 0, 0.25);
            }
            return sky.reverb(1.5, echo);
        };
    }

    private static Supplier<Sound> handSaw(Kit kit, Draw draw) {
        double strokes = draw.between(1.4, 3.6);
        double teeth = draw.log(60, 200);
        double blade = draw.log(900, 3200);
        double back = draw.between(0.3, 0.9);
        Supplier<Sound> stroke = () -> kit.noise(0.42 / strokes)
                .add(kit.saw(0.42 / strokes, flat(draw.about(teeth, 0.15))), 0.8)
                .bandpass(line(blade, 1.3 * blade), 0.9)
                .tremolo(draw.about(teeth, 0.1), 0.6)
                .envelope(hump(0.6));
        return () -> kit.train(
                kit.clip(),
                flat(strokes),
                0.05,
                () -> kit.silence(1 / strokes)
                        .add(stroke.get(), 1)
                        .add(stroke.get().bandpass(0.7 * blade, 1), 0.5 / strokes, back));
    }
}
