package org.jclap.clap.synth;

import static org.jclap.clap.synth.Curves.flat;
import static org.jclap.clap.synth.Curves.hump;
import static org.jclap.clap.synth.Curves.line;
import static org.jclap.clap.synth.Curves.through;
import static org.jclap.clap.synth.Curves.times;
import static org.jclap.clap.synth.Curves.wobble;

import java.util.List;
import java.util.function.Supplier;
import org.jclap.clap.synth.Pace.Bursts;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.SoundClass.Origin;

/** Water, wind, fire and storm: filtered noise, slow curves and scattered grains. */
final class Nature {
    static final List<SoundClass> CLASSES = List.of(
            nature(
                    "rain",
                    new Continuous(),
                    (k, d) -> rain(k, d, 30, 400),
                    "rain|a rain shower|heavy drizzle",
                    "falls|pours down|patters on the ground",
                    "falling|pouring down|pattering on the ground"),
            nature(
                    "sea_waves",
                    new Continuous(),
                    Nature::waves,
                    "the sea|the ocean|surf",
                    "rolls onto the shore|breaks on the beach|swells and ebbs",
                    "rolling onto the shore|breaking on the beach|swelling and ebbing"),
            nature(
                    "crackling_fire",
                    new Continuous(),
                    Nature::fire,
                    "a fire|a campfire|burning wood",
                    "crackles|pops and hisses",
                    "crackling|popping and hissing"),
            nature(
                    "water_drops",
                    new Bursts(7, 0.1, 0.6),
                    Nature::drop,
                    "a drop of water|a leaking tap|water",
                    "drips|plops into a basin",
                    "dripping|plopping into a basin"),
            nature(
                    "wind",
                    new Continuous(),
                    Nature::wind,
                    "wind|a gale|a gust of wind",
                    "blows|howls|whistles around the corner",
                    "blowing|howling|whistling around the corner"),
            nature(
                    "pouring_water",
                    new Continuous(),
                    Nature::pouring,
                    "water|a stream of water",
                    "is poured into a glass|fills a jug",
                    "being poured into a glass|filling a jug"),
            nature(
                    "thunderstorm",
                    new Continuous(),
                    Nature::thunder,
                    "thunder|a thunderstorm|a storm with lightning",
                    "rumbles|rolls|cracks",
                    "rumbling|rolling|cracking"));

    private Nature() {}

    private static SoundClass nature(
            String label, Pace pace, Voice voice, String subjects, String verbs, String participles) {
        return SoundClass.event(Origin.ESC50, label, pace, voice, subjects, verbs, participles);
    }

    /** A hiss of drops too many to tell apart, and single ones that hit something that rings. */
    static Supplier<Sound> rain(Kit kit, Draw draw, double fewest, double most) {
        double density = draw.log(fewest, most);
        double surface = draw.log(1200, 4500);
        double hiss = draw.log(600, 2500);
        double heaviness = draw.between(0.15, 0.6);
        return () -> kit.noise(kit.clip())
                .highpass(hiss)
                .lowpass(draw.log(3500, 9000))
                .gain(heaviness)
                .add(
                        kit.scatter(
                                kit.clip(),
                                density,
                                () -> kit.click(draw.log(0.001, 0.004), draw.about(surface, 0.5), 2)),
                        1);
    }

    private static Supplier<Sound> waves(Kit kit, Draw draw) {
        double swells = kit.clip() * draw.between(0.25, 0.7);
        double brightness = draw.log(700, 2600);
        double phase = draw.between(0, 1);
        double trough = draw.between(0.05, 0.35);
        return () -> kit.pink(kit.clip())
                .lowpass(u -> brightness * (0.35 + 0.65 * swell(u, swells, phase)), 0.7)
                .envelope(u -> trough + (1 - trough) * swell(u, swells, phase))
                .add(kit.rumble(kit.clip(), 120), draw.between(0.05, 0.3));
    }

    /** A wave that comes in slowly and falls back. */
    private static double swell(double u, double swells, double phase) {
        double sine = 0.5 + 0.5 * Curves.sine(u * swells + phase);
        return sine * sine;
    }

    private static Supplier<Sound> fire(Kit kit, Draw draw) {
        double crackles = draw.log(6, 50);
        double brightness = draw.log(1200, 4000);
        return () -> kit.rumble(kit.clip(), draw.log(80, 400))
                .unit()
                .gain(draw.between(0.02, 0.15))
                .add(kit.noise(kit.clip()).bandpass(brightness, 0.5).gain(draw.between(0.005, 0.05)), 1)
                .add(
                        kit.scatter(
                                kit.clip(),
                                crackles,
                                () -> kit.click(draw.log(0.0008, 0.008), draw.about(brightness, 0.6), 1.5)),
                        1.5);
    }

    private static Supplier<Sound> drop(Kit kit, Draw draw) {
        double pitch = draw.log(450, 1700);
        double rise = draw.between(1.2, 2.2);
        double length = draw.between(0.04, 0.12);
        double basin = draw.between(0.1, 0.45);
        return () -> {
            double from = draw.about(pitch, 0.15);
            return kit.silence(length + 0.3)
                    .add(kit.chirp(draw.about(length, 0.2), from, from * rise), 1)
                    .add(kit.click(0.002, 3 * from, 2), 0.4)
                    .reverb(0.6, basin);
        };
    }

    private static Supplier<Sound> wind(Kit kit, Draw draw) {
        double tone = draw.log(180, 900);
        double gusts = kit.clip() * draw.between(0.2, 1.2);
        double whistle = draw.between(0.7, 5);
        double depth = draw.between(0.15, 0.6);
        return () -> kit.pink(kit.clip())
                .bandpass(times(wobble(tone, depth, gusts), wobble(1, 0.1, 3.7 * gusts)), whistle)
                .envelope(wobble(0.6, 0.6, gusts))
                .add(kit.rumble(kit.clip(), 150), draw.between(0.02, 0.2));
    }

    /** Bubbles whose pitch climbs while the vessel fills. */
    static Supplier<Sound> pouring(Kit kit, Draw draw) {
        double vessel = draw.log(350, 1000);
        double filled = draw.between(1.3, 2.5);
        double density = draw.between(40, 130);
        double splash = draw.between(0.03, 0.25);
        var climb = line(vessel, vessel * filled);
        return () -> kit.scatter(kit.clip(), density, () -> {
                    double pitch = draw.about(vessel, 0.5) * draw.between(1, filled);
                    return kit.chirp(draw.between(0.012, 0.05), pitch, pitch * 1.25);
                })
                .add(kit.noise(kit.clip()).bandpass(climb, 3).unit(), 0.3)
                .add(kit.noise(kit.clip()).highpass(2000), splash)
                .fade(0.05, 0.1);
    }

    private static Supplier<Sound> thunder(Kit kit, Draw draw) {
        double darkness = draw.log(50, 220);
        double distance = draw.between(0, 1);
        double rainfall = draw.chance(0.6) ? draw.between(0.01, 0.12) : 0;
        return () -> {
            double at = draw.between(0, 0.4 * kit.clip());
            var storm = kit.rumble(kit.clip(), darkness)
                    .unit()
                    .envelope(through(0.1, 0.2, 1, 0.6, 0.8, 0.4, 0.5, 0.2))
                    .envelope(wobble(0.8, 0.4, kit.clip() * draw.between(2, 5)));
            var crack = kit.noise(0.5 * kit.clip())
                    .lowpass(through(6000, 1500, 400, 150), 0.7)
                    .decay(draw.between(0.1, 0.4));
            return storm.add(crack.unit(), at, 1.2 * (1 - distance))
                    .add(kit.noise(kit.clip()).highpass(1500), rainfall);
        };
    }

    /** Water that leaves in a rush: a burst of noise that darkens, then gurgles. */
    static Supplier<Sound> flush(Kit kit, Draw draw) {
        double brightness = draw.log(1500, 4500);
        double gurgle = draw.log(250, 600);
        return () -> kit.noise(kit.clip())
                .lowpass(through(600, brightness, brightness, 0.6 * brightness, 500), 0.8)
                .envelope(through(0.05, 1, 0.9, 0.7, 0.35, 0.15))
                .add(kit.rumble(kit.clip(), 150).unit().envelope(hump(0.3)), 0.3)
                .add(kit.scatter(kit.clip(), 20, () -> kit.chirp(0.06, draw.about(gurgle, 0.4), gurgle * 1.6)), 0.35)
                .add(kit.tone(kit.clip(), wobble(gurgle, 0.05, 5), 1).envelope(flat(0.02)), 1);
    }
}
