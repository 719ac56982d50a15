package org.jclap.clap.synth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jclap.clap.synth.SoundClass.Origin;

/**
 * The caption grammar: what is heard in other words than the label's, with some of the true circumstances of the
 * clip, such as "a hound barks twice in the distance while rain patters on the ground".
 */
final class Captions {
    private static final List<String> TIMES = List.of("once", "twice", "three times", "four times");

    private final Exclusion exclusion;

    Captions(Exclusion exclusion) {
        this.exclusion = exclusion;
    }

    /** {@code count} captions of one scenario, different ones as far as that is possible. */
    List<String> describe(Scenario scenario, Draw draw, int count) {
        var captions = new ArrayList<String>();
        for (int attempt = 0; captions.size() < count; attempt++) {
            String caption = describe(scenario, draw);
            if (attempt > 10 * count || !captions.contains(caption)) {
                captions.add(caption);
            }
        }
        return List.copyOf(captions);
    }

    private String describe(Scenario scenario, Draw draw) {
        var words = scenario.main().words().filter(exclusion::admits);
        var caption = new StringBuilder();
        switch (draw.count(0, 9)) {
            case 0 ->
                caption.append(draw.chance(0.5) ? "this is a sound of " : "").append(name(scenario.main(), words));
            case 1 ->
                caption.append(draw.pick(
                                List.of("this is a sound of ", "the sound of ", "a recording of ", "we hear ")))
                        .append(draw.pick(words.phrases()));
            case 2, 3, 4 -> caption.append(draw.pick(words.phrases()));
            default -> caption.append(draw.pick(words.clauses()));
        }
        caption.append(attributes(scenario, draw));
        boolean first = true;
        for (SoundClass companion : scenario.companions()) {
            var other = companion.words().filter(exclusion::admits);
            caption.append(first ? draw.pick(List.of(" while ", " as ", " and ")) : " and ")
                    .append(draw.pick(other.clauses()));
            first = false;
        }
        if (draw.chance(0.3) && scenario.main().origin() != Origin.TUT17) {
            caption.append(background(scenario.setting(), draw));
        }
        return caption.toString();
    }

    /** The label itself, as people tag sounds. */
    private String name(SoundClass sound, Words words) {
        var label = sound.label().replaceAll("[_/]", " ");
        return exclusion.admits(label) ? label : words.phrases().getFirst();
    }

    /** At most two circumstances; a scene is its own place, and goes on by nature. */
    private static String attributes(Scenario scenario, Draw draw) {
        if (scenario.main().origin() == Origin.TUT17) {
            return "";
        }
        var setting = scenario.setting();
        return switch (draw.count(0, 5)) {
            case 0 -> loudness(setting, draw);
            case 1 -> repetition(setting, draw);
            case 2 -> place(setting, draw);
            case 3 -> loudness(setting, draw) + place(setting, draw);
            case 4 -> repetition(setting, draw) + place(setting, draw);
            default -> "";
        };
    }

    /** Capitalised and with a full stop, as annotators write. */
    static String sentence(String caption) {
        return caption.substring(0, 1).toUpperCase(Locale.ROOT) + caption.substring(1) + ".";
    }

    private static String loudness(Setting setting, Draw draw) {
        return switch (setting.level()) {
            case SOFT -> draw.pick(List.of(" softly", " quietly", " faintly"));
            case MEDIUM -> "";
            case LOUD -> draw.pick(List.of(" loudly", " with great force", " at full volume"));
        };
    }

    private static String repetition(Setting setting, Draw draw) {
        int occurrences = setting.occurrences();
        if (occurrences == 0) {
            return draw.pick(List.of("", "", " continuously", " all the time"));
        }
        return occurrences <= TIMES.size() && draw.chance(0.7)
                ? " " + TIMES.get(occurrences - 1)
                : occurrences == 1
                        ? " a single time"
                        : draw.pick(List.of(" repeatedly", " several times", " again and again"));
    }

    private static String place(Setting setting, Draw draw) {
        String room = switch (setting.room()) {
            case DRY -> "";
            case ROOM -> draw.pick(List.of(" indoors", " in a room", " in a small space"));
            case HALL -> draw.pick(List.of(" in a large hall", " with a long echo", " in an empty hall"));
        };
        return switch (setting.distance()) {
            case NEAR ->
                draw.chance(0.5) ? draw.pick(List.of(" close by", " nearby", " right at the microphone")) : room;
            case MIDDLE -> room;
            case FAR -> draw.pick(List.of(" in the distance", " far away", " from afar"));
        };
    }

    private static String background(Setting setting, Draw draw) {
        return switch (setting.background()) {
            case CLEAR -> draw.pick(List.of("", " against silence"));
            case HISS -> draw.pick(List.of(" over a steady hiss", " with static noise"));
            case AMBIENCE -> draw.pick(List.of(" with faint noise around", " over a soft murmur of noise"));
            case RUMBLE -> draw.pick(List.of(" above a deep rumble", " with low frequency noise"));
            case HUM -> draw.pick(List.of(" with a mains hum", " over an electric hum"));
        };
    }
}
