package org.jclap.clap.synth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.synth.Setting.Distance;
import org.jclap.clap.synth.SoundClass.Origin;

/** The labelled sets for zero-shot evaluation; they hold all of their classes in any corpus. */
final class EvaluationSets {
    private static final Set<String> ESC10 = Set.of(
            "dog",
            "rooster",
            "rain",
            "sea_waves",
            "crackling_fire",
            "crying_baby",
            "sneezing",
            "clock_tick",
            "helicopter",
            "chainsaw");
    private static final int FIRST_ESC50_RECORDING = 100_000;
    private static final int FIRST_URBANSOUND_RECORDING = 10_000_000;
    private static final int ESC50_FOLDS = 5;
    private static final int URBANSOUND_FOLDS = 10;
    private static final int TUT_FOLDS = 4;

    private final Workshop shop;
    private final Recorder recorder;

    EvaluationSets(Workshop shop) {
        this.shop = shop;
        this.recorder = new Recorder(shop.plan().sampleRate(), shop.plan().seconds(), Exclusion.NONE);
    }

    void write() {
        esc50(shop.plan().size(CorpusPart.ESC50));
        urbanSound(shop.plan().size(CorpusPart.URBANSOUND8K));
        tutDevelopment(shop.plan().size(CorpusPart.TUT17_DEVELOPMENT));
        tutEvaluation(shop.plan().size(CorpusPart.TUT17_EVALUATION));
    }

    private void esc50(int perClass) {
        if (perClass == 0) {
            return;
        }
        var classes = SoundBank.classes(Origin.ESC50);
        var rows = shop.each(perClass * classes.size(), i -> {
            int target = i / perClass;
            var sound = classes.get(target);
            int fold = 1 + i % perClass % ESC50_FOLDS;
            int recording = FIRST_ESC50_RECORDING + i;
            var name = "%d-%d-A-%d.wav".formatted(fold, recording, target);
            shop.save("ESC-50-master/audio/" + name, recorder.record(sound, shop.draw(CorpusPart.ESC50, i), 0));
            var esc10 = ESC10.contains(sound.label()) ? "True" : "False";
            return List.of(name, fold, target, sound.label(), esc10, recording, "A");
        });
        shop.csv(
                "ESC-50-master/meta/esc50.csv",
                List.of("filename", "fold", "target", "category", "esc10", "src_file", "take"),
                rows);
    }

    private void urbanSound(int perClass) {
        if (perClass == 0) {
            return;
        }
        var classes = SoundBank.classes(Origin.US8K);
        var rows = shop.each(perClass * classes.size(), i -> {
            int id = i / perClass;
            int fold = 1 + i % perClass % URBANSOUND_FOLDS;
            int recording = FIRST_URBANSOUND_RECORDING + i;
            var name = "%d-%d-0-0.wav".formatted(recording, id);
            var clip = recorder.record(classes.get(id), shop.draw(CorpusPart.URBANSOUND8K, i), 0);
            shop.save("UrbanSound8K/audio/fold%d/%s".formatted(fold, name), clip);
            int salience = clip.scenario().setting().distance() == Distance.FAR ? 2 : 1;
            return List.of(
                    name,
                    recording,
                    0.0,
                    shop.plan().seconds(),
                    salience,
                    fold,
                    id,
                    classes.get(id).label());
        });
        shop.csv(
                "UrbanSound8K/metadata/UrbanSound8K.csv",
                List.of("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class"),
                rows);
    }

    private record Segment(String path, String scene, String recording) {}

    /** Scenes alternate, so a short prefix holds all of them. */
    private List<Segment> segments(CorpusPart part, String folder, int perScene) {
        var scenes = SoundBank.classes(Origin.TUT17);
        return shop.each(perScene * scenes.size(), i -> {
            int scene = i % scenes.size();
            int take = i / scenes.size();
            var draw = shop.draw(part, i);
            var recording = "%c%03d".formatted('a' + scene, take);
            var path = part == CorpusPart.TUT17_DEVELOPMENT
                    ? "audio/%s_0_%d.wav"
                            .formatted(recording, Math.round(shop.plan().seconds()))
                    : "audio/%d.wav".formatted(i + 1);
            var clip = recorder.record(scenes.get(scene), draw, 0);
            shop.saveBinaural(folder + path, clip, SampleFormat.PCM_24, draw);
            return new Segment(path, scenes.get(scene).label(), recording);
        });
    }

    private void tutDevelopment(int perScene) {
        if (perScene == 0) {
            return;
        }
        var folder = "TUT-acoustic-scenes-2017-development/";
        var segments = segments(CorpusPart.TUT17_DEVELOPMENT, folder, perScene);
        tabs(
                folder + "meta.txt",
                segments.stream()
                        .map(s -> List.of(s.path, s.scene, s.recording))
                        .toList());
        int scenes = SoundBank.classes(Origin.TUT17).size();
        for (int fold = 1; fold <= TUT_FOLDS; fold++) {
            var train = new ArrayList<List<String>>();
            var test = new ArrayList<List<String>>();
            var evaluate = new ArrayList<List<String>>();
            for (int i = 0; i < segments.size(); i++) {
                var segment = segments.get(i);
                boolean held = i / scenes % TUT_FOLDS == fold - 1;
                (held ? evaluate : train).add(List.of(segment.path, segment.scene));
                if (held) {
                    test.add(List.of(segment.path));
                }
            }
            var setup = folder + "evaluation_setup/fold" + fold;
            tabs(setup + "_train.txt", train);
            tabs(setup + "_test.txt", test);
            tabs(setup + "_evaluate.txt", evaluate);
        }
    }

    private void tutEvaluation(int perScene) {
        if (perScene == 0) {
            return;
        }
        var folder = "TUT-acoustic-scenes-2017-evaluation/";
        var segments = segments(CorpusPart.TUT17_EVALUATION, folder, perScene);
        var labelled = segments.stream().map(s -> List.of(s.path, s.scene)).toList();
        tabs(folder + "meta.txt", labelled);
        tabs(folder + "evaluation_setup/evaluate.txt", labelled);
        tabs(
                folder + "evaluation_setup/test.txt",
                segments.stream().map(s -> List.of(s.path)).toList());
        tabs(
                folder + "evaluation_setup/map.txt",
                segments.stream()
                        .map(s -> List.of(
                                s.path,
                                "audio/e%s_0_%d.wav"
                                        .formatted(
                                                s.recording,
                                                Math.round(shop.plan().seconds()))))
                        .toList());
    }

    private void tabs(String path, List<? extends List<?>> rows) {
        shop.table(path, Workshop.TABS, UTF_8, rows);
    }
}
