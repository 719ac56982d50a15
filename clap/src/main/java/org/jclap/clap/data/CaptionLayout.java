package org.jclap.clap.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jclap.clap.text.CaptionCleaner;
import org.jspecify.annotations.Nullable;

/**
 * How a captioned set lies on the disk. Captions are cleaned with {@link CaptionCleaner}; where a clip has several of
 * equal rank (Clotho, MACS) they are de-duplicated and sorted, one pair each, as in the published training.
 */
public enum CaptionLayout {
    /**
     * Clotho 2.1 (Drossos et al., 2020): {@code clotho_csv_files/}, {@code clotho_audio_files/SPLIT/} with the splits
     * development, validation, evaluation.
     */
    CLOTHO("development"),
    /** AudioCaps v1 (Kim et al., 2019): {@code csv_files/SPLIT.csv} and a folder of audio; train, val, test. */
    AUDIOCAPS("train"),
    /**
     * FSD50K (Fonseca et al., 2022) with the uploader's description, or the title where it is empty; tags are left out.
     * Splits dev, eval.
     */
    FSD50K("dev"),
    /** MACS (Martin-Morato and Mesaros, 2021): {@code MACS.yaml}, audio of TAU Urban Acoustic Scenes 2019. */
    MACS("all"),
    /** Pairs in a file that {@link Manifest#read} understands, one clip per row; no splits. */
    MANIFEST("all");

    /** Placeholders of Clotho's metadata for what Freesound did not tell. */
    private static final Set<String> UNKNOWN = Set.of("Not found", "NA");

    private final String trainingSplit;

    CaptionLayout(String trainingSplit) {
        this.trainingSplit = trainingSplit;
    }

    /** The layout of a name such as {@code clotho}. */
    public static CaptionLayout of(String name) {
        return LayoutName.find(values(), name);
    }

    /** The split that is meant for training. */
    public String trainingSplit() {
        return trainingSplit;
    }

    /** Reads the training split. */
    public CaptionedSet read(Path root) {
        return read(root, trainingSplit);
    }

    /**
     * Reads one split.
     *
     * @param root the folder of the set; the file for {@link #MANIFEST}
     * @throws UserException naming the file and, where it has rows, line and column
     */
    public CaptionedSet read(Path root, String split) {
        return switch (this) {
            case CLOTHO -> readClotho(root, split);
            case AUDIOCAPS -> readAudioCaps(root, split);
            case FSD50K -> FreesoundCaptions.read(root, split);
            case MACS -> MacsCaptions.read(root);
            case MANIFEST -> readManifest(root);
        };
    }

    private static CaptionedSet readClotho(Path root, String split) {
        var name = "clotho_captions_" + split + ".csv";
        var file = AudioFolder.find(root, "clotho_csv_files/" + name, name);
        var audio = AudioFolder.find(root, "clotho_audio_files/" + split, split);
        var recordings = clothoRecordings(file.resolveSibling("clotho_metadata_" + split + ".csv"));
        var clips = new CaptionedSet.Builder("Clotho " + split);
        Table.read(file, StandardCharsets.UTF_8, Table.COMMAS, List.of("file_name", "caption_1"), row -> {
            var fileName = row.text("file_name");
            var captions = IntStream.rangeClosed(1, 5)
                    .mapToObj(i -> row.optional("caption_" + i))
                    .filter(Objects::nonNull);
            clips.add(
                    "clotho/" + split + "/" + fileName,
                    AudioFolder.resolve(audio, fileName, row.place()),
                    distinct(captions),
                    recordings.get(fileName));
        });
        return clips.build(file);
    }

    /** Freesound ids by file name; the metadata is optional and, unlike the captions, not UTF-8. */
    private static Map<String, String> clothoRecordings(Path file) {
        var recordings = new HashMap<String, String>();
        if (Files.exists(file)) {
            Table.read(file, StandardCharsets.ISO_8859_1, Table.COMMAS, List.of("file_name", "sound_id"), row -> {
                var id = row.optional("sound_id");
                if (id != null && !UNKNOWN.contains(id.strip())) {
                    recordings.put(row.text("file_name"), "freesound:" + id.strip());
                }
            });
        }
        return recordings;
    }

    private record Excerpt(String id, @Nullable Path path, String youtubeId, List<String> captions) {}

    /** The rows of one excerpt (five outside the training split) become one clip, in the order of the file. */
    private static CaptionedSet readAudioCaps(Path root, String split) {
        var name = split + ".csv";
        var file = AudioFolder.find(root, "csv_files/" + name, "csv_files_v1/" + name, "dataset/" + name, name);
        var audio =
                AudioFolder.byStem(AudioFolder.find(root, "audio/" + split, "audio", split, "audio_32000Hz/" + split));
        var excerpts = new LinkedHashMap<String, Excerpt>();
        Table.read(
                file,
                StandardCharsets.UTF_8,
                Table.COMMAS,
                List.of("audiocap_id", "youtube_id", "start_time", "caption"),
                row -> {
                    var youtubeId = row.text("youtube_id");
                    var key = youtubeId + "_" + row.text("start_time");
                    var path = Stream.of(key, "Y" + youtubeId, youtubeId, row.text("audiocap_id"))
                            .map(audio::get)
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElse(null);
                    excerpts.computeIfAbsent(
                                    key,
                                    _ -> new Excerpt(
                                            "audiocaps/" + split + "/" + key, path, youtubeId, new ArrayList<>()))
                            .captions
                            .add(CaptionCleaner.clean(row.text("caption")));
                });
        var clips = new CaptionedSet.Builder("AudioCaps " + split);
        excerpts.values()
                .forEach(excerpt ->
                        clips.add(excerpt.id, excerpt.path, excerpt.captions, "youtube:" + excerpt.youtubeId));
        return clips.build(file);
    }

    private static CaptionedSet readManifest(Path file) {
        var clips = new CaptionedSet.Builder(AudioFolder.stem(file));
        var manifest = Manifest.read(file);
        var captions = manifest.captions();
        for (var i = 0; i < captions.size(); i++) {
            var item = manifest.items().get(i);
            clips.add(item.id(), item.wavPath(), List.of(CaptionCleaner.clean(captions.get(i))), null);
        }
        return clips.build(file);
    }

    /** Cleaned captions without repetitions, in the order of their code points. */
    static List<String> distinct(Stream<String> captions) {
        return captions.map(CaptionCleaner::clean)
                .distinct()
                .sorted((a, b) ->
                        Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray()))
                .toList();
    }
}
