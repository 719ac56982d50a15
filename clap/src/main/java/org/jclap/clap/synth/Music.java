package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
import static org.jclap.clap.synth.Curves.line;
import static org.jclap.clap.synth.Curves.through;
import static org.jclap.clap.synth.Curves.wobble;

import java.util.List;
import java.util.function.Supplier;
import org.jclap.clap.synth.Pace.Bursts;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.SoundClass.Origin;

/**
 * Musical instruments, which are in none of the evaluation sets: with {@link Gadgets} they train a model that has not
 * met ESC-50's classes. Their captions keep away from ESC-50's words.
 */
final class Music {
    static final List<SoundClass> CLASSES = List.of(
            extra(
                    "acoustic_guitar",
                    new Continuous(),
                    Music::guitar,
                    "a guitar|a guitarist",
                    "strums chords|picks a tune",
                    "strumming chords|picking a tune"),
            extra(
                    "flute",
                    new Bursts(4, 0.02, 0.3),
                    Music::flute,
                    "a flute|a recorder|a flautist",
                    "plays long notes|trills softly",
                    "playing long notes|trilling softly"),
            extra(
                    "drum_roll",
                    new Continuous(),
                    Music::drumRoll,
                    "a snare drum|a drummer",
                    "plays a roll|keeps rolling",
                    "playing a roll|rolling on and on"),
            extra(
                    "harp",
                    new Continuous(),
                    Music::harp,
                    "a harp|a harpist",
                    "plays arpeggios|sweeps over the strings",
                    "playing arpeggios|sweeping over the strings"),
            extra(
                    "synth_bass",
                    new Continuous(),
                    Music::bass,
                    "a synthesizer|a bass line|electronic dance music",
                    "pulses|throbs low",
                    "pulsing|throbbing low"),
            extra(
                    "music_box",
                    new Continuous(),
                    Music::musicBox,
                    "a music box|a toy",
                    "tinkles a melody|plays a lullaby",
                    "tinkling a melody|playing a lullaby"),
            extra(
                    "pipe_organ",
                    new Continuous(),
                    Music::organ,
                    "a pipe organ|an organist",
                    "holds a chord|fills the nave",
                    "holding a chord|filling the nave"),
            extra(
                    "xylophone",
                    new Continuous(),
                    Music::xylophone,
                    "a xylophone|a marimba",
                    "plays a scale|is struck with mallets",
                    "playing a scale|being struck with mallets"),
            extra(
                    "cymbal",
                    new Bursts(3, 0.2, 0.8),
                    Music::cymbal,
                    "a cymbal|a gong",
                    "crashes|shimmers",
                    "crashing|shimmering"),
            extra(
                    "trumpet",
                    new Bursts(4, 0.03, 0.4),
                    Music::trumpet,
                    "a trumpet|a brass player|a bugle",
                    "plays a fanfare|blasts a note",
                    "playing a fanfare|blasting a note"));

    private Music() {}

    private static SoundClass extra(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.EXTRA, label, pace, voice, subjects, verbs, participles);
    }

    private static Supplier<Sound> guitar(Kit kit, Draw draw) {
        double open = draw.log(80, 160);
        double strums = draw.between(1.2, 3.5);
        double damping = draw.between(0.3, 0.8);
        return () -> kit.train(kit.clip(), flat(strums), 0.04, () -> {
            double root = open * draw.pick(List.of(1.0, 1.125, 1.335, 1.5));
            var chord = kit.silence(1.4);
            double at = 0;
            for (double interval : new double[] {1, 1.5, 2, 2.52, 3, 4}) {
                chord.add(kit.pluck(1.3, root * interval, damping), at, 0.6);
                at += 0.012;
            }
            return chord;
        });
    }

    private static Supplier<Sound> flute(Kit kit, Draw draw) {
        double pitch = draw.log(420, 1000);
        double breath = draw.between(0.02, 0.12);
        return () -> {
            double length = draw.between(0.25, 0.8);
            double note = pitch * draw.pick(List.of(1.0, 1.125, 1.25, 1.5));
            return kit.tone(length, wobble(note, 0.006, 5.5 * length), 1, 0.35, 0.12, 0.05)
                    .add(kit.noise(length).bandpass(1.5 * note, 2), breath)
                    .envelope(through(0, 1, 0.9, 0.9, 0));
        };
    }

    private static Supplier<Sound> drumRoll(Kit kit, Draw draw) {
        double strokes = draw.between(14, 30);
        double skin = draw.log(150, 300);
        double snares = draw.between(0.3, 1);
        return () -> kit.train(
                        kit.clip(),
                        flat(strokes),
                        0.1,
                        () -> kit.silence(0.12)
                                .add(kit.strike(0.1, skin, 0.03, 1, 1.59, 2.14), 0.7)
                                .add(kit.noise(0.1).highpass(1800).decay(0.03), snares))
                .envelope(line(draw.between(0.2, 1), 1));
    }

    private static Supplier<Sound> harp(Kit kit, Draw draw) {
        double tonic = draw.log(130, 260);
        double notes = draw.between(5, 12);
        return () -> {
            var step = new int[] {0};
            return kit.train(kit.clip(), flat(notes), 0.05, () -> {
                double octaves = (step[0]++ % 10) / 5.0;
                return kit.pluck(1.2, tonic * StrictMath.pow(2, octaves), 0.35);
            });
        };
    }

    private static Supplier<Sound> bass(Kit kit, Draw draw) {
        double root = draw.log(45, 95);
        double beat = draw.between(2, 5);
        double sweep = draw.log(500, 2500);
        return () -> kit.train(
                kit.clip(),
                flat(beat),
                0,
                () -> kit.saw(0.9 / beat, flat(root * draw.pick(List.of(1.0, 1.0, 1.19, 1.5, 2.0))))
                        .lowpass(line(sweep, 0.2 * sweep), 3)
                        .fade(0.005, 0.02));
    }

    private static Supplier<Sound> musicBox(Kit kit, Draw draw) {
        double tonic = draw.log(700, 1300);
        double notes = draw.between(2.5, 6);
        return () -> kit.train(
                kit.clip(),
                flat(notes),
                0.02,
                () -> kit.strike(
                        1, tonic * draw.pick(List.of(1.0, 1.122, 1.26, 1.498, 1.682, 2.0)), 0.25, 1, 2.01, 5.4));
    }

    private static Supplier<Sound> organ(Kit kit, Draw draw) {
        double root = draw.log(100, 260);
        double mixture = draw.between(0.1, 0.8);
        double third = draw.chance(0.5) ? 1.26 : 1.19;
        return () -> {
            var nave = kit.silence(kit.clip());
            for (double interval : new double[] {0.5, 1, third, 1.5, 2}) {
                nave.add(
                        kit.tone(
                                kit.clip(),
                                flat(root * interval),
                                1,
                                0.8,
                                0.3,
                                mixture,
                                0.1,
                                0.3 * mixture,
                                0.1,
                                0.3 * mixture),
                        1);
            }
            return nave.fade(0.08, 0.1).reverb(2, 0.35);
        };
    }

    private static Supplier<Sound> xylophone(Kit kit, Draw draw) {
        double tonic = draw.log(350, 900);
        double notes = draw.between(3, 8);
        double wood = draw.between(0.06, 0.15);
        return () -> kit.train(
                kit.clip(),
                flat(notes),
                0.05,
                () -> kit.strike(
                        0.5, tonic * draw.pick(List.of(1.0, 1.122, 1.26, 1.335, 1.498, 1.682)), wood, 1, 3, 6.2));
    }

    private static Supplier<Sound> cymbal(Kit kit, Draw draw) {
        double plate = draw.log(350, 2200);
        double ring = draw.between(0.15, 0.6);
        return () -> kit.noise(1.2)
                .highpass(2 * plate)
                .decay(ring)
                .add(kit.strike(1.2, plate, ring, 1, 1.34, 1.77, 2.21, 2.93, 3.68), 0.25)
                .fade(0.002, 0.02);
    }

    private static Supplier<Sound> trumpet(Kit kit, Draw draw) {
        double pitch = draw.log(230, 480);
        double mute = draw.log(900, 3000);
        return () -> {
            double note = pitch * draw.pick(List.of(1.0, 1.0, 1.26, 1.5, 2.0));
            return kit.saw(draw.between(0.12, 0.6), flat(note))
                    .lowpass(through(0.5 * mute, 1.5 * mute, mute, 0.6 * mute), 0.9)
                    .envelope(through(0, 1, 0.85, 0.8, 0));
        };
    }
}
