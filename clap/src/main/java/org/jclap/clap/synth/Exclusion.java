package org.jclap.clap.synth;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps a set of concepts out of a corpus: neither is a clip made of them, nor does a caption mention them.
 *
 * <p>A caption mentions a concept when it holds a word of the concept's label or of its source ("hound" for
 * {@code dog}), whatever the ending. This is stricter than needed ("a can" and "can" are one word); a clean set has to
 * err on that side.
 */
public final class Exclusion {
    /** Excludes nothing. */
    public static final Exclusion NONE = new Exclusion(Set.of());

    /** Words that say nothing about a source. */
    private static final Set<String> FUNCTION_WORDS = Set.of(
            "a", "an", "the", "of", "in", "on", "at", "with", "to", "and", "someone", "person", "man", "woman", "child",
            "old", "heavy", "small", "group", "visitor", "worker", "desk");

    private final Set<String> concepts;
    private final Set<String> stems;

    /** Excludes these concepts, for instance {@code Set.copyOf(SoundBank.labels(Origin.ESC50))}. */
    public Exclusion(Set<String> concepts) {
        this.concepts = Set.copyOf(concepts);
        this.stems = concepts.isEmpty() ? Set.of() : stems(concepts);
    }

    private static Set<String> stems(Set<String> concepts) {
        var stems = new HashSet<String>();
        for (String concept : concepts) {
            stems.addAll(words(concept));
        }
        for (SoundClass sound : SoundBank.classes()) {
            if (sound.concepts().stream().anyMatch(concepts::contains)) {
                sound.words().names().forEach(name -> stems.addAll(words(name)));
            }
        }
        return Set.copyOf(stems);
    }

    /** Whether a clip of this class alone, without companions, is free of the excluded concepts. */
    public boolean admits(SoundClass sound) {
        return !concepts.contains(sound.label()) && sound.concepts().stream().noneMatch(concepts::contains);
    }

    /** Whether the caption mentions none of the excluded concepts. */
    public boolean admits(String caption) {
        return stems.isEmpty() || words(caption).stream().noneMatch(stems::contains);
    }

    /** The classes that remain, with the descriptions that remain; a class that can no longer be described is out. */
    List<SoundClass> filter(List<SoundClass> classes) {
        return classes.stream()
                .filter(this::admits)
                .filter(sound -> {
                    var words = sound.words().filter(this::admits);
                    return !words.clauses().isEmpty() && !words.phrases().isEmpty();
                })
                .toList();
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z]+"))
                .filter(word -> !word.isEmpty() && !FUNCTION_WORDS.contains(word))
                .map(Exclusion::stem)
                .collect(Collectors.toSet());
    }

    /** Takes endings off, so that "sneezes" and "sneezing", "clap" and "clapping" meet. */
    private static String stem(String word) {
        String stem = word;
        for (String ending : List.of("ing", "es", "ed", "s", "e")) {
            if (stem.endsWith(ending) && stem.length() - ending.length() >= 3) {
                stem = stem.substring(0, stem.length() - ending.length());
                break;
            }
        }
        int last = stem.length() - 1;
        return last >= 3 && stem.charAt(last) == stem.charAt(last - 1) ? stem.substring(0, last) : stem;
    }
}
