package org.jclap.clap.synth;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The labels of the tagged sets in alphabetical order, each with a machine id in AudioSet's manner. */
final class Vocabulary {
    private final List<String> labels;

    Vocabulary(List<SoundClass> classes) {
        labels = classes.stream().map(SoundClass::label).distinct().sorted().toList();
    }

    /** The labels of a clip: its class and what accompanies it. */
    static List<String> labels(Scenario scenario) {
        return Stream.concat(Stream.of(scenario.main()), scenario.companions().stream())
                .map(SoundClass::label)
                .distinct()
                .toList();
    }

    List<String> mids(List<String> some) {
        return some.stream().map(label -> mid(labels.indexOf(label))).toList();
    }

    private static String mid(int index) {
        return "/s/%04d".formatted(index);
    }

    /** Index, label and machine id. */
    List<List<?>> rows() {
        return IntStream.range(0, labels.size())
                .<List<?>>mapToObj(i -> List.of(i, labels.get(i), mid(i)))
                .toList();
    }
}
