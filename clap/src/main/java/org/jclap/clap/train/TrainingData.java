package org.jclap.clap.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jclap.clap.audio.AudioFile;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.CaptionLayout;
import org.jclap.clap.data.CaptionedSet;
import org.jclap.clap.data.ClassificationLayout;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.data.DataFingerprint;
import org.jclap.clap.data.LabelledClip;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.data.Split;
import org.jclap.clap.train.TrainConfig.DataSection;
import org.jclap.clap.train.TrainConfig.Objective;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * The examples of a run. A source is a manifest, or a published set as {@code layout:folder}, such as {@code
 * clotho:/data/clotho}.
 *
 * @param classes class names of a tagging run, in the order of the outputs
 * @param fingerprints what was read, by source, for the record of the run
 */
record TrainingData(
        List<Example> train,
        List<Example> validation,
        List<Example> curated,
        List<String> classes,
        Map<String, String> fingerprints) {

    /** Reads and splits everything that a configuration names. */
    static TrainingData read(TrainConfig config) {
        return config.objective() == Objective.TAGGING ? tagging(config.data()) : pairs(config.data());
    }

    private static TrainingData pairs(DataSection data) {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        List<Example> annotated = readPairs(data.pairs(), fingerprints);
        List<Example> held = readPairs(data.validation(), fingerprints);
        List<Example> curated = readPairs(data.curated(), fingerprints);
        return split(data, annotated, held, curated, List.of(), fingerprints);
    }

    private static List<Example> readPairs(List<String> sources, Map<String, String> fingerprints) {
        List<Example> examples = new ArrayList<>();
        for (String source : sources) {
            Path path = Path.of(afterLayout(source));
            List<AudioItem> items;
            CaptionLayout layout = layout(CaptionLayout.values(), source);
            if (layout == null) {
                Manifest manifest = Manifest.read(path);
                items = manifest.items();
                fingerprints.put(source, DataFingerprint.of(manifest));
            } else {
                CaptionedSet set = layout.read(path);
                items = set.pairs();
                fingerprints.put(source, DataFingerprint.of(path, items));
            }
            items.forEach(item -> examples.add(Example.pair(item, path)));
        }
        return examples;
    }

    private static TrainingData tagging(DataSection data) {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        List<ClassificationSet> sets = readSets(data.pairs(), fingerprints);
        List<ClassificationSet> heldSets = readSets(data.validation(), fingerprints);
        Set<String> union = new LinkedHashSet<>();
        sets.forEach(set -> union.addAll(set.classes()));
        List<String> classes = List.copyOf(union);
        return split(data, labelled(sets, classes), labelled(heldSets, classes), List.of(), classes, fingerprints);
    }

    private static List<ClassificationSet> readSets(List<String> sources, Map<String, String> fingerprints) {
        List<ClassificationSet> sets = new ArrayList<>();
        for (String source : sources) {
            Path path = Path.of(afterLayout(source));
            ClassificationLayout layout = layout(ClassificationLayout.values(), source);
            ClassificationSet set = (layout == null ? ClassificationLayout.CSV : layout).read(path);
            fingerprints.put(source, DataFingerprint.of(path, set));
            sets.add(set);
        }
        return sets;
    }

    private static List<Example> labelled(List<ClassificationSet> sets, List<String> classes) {
        List<Example> examples = new ArrayList<>();
        for (ClassificationSet set : sets) {
            for (LabelledClip clip : set.clips()) {
                List<Integer> labels = clip.labels().stream()
                        .map(label -> classes.indexOf(set.classes().get(label)))
                        .toList();
                if (labels.contains(-1)) {
                    throw new UserException(
                            "%s: the label of '%s' is not among those of data.pairs".formatted(set.name(), clip.id()));
                }
                examples.add(new Example(clip.id(), clip.path(), "", labels));
            }
        }
        return examples;
    }

    private static TrainingData split(
            DataSection data,
            List<Example> annotated,
            List<Example> held,
            List<Example> curated,
            List<String> classes,
            Map<String, String> fingerprints) {
        double share = held.isEmpty() ? data.validationShare() : 0;
        Split<Example> split = Split.reference(annotated, share, Split.REFERENCE_SEED, data.subset());
        return new TrainingData(
                split.train(), held.isEmpty() ? split.validation() : held, curated, classes, fingerprints);
    }

    /** Every audio file, once. */
    Set<Path> files() {
        Set<Path> files = new LinkedHashSet<>();
        for (List<Example> part : List.of(train, validation, curated)) {
            part.forEach(example -> files.add(example.audio()));
        }
        return files;
    }

    /** These data without the audio whose header cannot be read, which is noted in {@code bad}. */
    TrainingData readable(BadAudio bad) {
        for (Path file : files()) {
            try {
                AudioFile.header(file);
            } catch (UserException e) {
                bad.add(file, String.valueOf(e.getMessage()));
            }
        }
        Set<Path> unreadable = bad.reasons().keySet();
        return new TrainingData(
                without(train, unreadable),
                without(validation, unreadable),
                without(curated, unreadable),
                classes,
                fingerprints);
    }

    private static List<Example> without(List<Example> examples, Set<Path> unreadable) {
        return examples.stream()
                .filter(example -> !unreadable.contains(example.audio()))
                .toList();
    }

    private static <E extends Enum<E>> @Nullable E layout(E[] layouts, String source) {
        return Arrays.stream(layouts)
                .filter(l -> source.startsWith(l.name().toLowerCase(Locale.ROOT) + ":"))
                .findFirst()
                .orElse(null);
    }

    private static String afterLayout(String source) {
        boolean named =
                layout(CaptionLayout.values(), source) != null || layout(ClassificationLayout.values(), source) != null;
        return named ? source.substring(source.indexOf(':') + 1) : source;
    }

    /** Every text of the training part, for a vocabulary: captions, or the class names where there are none. */
    List<String> captions() {
        return Stream.concat(Stream.concat(train.stream(), curated.stream()).map(Example::caption), classes.stream())
                .distinct()
                .toList();
    }
}
