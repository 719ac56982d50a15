package org.jclap.clap.synth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.synth.SoundClass.Origin;

/** The captioned and tagged sets for training, and the pools of unpaired audio and text. */
final class CaptionedSets {
    /** Share of events with a second sound beside them. */
    private static final double COMPANY = 0.35;

    private static final int FIRST_CLOTHO_RECORDING = 20_000_000;
    private static final int FIRST_FSD50K_RECORDING = 30_000_000;
    private static final int ANNOTATORS = 20;

    private final Workshop shop;
    private final Recorder recorder;
    private final Captions captions;
    private final List<SoundClass> classes;
    private final Vocabulary vocabulary;

    CaptionedSets(Workshop shop) {
        var plan = shop.plan();
        var exclusion = plan.excluded().isEmpty() ? Exclusion.NONE : new Exclusion(plan.excluded());
        this.shop = shop;
        this.recorder = new Recorder(plan.sampleRate(), plan.seconds(), exclusion);
        this.captions = new Captions(exclusion);
        this.classes = exclusion.filter(SoundBank.classes());
        this.vocabulary = new Vocabulary(classes);
    }

    void write() {
        clotho(shop.plan().size(CorpusPart.CLOTHO));
        audioCaps(shop.plan().size(CorpusPart.AUDIOCAPS));
        fsd50k(shop.plan().size(CorpusPart.FSD50K));
        macs(shop.plan().size(CorpusPart.MACS));
        audioSet(shop.plan().size(CorpusPart.AUDIOSET));
        unpairedAudio(shop.plan().size(CorpusPart.UNPAIRED_AUDIO));
        unpairedCaptions(shop.plan().size(CorpusPart.UNPAIRED_CAPTIONS));
    }

    /** One item of a part: which split it is in, and what is heard. */
    private record Item(int index, String split, Clip clip, Draw draw) {
        Scenario scenario() {
            return clip.scenario();
        }
    }

    private interface Writer {
        List<?> write(Item item);
    }

    /**
     * Makes the clips of a part and lets {@code writer} turn each into the row of a table.
     *
     * @param splits of which the second and the third get a share of {@code held} each, but at least one clip
     * @return rows by split
     */
    private Map<String, List<List<?>>> make(
            CorpusPart part, int size, List<SoundClass> from, List<String> splits, double held, Writer writer) {
        var order = shop.shuffled(part, from);
        int share = Math.max(1, (int) (size * held));
        int training = Math.max(0, size - share * (splits.size() - 1));
        List<List<?>> rows = shop.each(size, i -> {
            var draw = shop.draw(part, i);
            int split = i < training ? 0 : 1 + Math.min((i - training) / share, splits.size() - 2);
            var clip = recorder.record(order.get(i % order.size()), draw, COMPANY);
            return writer.write(new Item(i, splits.get(split), clip, draw));
        });
        var bySplit = new LinkedHashMap<String, List<List<?>>>();
        for (int s = 0; s < splits.size(); s++) {
            int from0 = s == 0 ? 0 : Math.min(size, training + (s - 1) * share);
            int to = Math.min(size, training + s * share);
            bySplit.put(splits.get(s), rows.subList(from0, to));
        }
        return bySplit;
    }

    private List<String> sentences(Item item, int count) {
        return captions.describe(item.scenario(), item.draw(), count).stream()
                .map(Captions::sentence)
                .toList();
    }

    private void clotho(int size) {
        if (size == 0) {
            return;
        }
        var rows = make(
                CorpusPart.CLOTHO, size, classes, List.of("development", "validation", "evaluation"), 0.15, item -> {
                    var name = "clotho_%05d.wav".formatted(item.index());
                    shop.save("CLOTHO_v2.1/clotho_audio_files/" + item.split() + "/" + name, item.clip());
                    var row = new ArrayList<Object>(List.of(name));
                    row.addAll(sentences(item, 5));
                    row.add(String.join(";", item.scenario().sources()));
                    row.add(FIRST_CLOTHO_RECORDING + item.index());
                    row.add("[0, " + item.clip().samples().length + "]");
                    return row;
                });
        rows.forEach((split, all) -> {
            shop.csv(
                    "CLOTHO_v2.1/clotho_csv_files/clotho_captions_" + split + ".csv",
                    List.of("file_name", "caption_1", "caption_2", "caption_3", "caption_4", "caption_5"),
                    all.stream().map(row -> row.subList(0, 6)).toList());
            var metadata = new ArrayList<List<?>>();
            metadata.add(List.of(
                    "file_name", "keywords", "sound_id", "sound_link", "start_end_samples", "manufacturer", "license"));
            for (List<?> row : all) {
                metadata.add(List.of(row.get(0), row.get(6), row.get(7), "Not found", row.get(8), "NA", "NA"));
            }
            shop.table(
                    "CLOTHO_v2.1/clotho_csv_files/clotho_metadata_" + split + ".csv",
                    Workshop.COMMAS,
                    ISO_8859_1,
                    metadata);
        });
    }

    private void audioCaps(int size) {
        if (size == 0) {
            return;
        }
        var rows = make(CorpusPart.AUDIOCAPS, size, classes, List.of("train", "val", "test"), 0.1, item -> {
            var youtubeId = "synAC%06d".formatted(item.index());
            shop.save("AUDIOCAPS/audio/" + item.split() + "/" + youtubeId + "_0.wav", item.clip());
            var told =
                    captions.describe(item.scenario(), item.draw(), item.split().equals("train") ? 1 : 5);
            return Stream.concat(Stream.of(youtubeId), told.stream()).toList();
        });
        rows.forEach((split, all) -> {
            var table = new ArrayList<List<?>>();
            for (List<?> row : all) {
                for (Object caption : row.subList(1, row.size())) {
                    table.add(List.of(table.size() + 1, row.getFirst(), 0, caption));
                }
            }
            shop.csv(
                    "AUDIOCAPS/csv_files/" + split + ".csv",
                    List.of("audiocap_id", "youtube_id", "start_time", "caption"),
                    table);
        });
    }

    private void fsd50k(int size) {
        if (size == 0) {
            return;
        }
        var rows = make(CorpusPart.FSD50K, size, classes, List.of("train", "val", "eval"), 0.15, item -> {
            var name = Integer.toString(FIRST_FSD50K_RECORDING + item.index());
            var part = item.split().equals("eval") ? "eval" : "dev";
            shop.save("FSD50K/FSD50K." + part + "_audio/" + name + ".wav", item.clip());
            var labels = Vocabulary.labels(item.scenario());
            var told = captions.describe(item.scenario(), item.draw(), 2);
            return List.of(
                    name,
                    String.join(",", labels),
                    String.join(",", vocabulary.mids(labels)),
                    item.split(),
                    told.getFirst(),
                    Captions.sentence(told.getLast()));
        });
        var development = new ArrayList<List<?>>();
        var evaluation = new ArrayList<List<?>>();
        rows.forEach((split, all) -> (split.equals("eval") ? evaluation : development).addAll(all));
        shop.csv(
                "FSD50K/FSD50K.ground_truth/dev.csv",
                List.of("fname", "labels", "mids", "split"),
                development.stream().map(row -> row.subList(0, 4)).toList());
        shop.csv(
                "FSD50K/FSD50K.ground_truth/eval.csv",
                List.of("fname", "labels", "mids"),
                evaluation.stream().map(row -> row.subList(0, 3)).toList());
        shop.table("FSD50K/FSD50K.ground_truth/vocabulary.csv", Workshop.COMMAS, ISO_8859_1, vocabulary.rows());
        shop.tree("FSD50K/FSD50K.metadata/dev_clips_info_FSD50K.json", new ObjectMapper(), clipsInfo(development));
        shop.tree("FSD50K/FSD50K.metadata/eval_clips_info_FSD50K.json", new ObjectMapper(), clipsInfo(evaluation));
    }

    private static Map<String, Object> clipsInfo(List<List<?>> rows) {
        var info = new LinkedHashMap<String, Object>();
        for (List<?> row : rows) {
            var clip = new LinkedHashMap<String, Object>();
            clip.put("title", row.get(4));
            clip.put("description", row.get(5));
            clip.put("tags", List.of(row.get(1).toString().split(",")));
            clip.put("license", "NA");
            clip.put("uploader", "synthesized");
            info.put(row.get(0).toString(), clip);
        }
        return info;
    }

    /** Scenes only; several annotators describe each. */
    private void macs(int size) {
        var scenes = classes.stream().filter(c -> c.origin() == Origin.TUT17).toList();
        if (size == 0) {
            return;
        }
        var order = shop.shuffled(CorpusPart.MACS, scenes);
        var files = shop.each(size, i -> {
            var draw = shop.draw(CorpusPart.MACS, i);
            var clip = recorder.record(order.get(i % order.size()), draw, COMPANY);
            var scene = clip.scenario().main().label().replace('/', '_');
            var name = "%s-synth-%d-%d-a.wav".formatted(scene, i, i);
            shop.saveBinaural("MACS/audio/" + name, clip, SampleFormat.PCM_16, draw);
            var annotations = new ArrayList<Map<String, Object>>();
            for (String caption : captions.describe(clip.scenario(), draw, draw.count(2, 5))) {
                var annotation = new LinkedHashMap<String, Object>();
                annotation.put("annotator_id", draw.count(1, ANNOTATORS));
                annotation.put("sentence", caption);
                annotation.put("tags", List.copyOf(clip.scenario().sources()));
                annotations.add(annotation);
            }
            var file = new LinkedHashMap<String, Object>();
            file.put("filename", name);
            file.put("annotations", annotations);
            return file;
        });
        shop.tree("MACS/MACS.yaml", new YAMLMapper(), Map.of("files", files));
        var competence = new ArrayList<List<?>>(List.of(List.of("annotator_id", "competence")));
        for (int annotator = 1; annotator <= ANNOTATORS; annotator++) {
            competence.add(List.of(annotator, 1.0));
        }
        shop.table("MACS/MACS_competence.csv", Workshop.TABS, ISO_8859_1, competence);
    }

    private void audioSet(int size) {
        if (size == 0) {
            return;
        }
        var rows = make(
                CorpusPart.AUDIOSET,
                size,
                classes,
                List.of("unbalanced_train", "balanced_train", "eval"),
                0.2,
                item -> {
                    var id = "synAS%06d".formatted(item.index());
                    shop.save("AudioSet/audio/" + item.split() + "/" + id + ".wav", item.clip());
                    return List.of(id, String.join(",", vocabulary.mids(Vocabulary.labels(item.scenario()))));
                });
        var end = BigDecimal.valueOf(shop.plan().seconds()).setScale(3, RoundingMode.HALF_EVEN);
        rows.forEach((split, all) -> {
            var lines = new ArrayList<>(List.of(
                    "# Segments of a synthesized corpus",
                    "# num_segs=" + all.size(),
                    "# YTID, start_seconds, end_seconds, positive_labels"));
            all.forEach(
                    row -> lines.add("%s, 0.000, %s, \"%s\"".formatted(row.get(0), end.toPlainString(), row.get(1))));
            shop.lines("AudioSet/" + split + "_segments.csv", lines);
        });
        var labels = vocabulary.rows().stream()
                .sorted(Comparator.comparing(row -> (Integer) row.get(0)))
                .map(row -> List.of(row.get(0), row.get(2), row.get(1)))
                .toList();
        shop.csv("AudioSet/class_labels_indices.csv", List.of("index", "mid", "display_name"), labels);
    }

    private void unpairedAudio(int size) {
        if (size == 0) {
            return;
        }
        var order = shop.shuffled(CorpusPart.UNPAIRED_AUDIO, classes);
        var rows = shop.each(size, i -> {
            var name = "%06d.wav".formatted(i);
            var draw = shop.draw(CorpusPart.UNPAIRED_AUDIO, i);
            shop.save("unpaired_audio/" + name, recorder.record(order.get(i % order.size()), draw, COMPANY));
            return List.of("%06d".formatted(i), name);
        });
        shop.csv("unpaired_audio/manifest.csv", List.of("ID", "wav_path"), rows);
    }

    private void unpairedCaptions(int size) {
        if (size == 0) {
            return;
        }
        var order = shop.shuffled(CorpusPart.UNPAIRED_CAPTIONS, classes);
        shop.lines("unpaired_captions.txt", shop.each(size, i -> {
            var draw = shop.draw(CorpusPart.UNPAIRED_CAPTIONS, i);
            return captions.describe(recorder.imagine(order.get(i % order.size()), draw, COMPANY), draw, 1)
                    .getFirst();
        }));
    }
}
