package org.jclap.clap.synth;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is to be heard in a clip.
 *
 * @param main the class that labels it
 * @param companions what is to be heard beside it
 * @param setting the circumstances
 */
public record Scenario(SoundClass main, List<SoundClass> companions, Setting setting) {
    /** All that is to be heard: labels and concepts of the main class and of its companions, sorted. */
    public Set<String> sources() {
        var sources = new TreeSet<>(main.concepts());
        sources.add(main.label());
        for (SoundClass companion : companions) {
            sources.addAll(companion.concepts());
            sources.add(companion.label());
        }
        return sources;
    }
}
