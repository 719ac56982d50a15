package org.jclap.clap.synth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclap.clap.audio.WavFile;
import org.jclap.clap.data.CaptionLayout;
import org.jclap.clap.data.ClassificationLayout;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.synth.SoundClass.Origin;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    private static final long SEED = 3;
    private static final Corpus.Progress QUIET = (_, _) -> {};
    private static final CorpusPlan PLAN = new CorpusPlan(
            8000,
            0.5,
            Map.ofEntries(
                    Map.entry(CorpusPart.ESC50, 5),
                    Map.entry(CorpusPart.URBANSOUND8K, 2),
                    Map.entry(CorpusPart.TUT17_DEVELOPMENT, 4),
                    Map.entry(CorpusPart.TUT17_EVALUATION, 1),
                    Map.entry(CorpusPart.CLOTHO, 20),
                    Map.entry(CorpusPart.AUDIOCAPS, 20),
                    Map.entry(CorpusPart.FSD50K, 20),
                    Map.entry(CorpusPart.MACS, 8),
                    Map.entry(CorpusPart.AUDIOSET, 15),
                    Map.entry(CorpusPart.UNPAIRED_AUDIO, 12),
                    Map.entry(CorpusPart.UNPAIRED_CAPTIONS, 30)),
            Set.of(),
            1,
            false);

    @TempDir
    private static Path shared;

    private static Path corpus = Path.of("");
    private static Corpus.Summary summary = new Corpus.Summary(corpus, 0, 0, 0);
    private static final List<Long> STEPS = new ArrayList<>();

    @BeforeAll
    static void writeCorpus() {
        corpus = shared.resolve("corpus");
        summary = Corpus.write(PLAN, corpus, SEED, (done, _) -> STEPS.add(done));
    }

    private static List<String> lines(String path) throws IOException {
        return Files.readAllLines(corpus.resolve(path), UTF_8);
    }

    private static long wavs(String folder) throws IOException {
        try (var files = Files.walk(corpus.resolve(folder))) {
            return files.filter(f -> f.toString().endsWith(".wav")).count();
        }
    }

    private static String digest(Path folder) throws IOException, NoSuchAlgorithmException {
        var sha = MessageDigest.getInstance("SHA-256");
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                sha.update(folder.relativize(file).toString().getBytes(UTF_8));
                sha.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    @Test
    void bytesDependOnTheSeedAloneAndNotOnTheThreads(@TempDir Path folder) throws Exception {
        Corpus.write(PLAN.withThreads(3), folder.resolve("again"), SEED, QUIET);
        Corpus.write(PLAN.withThreads(3), folder.resolve("other"), SEED + 1, QUIET);
        assertEquals(digest(corpus), digest(folder.resolve("again")));
        assertFalse(digest(corpus).equals(digest(folder.resolve("other"))));
    }

    @Test
    void summaryAndProgressCountEverything() throws IOException {
        assertEquals(wavs("."), summary.clips());
        assertEquals(PLAN.items() - 30, summary.clips());
        assertEquals(0.5 * summary.clips(), summary.seconds());
        assertEquals(PLAN.items(), STEPS.size());
        assertEquals(PLAN.items(), STEPS.getLast());
        assertEquals(summary.clips() + 1, lines("sources.csv").size());
    }

    @Test
    void esc50LiesAsPublished() throws IOException {
        var rows = lines("ESC-50-master/meta/esc50.csv");
        assertEquals("filename,fold,target,category,esc10,src_file,take", rows.getFirst());
        assertEquals(251, rows.size());
        var perFold = new int[6];
        for (String row : rows.subList(1, rows.size())) {
            var cells = row.split(",");
            assertTrue(cells[0].matches("[1-5]-\\d+-A-" + cells[2] + "\\.wav"), row);
            assertEquals(SoundBank.labels(Origin.ESC50).get(Integer.parseInt(cells[2])), cells[3]);
            assertTrue(Files.exists(corpus.resolve("ESC-50-master/audio/" + cells[0])), row);
            perFold[Integer.parseInt(cells[1])]++;
        }
        assertEquals(50, perFold[1]);
        assertEquals(50, perFold[5]);
        assertEquals(100, rows.stream().filter(row -> row.contains(",True,")).count() * 2);
    }

    @Test
    void urbanSoundLiesAsPublished() throws IOException {
        var rows = lines("UrbanSound8K/metadata/UrbanSound8K.csv");
        assertEquals("slice_file_name,fsID,start,end,salience,fold,classID,class", rows.getFirst());
        assertEquals(21, rows.size());
        for (String row : rows.subList(1, rows.size())) {
            var cells = row.split(",");
            assertTrue(Files.exists(corpus.resolve("UrbanSound8K/audio/fold" + cells[5] + "/" + cells[0])), row);
            assertTrue(cells[0].startsWith(cells[1] + "-" + cells[6] + "-"), row);
        }
    }

    @Test
    void tut17FoldsPartitionTheDevelopmentSet() throws IOException {
        var root = "TUT-acoustic-scenes-2017-development/";
        var meta = lines(root + "meta.txt");
        assertEquals(60, meta.size());
        var held = new HashSet<String>();
        for (int fold = 1; fold <= 4; fold++) {
            var setup = root + "evaluation_setup/fold" + fold;
            var evaluate = lines(setup + "_evaluate.txt");
            var train = new HashSet<>(lines(setup + "_train.txt"));
            assertEquals(60, train.size() + evaluate.size());
            assertTrue(evaluate.stream().noneMatch(train::contains));
            assertEquals(evaluate.stream().map(line -> line.split("\t")[0]).toList(), lines(setup + "_test.txt"));
            held.addAll(evaluate);
        }
        assertEquals(60, held.size());
        assertEquals(
                15,
                lines("TUT-acoustic-scenes-2017-evaluation/evaluation_setup/map.txt")
                        .size());
        for (String line : meta) {
            var header = WavFile.header(corpus.resolve(root + line.split("\t")[0]));
            assertEquals(2, header.channels());
            assertEquals(8000, header.sampleRate());
            assertEquals(4000, header.frames());
        }
    }

    @Test
    void captionedSetsLieAsPublished() throws IOException {
        var clotho = lines("CLOTHO_v2.1/clotho_csv_files/clotho_captions_development.csv");
        assertEquals("file_name,caption_1,caption_2,caption_3,caption_4,caption_5", clotho.getFirst());
        assertEquals(15, clotho.size());
        assertEquals(14, wavs("CLOTHO_v2.1/clotho_audio_files/development"));
        assertEquals(
                4,
                lines("CLOTHO_v2.1/clotho_csv_files/clotho_metadata_validation.csv")
                        .size());
        assertEquals(
                "audiocap_id,youtube_id,start_time,caption",
                lines("AUDIOCAPS/csv_files/train.csv").getFirst());
        assertEquals(17, lines("AUDIOCAPS/csv_files/train.csv").size());
        assertEquals(11, lines("AUDIOCAPS/csv_files/test.csv").size(), "five captions for each of two clips");
        assertEquals(18, lines("FSD50K/FSD50K.ground_truth/dev.csv").size());
        assertEquals(
                "fname,labels,mids",
                lines("FSD50K/FSD50K.ground_truth/eval.csv").getFirst());
        assertEquals(8, wavs("MACS/audio"));
        assertEquals(
                "annotator_id\tcompetence", lines("MACS/MACS_competence.csv").getFirst());
    }

    @Test
    void audioSetAndThePoolsLieAsDocumented() throws IOException {
        var segments = lines("AudioSet/unbalanced_train_segments.csv");
        assertEquals("# YTID, start_seconds, end_seconds, positive_labels", segments.get(2));
        assertEquals(12, segments.size());
        assertTrue(segments.get(3).matches("\\w{11}, 0\\.000, 0\\.500, \"/s/\\d{4}(,/s/\\d{4})*\""), segments.get(3));
        var labels = lines("AudioSet/class_labels_indices.csv");
        assertEquals("index,mid,display_name", labels.getFirst());
        var known =
                new HashSet<>(labels.stream().map(line -> line.split(",")[1]).toList());
        assertTrue(known.contains(segments.get(3).split("\"")[1].split(",")[0]));
        assertEquals(
                List.of("ID,wav_path", "000000,000000.wav"),
                lines("unpaired_audio/manifest.csv").subList(0, 2));
        assertEquals(12, wavs("unpaired_audio"));
        var captions = lines("unpaired_captions.txt");
        assertEquals(30, captions.size());
        assertTrue(captions.stream().noneMatch(String::isBlank));
    }

    @Test
    void theReadersFindEveryClip() {
        var esc50 = ClassificationLayout.ESC50.read(corpus);
        assertEquals(
                SoundBank.labels(Origin.ESC50).stream()
                        .map(label -> label.replace('_', ' '))
                        .toList(),
                esc50.classes());
        assertEquals(250, esc50.clips().size());
        assertEquals(20, ClassificationLayout.US8K.read(corpus).clips().size());
        assertEquals(75, ClassificationLayout.TUT17.read(corpus).clips().size());
        assertEquals(20, ClassificationLayout.FSD50K.read(corpus).clips().size());
        assertEquals(
                14,
                CaptionLayout.CLOTHO.read(corpus.resolve("CLOTHO_v2.1")).clips().size());
        var test = CaptionLayout.AUDIOCAPS.read(corpus.resolve("AUDIOCAPS"), "test");
        assertEquals(10, test.pairs().size());
        assertEquals(List.of(), test.missing());
        assertEquals(17, CaptionLayout.FSD50K.read(corpus).clips().size());
        assertEquals(8, CaptionLayout.MACS.read(corpus).clips().size());
        assertEquals(
                12,
                Manifest.read(corpus.resolve("unpaired_audio/manifest.csv"))
                        .items()
                        .size());
    }

    @Test
    void cleanCorpusHoldsNoExcludedSourceOutsideTheEvaluationSets(@TempDir Path folder) throws IOException {
        var esc50 = Set.copyOf(SoundBank.labels(Origin.ESC50));
        Corpus.write(PLAN.excluding(esc50).with(CorpusPart.CLOTHO, 60), folder, SEED, QUIET);
        var rows = Files.readAllLines(folder.resolve("sources.csv"), UTF_8);
        int checked = 0;
        for (String row : rows.subList(1, rows.size())) {
            if (!row.matches("(ESC-50|UrbanSound8K|TUT-).*")) {
                for (String source : row.split(",")[2].split(";")) {
                    assertFalse(esc50.contains(source), row + " (seed " + SEED + ")");
                }
                checked++;
            }
        }
        assertEquals(60 + 20 + 20 + 8 + 15 + 12, checked);
    }

    @Test
    void refusesAFolderWithFilesUnlessForced(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "mine", UTF_8);
        var small = new CorpusPlan(8000, 0.5, Map.of(CorpusPart.UNPAIRED_AUDIO, 2), Set.of(), 1, false);
        var error = assertThrows(UserException.class, () -> Corpus.write(small, folder, SEED, QUIET));
        assertTrue(error.getMessage().contains(folder.toString()), error.getMessage());
        assertFalse(Files.exists(folder.resolve("sources.csv")));
        Corpus.write(small.withForce(true), folder, SEED, QUIET);
        assertTrue(Files.exists(folder.resolve("unpaired_audio/000001.wav")));
        assertEquals("mine", Files.readString(folder.resolve("notes.txt"), UTF_8));
    }

    @Test
    void refusesSizesAndThreadsThatMakeNoSense() {
        assertThrows(UserException.class, () -> PLAN.with(CorpusPart.CLOTHO, -1));
        assertThrows(UserException.class, () -> PLAN.with(CorpusPart.ESC50, Integer.MAX_VALUE));
        assertThrows(UserException.class, () -> PLAN.withThreads(0));
    }

    @Test
    void previewWritesOneSoundAndTellsWhatItIs(@TempDir Path folder) {
        var file = folder.resolve("frog.wav");
        var caption = Corpus.preview("frog", file, SEED, 16_000, 1);
        assertTrue(caption.matches(".*(frog|toad).*"), caption);
        assertEquals(16_000, WavFile.read(file).samples().length);
    }
}
