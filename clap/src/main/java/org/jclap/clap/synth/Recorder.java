package org.jclap.clap.synth;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jclap.clap.synth.Pace.Bursts;
import org.jclap.clap.synth.Pace.Continuous;
import org.jclap.clap.synth.Pace.Steady;
import org.jclap.clap.synth.Setting.Background;
import org.jclap.clap.synth.Setting.Distance;
import org.jclap.clap.synth.Setting.Level;
import org.jclap.clap.synth.Setting.Room;
import org.jclap.clap.synth.SoundClass.Origin;
import org.jclap.tensor.UserException;

/** Puts sounds of a class on the time line of a clip, in a drawn setting. */
final class Recorder {
    private static final double RECORDER_NOISE_DB = 45;

    /** Draws are uniform over these lists; what is listed twice is twice as common. */
    private static final List<Level> LEVELS = List.of(Level.SOFT, Level.MEDIUM, Level.MEDIUM, Level.LOUD);

    private static final List<Distance> DISTANCES =
            List.of(Distance.NEAR, Distance.NEAR, Distance.MIDDLE, Distance.MIDDLE, Distance.FAR);
    private static final List<Room> ROOMS = List.of(Room.DRY, Room.DRY, Room.DRY, Room.ROOM, Room.HALL);
    private static final List<Background> BACKGROUNDS = List.of(
            Background.CLEAR,
            Background.CLEAR,
            Background.CLEAR,
            Background.CLEAR,
            Background.HISS,
            Background.AMBIENCE,
            Background.RUMBLE,
            Background.HUM);

    private final int sampleRate;
    private final double seconds;
    private final List<SoundClass> admitted;

    /**
     * @param exclusion companions are drawn from what it admits
     * @throws UserException when the rate or the length is out of range
     */
    Recorder(int sampleRate, double seconds, Exclusion exclusion) {
        if (sampleRate < 8000 || sampleRate > 192_000) {
            throw new UserException("sample rate " + sampleRate + " Hz: 8000 to 192000 can be synthesized");
        }
        if (!(seconds >= 0.5 && seconds <= 600)) {
            throw new UserException("clip length " + seconds + " s: 0.5 to 600 can be synthesized");
        }
        this.sampleRate = sampleRate;
        this.seconds = seconds;
        this.admitted = exclusion.filter(SoundBank.classes()).stream()
                .filter(c -> c.origin() != Origin.TUT17)
                .toList();
    }

    private record Track(Sound sound, int occurrences) {}

    /** A clip of {@code main}; with the probability {@code company} another sound accompanies an event. */
    Clip record(SoundClass main, Draw draw, double company) {
        var kit = new Kit(draw, sampleRate, seconds);
        var track = perform(main, kit, draw);
        var setting = setting(main, track.occurrences(), draw);
        var companions = company(main, draw, company);
        var sound = place(track.sound(), setting, draw).unit();
        for (SoundClass companion : companions) {
            sound.add(perform(companion, kit, draw).sound().unit(), decibels(draw.between(-12, -4)));
        }
        sound.unit().add(noise(setting.background(), kit, draw).unit(), decibels(-setting.snr()));
        double peak = switch (setting.level()) {
            case SOFT -> draw.between(0.1, 0.2);
            case MEDIUM -> draw.between(0.3, 0.6);
            case LOUD -> draw.between(0.75, 0.98);
        };
        sound.gain(peak / sound.peak());
        return new Clip(sound.samples(), sampleRate, new Scenario(main, companions, setting));
    }

    /** What a clip might have been like: for captions without audio. */
    Scenario imagine(SoundClass main, Draw draw, double company) {
        int occurrences = switch (main.pace()) {
            case Continuous() -> 0;
            case Bursts bursts -> draw.count(1, bursts.most());
            case Steady _ -> draw.count(1, 8);
        };
        return new Scenario(main, company(main, draw, company), setting(main, occurrences, draw));
    }

    /** A scene is its own surroundings: it gets no room, no distance and little noise. */
    private static Setting setting(SoundClass main, int occurrences, Draw draw) {
        var level = draw.pick(LEVELS);
        var background = draw.pick(BACKGROUNDS);
        boolean scene = main.origin() == Origin.TUT17;
        double snr = background == Background.CLEAR ? RECORDER_NOISE_DB : draw.between(scene ? 15 : 0, 25);
        return scene
                ? new Setting(level, Distance.MIDDLE, Room.DRY, background, snr, occurrences)
                : new Setting(level, draw.pick(DISTANCES), draw.pick(ROOMS), background, snr, occurrences);
    }

    private static double decibels(double db) {
        return StrictMath.pow(10, db / 20);
    }

    /** Scenes have their own companions, up to two; events have at most one, of any class. */
    private List<SoundClass> company(SoundClass main, Draw draw, double probability) {
        var companions = new ArrayList<SoundClass>();
        if (main.origin() == Origin.TUT17) {
            for (int i = draw.count(0, 2); i > 0 && !main.companions().isEmpty(); i--) {
                var companion = SoundBank.find(draw.pick(main.companions()));
                if (admitted.contains(companion) && !companions.contains(companion)) {
                    companions.add(companion);
                }
            }
        } else if (draw.chance(probability)) {
            var companion = draw.pick(admitted);
            if (companion.concepts().stream().noneMatch(main.concepts()::contains)) {
                companions.add(companion);
            }
        }
        return List.copyOf(companions);
    }

    private Track perform(SoundClass sound, Kit kit, Draw draw) {
        var occurrence = sound.voice().individual(kit, draw);
        return switch (sound.pace()) {
            case Continuous() -> new Track(occurrence.get(), 0);
            case Bursts bursts -> burst(bursts, occurrence, kit, draw);
            case Steady steady -> repeat(steady, occurrence, kit, draw);
        };
    }

    private Track burst(Bursts pace, Supplier<Sound> occurrence, Kit kit, Draw draw) {
        var track = kit.silence(seconds);
        int wanted = draw.count(1, pace.most());
        var first = occurrence.get();
        double at = draw.between(0, Math.max(0.02, Math.min(0.6 * seconds, seconds - first.seconds())));
        track.add(first, at, 1);
        int done = 1;
        double end = at + first.seconds();
        for (; done < wanted; done++) {
            var next = occurrence.get();
            at = end + draw.between(pace.shortestGap(), pace.longestGap());
            end = at + next.seconds();
            if (end > seconds) {
                break;
            }
            track.add(next, at, draw.between(0.6, 1));
        }
        return new Track(track, done);
    }

    private Track repeat(Steady pace, Supplier<Sound> occurrence, Kit kit, Draw draw) {
        var track = kit.silence(seconds);
        double period = draw.log(pace.shortestPeriod(), pace.longestPeriod());
        int done = 0;
        for (double at = draw.between(0, Math.min(period, 0.5 * seconds));
                at < seconds;
                at += draw.about(period, 0.06)) {
            track.add(occurrence.get(), at, draw.between(0.75, 1));
            done++;
        }
        return new Track(track, done);
    }

    private static Sound place(Sound sound, Setting setting, Draw draw) {
        switch (setting.room()) {
            case DRY -> {}
            case ROOM -> sound.reverb(draw.between(0.25, 0.6), draw.between(0.1, 0.3));
            case HALL -> sound.reverb(draw.between(1.5, 3.5), draw.between(0.25, 0.5));
        }
        return switch (setting.distance()) {
            case NEAR, MIDDLE -> sound;
            case FAR -> sound.lowpass(draw.log(2000, 6000)).reverb(draw.between(0.8, 1.6), draw.between(0.1, 0.35));
        };
    }

    private static Sound noise(Background background, Kit kit, Draw draw) {
        return switch (background) {
            case CLEAR -> kit.pink(kit.clip());
            case HISS -> kit.noise(kit.clip());
            case AMBIENCE -> kit.pink(kit.clip()).lowpass(draw.log(600, 4000));
            case RUMBLE -> kit.rumble(kit.clip(), draw.log(40, 150));
            case HUM ->
                kit.tone(kit.clip(), Curves.flat(draw.pick(List.of(50.0, 60.0))), 1, 0.5, 0.7, 0.2, 0.3, 0.1)
                        .unit()
                        .add(kit.pink(kit.clip()).unit(), 0.15);
        };
    }
}
