package org.jclap.clap.synth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * How a class is described: {@code clauses} with a finite verb ("a dog barks") and {@code phrases} without ("a dog
 * barking"); {@code names} are the words for the source itself, by which a caption mentions the class.
 */
record Words(List<String> clauses, List<String> phrases, List<String> names) {
    /** All combinations of alternatives, which are separated by {@code |}. */
    static Words of(String subjects, String verbs, String participles) {
        return new Words(combine(subjects, verbs), combine(subjects, participles), split(subjects));
    }

    /** Whole clauses and phrases, separated by {@code |}. */
    static Words scene(String clauses, String phrases) {
        return new Words(split(clauses), split(phrases), List.of());
    }

    /** Without what {@code admitted} refuses; the lists may become empty. */
    Words filter(Predicate<String> admitted) {
        return new Words(
                clauses.stream().filter(admitted).toList(),
                phrases.stream().filter(admitted).toList(),
                names);
    }

    private static List<String> split(String alternatives) {
        return Arrays.asList(alternatives.split("\\|", -1));
    }

    private static List<String> combine(String subjects, String predicates) {
        var all = new ArrayList<String>();
        for (String subject : split(subjects)) {
            for (String predicate : split(predicates)) {
                all.add(subject + " " + predicate);
            }
        }
        return all;
    }
}
