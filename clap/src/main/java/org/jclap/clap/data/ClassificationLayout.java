package org.jclap.clap.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.jspecify.annotations.Nullable;

/** How a classification set lies on the disk: the published layouts, and a CSV for everything else. */
public enum ClassificationLayout {
    /** ESC-50 (Piczak, 2015): {@code meta/esc50.csv}, {@code audio/}; classes by target, folds 1-5. */
    ESC50,
    /** UrbanSound8K (Salamon et al., 2014): {@code metadata/UrbanSound8K.csv}, {@code audio/fold1..10/}; by classID. */
    US8K,
    /**
     * TUT Acoustic Scenes 2017 (Mesaros et al., 2017): the folder that holds the development and the evaluation set,
     * which are joined; classes in alphabetical order.
     */
    TUT17,
    /** FSD50K (Fonseca et al., 2022), multi-label: classes as in {@code vocabulary.csv}; folds train, val, eval. */
    FSD50K,
    /**
     * AudioSet (Gemmeke et al., 2017), multi-label: the balanced training and the evaluation segments beside {@code
     * class_labels_indices.csv}, excerpts named by their YouTube id below {@code audio/}; folds balanced_train, eval.
     * The unbalanced segments serve as unlabelled audio and are read as a plain folder.
     */
    AUDIOSET,
    /**
     * A file {@code ID,wav_path,class_name[,class_idx][,fold][,recording]}: classes by {@code class_idx}, else in
     * alphabetical order.
     */
    CSV;

    /** Comment lines, a space after each comma, and the quoted mids in the last column. */
    private static final CSVFormat AUDIOSET_SEGMENTS = Table.COMMAS
            .builder()
            .setCommentMarker('#')
            .setIgnoreSurroundingSpaces(true)
            .get();

    private static final String TUT_FOLDER = "TUT-acoustic-scenes-2017-";

    /** The layout of a name such as {@code esc50}. */
    public static ClassificationLayout of(String name) {
        return LayoutName.find(values(), name);
    }

    /**
     * Reads a set.
     *
     * @param root the folder of the set or the one above it; the file for {@link #CSV}
     * @throws UserException naming file, line and column
     */
    public ClassificationSet read(Path root) {
        return switch (this) {
            case ESC50 -> readEsc50(root);
            case US8K -> readUrbanSound(root);
            case TUT17 -> readTut17(root);
            case FSD50K -> readFsd50k(root);
            case AUDIOSET -> readAudioSet(root);
            case CSV -> readCsv(root);
        };
    }

    private static ClassificationSet readEsc50(Path root) {
        var file = AudioFolder.find(root, "meta/esc50.csv", "ESC-50-master/meta/esc50.csv", "ESC-50/meta/esc50.csv");
        var audio = file.resolveSibling("../audio").normalize();
        var clips = new ClassificationSet.Builder();
        var classes = new TreeMap<Integer, String>();
        read(file, List.of("filename", "fold", "target", "category", "src_file"), row -> {
            var path = AudioFolder.resolve(audio, row.text("filename"), row.place());
            var label = label(row, "target", "category", classes);
            var recording = "freesound:" + row.text("src_file").strip();
            clips.add(row, AudioFolder.stem(path), path, Set.of(label), row.text("fold"), recording);
        });
        return clips.build("ESC-50", file, classes.values());
    }

    private static ClassificationSet readUrbanSound(Path root) {
        var file = AudioFolder.find(root, "metadata/UrbanSound8K.csv", "UrbanSound8K/metadata/UrbanSound8K.csv");
        var audio = file.resolveSibling("../audio").normalize();
        var clips = new ClassificationSet.Builder();
        var classes = new TreeMap<Integer, String>();
        read(file, List.of("slice_file_name", "fsID", "fold", "classID", "class"), row -> {
            var fold = row.text("fold").strip();
            var path = AudioFolder.resolve(audio, "fold" + fold + "/" + row.text("slice_file_name"), row.place());
            var label = label(row, "classID", "class", classes);
            var recording = "freesound:" + row.text("fsID").strip();
            clips.add(row, AudioFolder.stem(path), path, Set.of(label), fold, recording);
        });
        return clips.build("UrbanSound8K", file, classes.values());
    }

    /** The label of a row whose index is written beside it; both must agree over the whole file. */
    private static String label(Table.Row row, String indexColumn, String nameColumn, Map<Integer, String> classes) {
        var index = row.index(indexColumn);
        var name = row.text(nameColumn).strip();
        var earlier = classes.putIfAbsent(index, name);
        if (earlier != null && !earlier.equals(name)) {
            throw row.error("%s %d is called \"%s\", but \"%s\" in an earlier line"
                    .formatted(indexColumn, index, name, earlier));
        }
        return name;
    }

    private static ClassificationSet readTut17(Path root) {
        var clips = new ClassificationSet.Builder();
        var classes = new TreeSet<String>();
        var development = TUT_FOLDER + "development/meta.txt";
        var evaluation = TUT_FOLDER + "evaluation/meta.txt";
        AudioFolder.find(root, development, evaluation);
        readPart(root.resolve(development), clips, file -> readTutMeta(file, "development", clips, classes));
        readPart(root.resolve(evaluation), clips, file -> readTutMeta(file, "evaluation", clips, classes));
        return clips.build("TUT Acoustic Scenes 2017", root, classes);
    }

    /** Two or three columns: path, scene and, where it is known, the recording. */
    private static void readTutMeta(Path file, String part, ClassificationSet.Builder clips, Set<String> classes) {
        Table.forEach(file, StandardCharsets.UTF_8, Table.TABS, row -> {
            var path = AudioFolder.resolve(AudioFolder.folderOf(file), row.text(0), row.place());
            var label = row.text(1).strip();
            var recording = row.cell(2);
            classes.add(label);
            clips.add(
                    row,
                    part + "/" + AudioFolder.stem(path),
                    path,
                    Set.of(label),
                    part,
                    recording == null ? null : "tut2017:" + recording.strip());
        });
    }

    private static ClassificationSet readFsd50k(Path root) {
        var vocabulary = AudioFolder.find(
                root, "FSD50K.ground_truth/vocabulary.csv", "FSD50K/FSD50K.ground_truth/vocabulary.csv");
        var base = vocabulary.resolveSibling("..").normalize();
        var classes = new ArrayList<String>();
        Table.forEach(vocabulary, StandardCharsets.UTF_8, Table.COMMAS, row -> classes.add(row.text(1)));
        var clips = new ClassificationSet.Builder();
        for (var part : List.of("dev", "eval")) {
            var audio = base.resolve("FSD50K." + part + "_audio");
            readPart(
                    vocabulary.resolveSibling(part + ".csv"),
                    clips,
                    file -> read(file, List.of("fname", "labels"), row -> {
                        var name = row.text("fname").strip();
                        var path = AudioFolder.resolve(audio, name + ".wav", row.place());
                        var labels =
                                new LinkedHashSet<>(List.of(row.text("labels").split(",", -1)));
                        clips.add(row, name, path, labels, orElse(row.optional("split"), part), "freesound:" + name);
                    }));
        }
        return clips.build("FSD50K", vocabulary, classes);
    }

    /** Reads one file of a set, or notes that this part of the set is absent. */
    private static void readPart(Path file, ClassificationSet.Builder clips, Consumer<Path> reading) {
        if (Files.exists(file)) {
            reading.accept(file);
        } else {
            clips.addMissing("there is no " + file + ": that part of the set is left out");
        }
    }

    private static ClassificationSet readAudioSet(Path root) {
        var vocabulary = AudioFolder.find(root, "class_labels_indices.csv");
        var names = new LinkedHashMap<String, String>();
        read(vocabulary, List.of("index", "mid", "display_name"), row -> {
            if (names.putIfAbsent(row.text("mid"), row.text("display_name")) != null) {
                throw row.error("the mid " + row.text("mid") + " is listed twice");
            }
        });
        var audio = AudioFolder.byStem(AudioFolder.find(root, "audio"));
        var clips = new ClassificationSet.Builder();
        for (var fold : List.of("balanced_train", "eval")) {
            readPart(
                    root.resolve(fold + "_segments.csv"),
                    clips,
                    file -> Table.forEach(file, StandardCharsets.UTF_8, AUDIOSET_SEGMENTS, row -> {
                        var id = row.text(0);
                        var expected = AudioFolder.resolve(root, "audio/" + id + ".wav", row.place());
                        var path = audio.getOrDefault("Y" + id, audio.getOrDefault(id, expected));
                        clips.add(row, id, path, mids(row, names), fold, "youtube:" + id);
                    }));
        }
        return clips.build("AudioSet", root, names.values());
    }

    private static Set<String> mids(Table.Row row, Map<String, String> names) {
        var labels = new LinkedHashSet<String>();
        for (var mid : row.text(3).split(",", -1)) {
            var name = names.get(mid.strip());
            if (name == null) {
                throw row.error("the mid \"" + mid + "\" is not in class_labels_indices.csv");
            }
            labels.add(name);
        }
        return labels;
    }

    private static ClassificationSet readCsv(Path file) {
        var clips = new ClassificationSet.Builder();
        var indexed = new TreeMap<Integer, String>();
        var sorted = new TreeSet<String>();
        read(file, List.of("ID", "wav_path", "class_name"), row -> {
            var path = AudioFolder.resolve(AudioFolder.folderOf(file), row.text("wav_path"), row.place());
            var label = row.has("class_idx")
                    ? label(row, "class_idx", "class_name", indexed)
                    : row.text("class_name").strip();
            sorted.add(label);
            var fold = orElse(row.optional("fold"), "all");
            clips.add(row, row.text("ID"), path, Set.of(label), fold, row.optional("recording"));
        });
        return clips.build(AudioFolder.stem(file), file, indexed.isEmpty() ? sorted : indexed.values());
    }

    private static String orElse(@Nullable String value, String otherwise) {
        return value == null ? otherwise : value;
    }

    private static void read(Path file, List<String> required, Consumer<Table.Row> action) {
        Table.read(file, StandardCharsets.UTF_8, Table.COMMAS, required, action);
    }
}
