package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
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

/** Things in a home: knocks, clicks, ticks, motors in tubs and tubes. */
final class Domestic {
    static final List<SoundClass> CLASSES = List.of(
            domestic(
                    "toilet_flush",
                    new Continuous(),
                    Nature::flush,
                    "a toilet|a lavatory|a water closet",
                    "is flushed|refills after flushing",
                    "being flushed|refilling after flushing"),
            domestic(
                    "door_wood_knock",
                    new Bursts(3, 0.3, 0.8),
                    Domestic::knock,
                    "someone|a visitor",
                    "knocks on a wooden door|raps at the door",
                    "knocking on a wooden door|rapping at the door"),
            domestic(
                    "mouse_click",
                    new Bursts(8, 0.05, 0.5),
                    Domestic::mouse,
                    "a computer mouse|someone at a desk",
                    "clicks|makes double clicks",
                    "clicking|making double clicks"),
            domestic(
                    "keyboard_typing",
                    new Continuous(),
                    Domestic::typing,
                    "someone|a typist|a clerk",
                    "types on a keyboard|hammers on the keys",
                    "typing on a keyboard|hammering on the keys"),
            domestic(
                    "door_wood_creaks",
                    new Bursts(2, 0.2, 0.7),
                    Domestic::creak,
                    "an old door|a wooden door|a rusty hinge",
                    "creaks|squeaks open",
                    "creaking|squeaking open"),
            domestic(
                    "can_opening",
                    new Bursts(1, 0.3, 0.8),
                    Domestic::can,
                    "a soda can|a beer can|a tin",
                    "is opened with a hiss|pops open",
                    "being opened with a hiss|popping open"),
            domestic(
                    "washing_machine",
                    new Continuous(),
                    Domestic::washing,
                    "a washing machine|a laundry machine|a washer",
                    "turns the drum|spins|churns",
                    "turning the drum|spinning|churning"),
            domestic(
                    "vacuum_cleaner",
                    new Continuous(),
                    Domestic::vacuum,
                    "a vacuum cleaner|a hoover",
                    "whirs over the carpet|sucks up dust|runs",
                    "whirring over the carpet|sucking up dust|running"),
            domestic(
                    "clock_alarm",
                    new Continuous(),
                    Domestic::alarm,
                    "an alarm clock|a digital alarm",
                    "beeps|rings to wake someone|goes off",
                    "beeping|ringing to wake someone|going off"),
            domestic(
                    "clock_tick",
                    new Steady(0.25, 1),
                    Domestic::tick,
                    "a clock|a wall clock|a wrist watch",
                    "ticks|tick-tocks",
                    "ticking|tick-tocking"),
            domestic(
                    "glass_breaking",
                    new Bursts(2, 0.3, 1),
                    Domestic::shatter,
                    "glass|a window pane|a bottle",
                    "shatters|breaks into pieces|smashes",
                    "shattering|breaking into pieces|smashing"));

    private Domestic() {}

    private static SoundClass domestic(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.ESC50, label, pace, voice, subjects, verbs, participles);
    }

    private static Supplier<Sound> knock(Kit kit, Draw draw) {
        double panel = draw.log(110, 380);
        double gap = draw.between(0.13, 0.28);
        double hardness = draw.between(0.1, 0.6);
        return () -> {
            int knocks = draw.count(2, 4);
            var whole = kit.silence(knocks * gap + 0.15);
            for (int i = 0; i < knocks; i++) {
                whole.add(kit.strike(0.15, draw.about(panel, 0.05), 0.03, 1, 1.51, 2.3, 3.6), i * gap, 1)
                        .add(kit.click(0.003, 1500, 1), i * gap, hardness);
            }
            return whole.reverb(0.3, 0.15);
        };
    }

    private static Supplier<Sound> mouse(Kit kit, Draw draw) {
        double shell = draw.log(2000, 5000);
        double release = draw.between(0.06, 0.14);
        return () -> kit.silence(0.2)
                .add(kit.click(draw.log(0.0006, 0.002), shell, 2), 0, 1)
                .add(kit.click(0.001, 1.3 * shell, 2), release, 0.6);
    }

    static Supplier<Sound> typing(Kit kit, Draw draw) {
        double perSecond = draw.between(4, 12);
        double keys = draw.log(1100, 3200);
        double thock = draw.between(0.1, 0.8);
        return () -> kit.scatter(
                kit.clip(),
                perSecond,
                () -> kit.silence(0.12)
                        .add(kit.click(0.003, draw.about(keys, 0.2), 2), 0, 1)
                        .add(kit.strike(0.05, draw.about(0.15 * keys, 0.2), 0.012, 1, 2.2), 0, thock)
                        .add(kit.click(0.002, 1.2 * keys, 2), draw.between(0.05, 0.09), 0.5));
    }

    /** Stick and slip: a train of clicks through the resonances of the wood, sliding in rate. */
    private static Supplier<Sound> creak(Kit kit, Draw draw) {
        double slip = draw.log(35, 160);
        double wood = draw.log(450, 1300);
        return () -> {
            double end = draw.log(0.5, 2.2);
            return kit.train(
                            draw.between(0.5, 1.3),
                            through(slip, slip * draw.between(0.8, 1.5), slip * end),
                            0.1,
                            () -> kit.click(0.002, 2 * wood, 0.7))
                    .formants(9, 0.7, wood, 1.9 * wood, 3.1 * wood)
                    .envelope(hump(draw.between(0.3, 0.7)));
        };
    }

    private static Supplier<Sound> can(Kit kit, Draw draw) {
        double lid = draw.log(1400, 3600);
        double pressure = draw.between(0.25, 0.8);
        return () -> kit.silence(1.2)
                .add(kit.click(0.004, lid, 2), 0.02, 2)
                .add(kit.noise(pressure).highpass(2500).envelope(through(0.2, 1, 0.5, 0.2, 0)), 0.05, 0.6)
                .add(kit.strike(0.15, 0.5 * lid, 0.03, 1, 1.7, 2.9), draw.between(0.15, 0.4), 1.2)
                .add(kit.scatter(0.5, 70, () -> kit.click(0.001, 5000, 2)), 0.5, 0.3);
    }

    private static Supplier<Sound> washing(Kit kit, Draw draw) {
        double motor = draw.log(45, 120);
        double drum = draw.between(0.7, 5);
        double slosh = draw.between(0.1, 0.7);
        double tub = draw.log(250, 900);
        double whine = draw.between(0, 0.3);
        return () -> kit.rumble(kit.clip(), 200)
                .unit()
                .gain(0.4)
                .add(kit.tone(kit.clip(), wobble(motor, 0.01, 3), 1, 0.6, 0.5, 0.2, 0.15), 0.4)
                .add(kit.pink(kit.clip()).bandpass(tub, 0.8).unit().tremolo(drum, 0.9), slosh)
                .add(kit.tone(kit.clip(), flat(9.3 * motor), 1, 0.5), whine)
                .add(kit.train(kit.clip(), flat(drum), 0.05, () -> kit.strike(0.1, 1.7 * motor, 0.05, 1, 1.8)), 0.6);
    }

    private static Supplier<Sound> vacuum(Kit kit, Draw draw) {
        double motor = draw.log(160, 480);
        double suction = draw.log(700, 2800);
        double strokes = kit.clip() * draw.between(0.3, 0.9);
        double whine = draw.between(0.1, 0.6);
        return () -> kit.noise(kit.clip())
                .bandpass(wobble(suction, 0.25, strokes), 0.6)
                .unit()
                .add(kit.tone(kit.clip(), wobble(motor, 0.03, strokes), 1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.2), whine)
                .add(kit.rumble(kit.clip(), 200).unit(), 0.3);
    }

    private static Supplier<Sound> alarm(Kit kit, Draw draw) {
        boolean bell = draw.chance(0.3);
        double pitch = draw.log(800, 3000);
        double beep = draw.between(0.05, 0.2);
        int group = draw.count(1, 4);
        double rest = draw.between(0.15, 0.6);
        Supplier<Sound> beeps = () -> kit.train(
                beep * 2 * group,
                flat(0.5 / beep),
                0,
                () -> kit.pulse(beep, flat(pitch), 0.4).fade(0.003, 0.003));
        Supplier<Sound> clapper = () -> kit.strike(0.3, pitch, 0.08, 1, 1.52, 2.4);
        return () -> bell
                ? kit.train(kit.clip(), flat(draw.between(14, 26)), 0.03, clapper)
                : kit.train(kit.clip(), flat(1 / (2 * beep * group + rest)), 0, beeps);
    }

    private static Supplier<Sound> tick(Kit kit, Draw draw) {
        double works = draw.log(1500, 5000);
        double body = draw.log(300, 900);
        double resonance = draw.between(0.05, 0.6);
        double difference = draw.between(0.7, 1);
        var left = new boolean[1];
        return () -> {
            left[0] = !left[0];
            double shift = left[0] ? 1 : difference;
            return kit.silence(0.12)
                    .add(kit.click(0.0015, works * shift, 4), 1)
                    .add(kit.strike(0.1, body * shift, 0.015, 1, 2.7), resonance);
        };
    }

    private static Supplier<Sound> shatter(Kit kit, Draw draw) {
        double pane = draw.log(1500, 3800);
        double shards = draw.log(12, 60);
        double spread = draw.between(0.15, 0.4);
        return () -> kit.silence(1.2)
                .add(kit.noise(0.2).highpass(1500).decay(0.03), 0, 1.5)
                .add(
                        kit.scatter(1.1, shards, () -> kit.strike(0.15, draw.log(pane, 2.2 * pane), 0.05, 1, 1.6))
                                .decay(spread),
                        0.01,
                        1)
                .add(kit.strike(0.3, 0.3 * pane, 0.04, 1, 2.1, 3.3), 0, 0.5)
                .envelope(line(1, 0.3));
    }
}
