package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
import static org.jclap.clap.synth.Curves.hump;
import static org.jclap.clap.synth.Curves.line;
import static org.jclap.clap.synth.Curves.through;

import java.util.List;
import java.util.function.Supplier;
import org.jclap.clap.synth.Pace.Bursts;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.Pace.Steady;
import org.jclap.clap.synth.SoundClass.Origin;

/** Sounds that people make without words. */
final class Humans {
    static final List<SoundClass> CLASSES = List.of(
            human(
                    "crying_baby",
                    new Steady(0.7, 1.5),
                    Humans::crying,
                    "a baby|an infant|a newborn",
                    "cries|wails|screams",
                    "crying|wailing|screaming"),
            human(
                    "sneezing",
                    new Bursts(2, 0.4, 1),
                    Humans::sneeze,
                    "someone|a man|a woman",
                    "sneezes|has to sneeze",
                    "sneezing|letting out a sneeze"),
            human(
                    "clapping",
                    new Continuous(),
                    Humans::clapping,
                    "an audience|a crowd|a person",
                    "claps|applauds|gives applause",
                    "clapping|applauding|giving applause"),
            human(
                    "breathing",
                    new Steady(0.9, 2),
                    Humans::breathing,
                    "someone|a person|a sleeper",
                    "breathes deeply|inhales and exhales|pants",
                    "breathing deeply|inhaling and exhaling|panting"),
            human(
                    "coughing",
                    new Bursts(4, 0.05, 0.5),
                    Humans::cough,
                    "someone|an old man|a sick person",
                    "coughs|clears the throat",
                    "coughing|clearing the throat"),
            human(
                    "footsteps",
                    new Steady(0.32, 0.75),
                    Humans::step,
                    "someone|a person|a pedestrian",
                    "walks by|paces up and down|runs up the stairs|takes steps",
                    "walking by|pacing up and down|running up the stairs|taking steps"),
            human(
                    "laughing",
                    new Bursts(2, 0.3, 0.8),
                    Humans::laugh,
                    "someone|a woman|a group of friends",
                    "laughs|giggles|bursts into laughter",
                    "laughing|giggling|bursting into laughter"),
            human(
                    "brushing_teeth",
                    new Continuous(),
                    Humans::brushing,
                    "someone|a child",
                    "brushes the teeth|scrubs with a toothbrush",
                    "brushing the teeth|scrubbing with a toothbrush"),
            human(
                    "snoring",
                    new Steady(1.2, 2.4),
                    Humans::snore,
                    "someone|a sleeping man|a sleeper",
                    "snores|rattles in deep sleep",
                    "snoring|rattling in deep sleep"),
            human(
                    "drinking_sipping",
                    new Bursts(5, 0.15, 0.6),
                    Humans::sip,
                    "someone|a thirsty person",
                    "sips a drink|gulps|slurps from a cup",
                    "sipping a drink|gulping|slurping from a cup"));

    private Humans() {}

    private static SoundClass human(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.ESC50, label, pace, voice, subjects, verbs, participles);
    }

    private static Supplier<Sound> crying(Kit kit, Draw draw) {
        double pitch = draw.log(340, 620);
        double length = draw.between(0.5, 1.1);
        double distress = draw.between(1, 5);
        return () -> {
            double top = draw.about(pitch, 0.1);
            return kit.voice(
                            draw.about(length, 0.2),
                            through(0.8 * top, 1.15 * top, 1.1 * top, 0.75 * top),
                            0.08,
                            1050,
                            2200,
                            3700)
                    .drive(distress)
                    .envelope(through(0, 0.9, 1, 0.8, 0));
        };
    }

    private static Supplier<Sound> sneeze(Kit kit, Draw draw) {
        double pitch = draw.log(130, 380);
        double spray = draw.log(1500, 4000);
        return () -> kit.silence(0.8)
                .add(kit.voice(0.3, line(pitch, 1.5 * pitch), 0.6, 700, 1500).envelope(line(0, 0.8)), 0, 0.5)
                .add(kit.noise(0.35).bandpass(spray, 0.7).envelope(hump(0.08)), 0.32, 1.2)
                .add(kit.voice(0.25, line(1.5 * pitch, pitch), 0.5, 600, 1300).envelope(hump(0.1)), 0.32, 0.8);
    }

    private static Supplier<Sound> clapping(Kit kit, Draw draw) {
        boolean crowd = draw.chance(0.6);
        double perSecond = crowd ? draw.log(25, 150) : draw.between(2.5, 5);
        double palms = draw.log(800, 2000);
        Supplier<Sound> clap = () -> kit.click(draw.between(0.003, 0.012), draw.about(palms, 0.4), 1.5);
        return () -> crowd
                ? kit.scatter(kit.clip(), perSecond, clap).reverb(0.5, 0.3)
                : kit.train(kit.clip(), flat(perSecond), 0.06, clap).reverb(0.3, 0.2);
    }

    private static Supplier<Sound> breathing(Kit kit, Draw draw) {
        double nose = draw.log(500, 1500);
        double length = draw.between(0.35, 0.8);
        double contrast = draw.between(0.6, 0.95);
        return () -> kit.silence(2 * length)
                .add(kit.pink(length).formants(1.5, 0.5, 1.4 * nose, 3 * nose).envelope(hump(0.6)), 0, 0.7)
                .add(
                        kit.pink(length)
                                .formants(1.5, 0.4, contrast * nose, 2 * nose)
                                .envelope(hump(0.25)),
                        length,
                        1);
    }

    private static Supplier<Sound> cough(Kit kit, Draw draw) {
        double pitch = draw.log(100, 300);
        double chest = draw.log(450, 900);
        double breath = draw.between(0.5, 0.85);
        return () -> {
            double top = draw.about(pitch, 0.15);
            return kit.voice(draw.between(0.14, 0.3), line(1.2 * top, 0.7 * top), breath, chest, 2.3 * chest, 3200)
                    .drive(3)
                    .envelope(hump(0.06));
        };
    }

    static Supplier<Sound> step(Kit kit, Draw draw) {
        double floor = draw.log(120, 450);
        double gravel = draw.between(0.02, 0.6);
        double heel = draw.log(700, 2200);
        return () -> kit.silence(0.25)
                .add(kit.strike(0.12, draw.about(floor, 0.1), 0.02, 1, 1.6, 2.7), 0, 1)
                .add(kit.click(0.004, draw.about(heel, 0.2), 1.5), 0, 0.8)
                .add(kit.noise(0.12).bandpass(2 * heel, 0.8).envelope(hump(0.3)), draw.between(0.03, 0.07), gravel);
    }

    private static Supplier<Sound> laugh(Kit kit, Draw draw) {
        double pitch = draw.log(130, 380);
        double mouth = draw.log(550, 900);
        double pulses = draw.between(3.8, 6.2);
        return () -> {
            int syllables = draw.count(3, 7);
            var whole = kit.silence((syllables + 1) / pulses);
            for (int i = 0; i < syllables; i++) {
                double top = draw.about(pitch, 0.08) * (1.2 - 0.06 * i);
                whole.add(
                        kit.voice(0.7 / pulses, line(1.1 * top, 0.85 * top), 0.25, mouth, 1.9 * mouth, 2700)
                                .envelope(hump(0.25)),
                        i / pulses,
                        1 - 0.08 * i);
            }
            return whole;
        };
    }

    private static Supplier<Sound> brushing(Kit kit, Draw draw) {
        double strokes = draw.between(3, 6.5);
        double bristles = draw.log(2200, 5500);
        double there = draw.between(0.35, 0.65);
        return () -> kit.train(
                kit.clip(),
                flat(strokes),
                0.08,
                () -> kit.silence(1 / strokes)
                        .add(
                                kit.noise(there / strokes)
                                        .bandpass(draw.about(bristles, 0.1), 1.2)
                                        .envelope(hump(0.5)),
                                1)
                        .add(
                                kit.noise((1 - there) / strokes)
                                        .bandpass(0.8 * bristles, 1.2)
                                        .envelope(hump(0.5)),
                                there / strokes,
                                0.7));
    }

    private static Supplier<Sound> snore(Kit kit, Draw draw) {
        double flutter = draw.between(20, 55);
        double palate = draw.log(220, 600);
        double length = draw.between(0.6, 1.3);
        double whistle = draw.between(0, 0.5);
        return () -> kit.silence(1.8 * length)
                .add(
                        kit.voice(length, line(0.8 * flutter, 1.2 * flutter), 0.4, palate, 2.2 * palate, 5 * palate)
                                .envelope(hump(0.7)),
                        0,
                        1)
                .add(
                        kit.pink(0.7 * length)
                                .bandpass(draw.about(1400, 0.2), 2)
                                .envelope(hump(0.4)),
                        1.05 * length,
                        whistle);
    }

    private static Supplier<Sound> sip(Kit kit, Draw draw) {
        double lips = draw.log(1100, 3200);
        double throat = draw.log(250, 550);
        return () -> draw.chance(0.5)
                ? kit.noise(draw.between(0.15, 0.4))
                        .bandpass(line(lips, 1.5 * lips), 2)
                        .tremolo(draw.between(18, 35), 0.8)
                        .envelope(hump(0.6))
                : kit.silence(0.3)
                        .add(kit.chirp(0.08, throat, 2.2 * throat), 0, 1)
                        .add(kit.click(0.01, 900, 2), 0.05, 0.5)
                        .add(kit.chirp(0.06, 1.4 * throat, 0.8 * throat), 0.12, 0.6);
    }
}
