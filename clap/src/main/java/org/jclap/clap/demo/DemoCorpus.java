package org.jclap.clap.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jclap.clap.data.CaptionLayout;
import org.jclap.clap.data.CaptionedSet;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.data.TextItem;
import org.jclap.clap.data.TextManifest;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.synth.Corpus;
import org.jclap.clap.synth.CorpusPart;
import org.jclap.clap.synth.CorpusPlan;
import org.jclap.clap.synth.SoundBank;
import org.jclap.clap.synth.SoundClass;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.clap.text.VocabularyTrainer;

/** The synthesized data: a dirty corpus with everything, and a clean one whose annotated sets are free of ESC-50. */
record DemoCorpus(Path folder) {
    static final int SAMPLE_RATE = 16_000;

    /** Enough that frequent words are whole; rare ones are spelled. */
    private static final int VOCABULARY = 1000;

    /** Whether the concepts of ESC-50 are in a training set. */
    enum Kind {
        /** They are. */
        DIRTY,
        /** They were kept out. */
        CLEAN;

        String folder() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Writes both corpora, the list of captions and the vocabulary. */
    static DemoResults.CorpusSummary write(Path folder, DemoPlan plan, int threads, Progress progress) {
        CorpusPlan everything = plan(plan, threads, List.of(plan.evaluation(), plan.annotated(), plan.pool()));
        CorpusPlan clean = plan(plan, threads, List.of(plan.annotated()))
                .excluding(Set.copyOf(SoundBank.labels(SoundClass.Origin.ESC50)));
        DemoCorpus corpus = new DemoCorpus(folder);
        Corpus.Summary dirtySummary = write(everything, corpus.root(Kind.DIRTY), plan.seed(), progress);
        Corpus.Summary cleanSummary = write(clean, corpus.root(Kind.CLEAN), plan.seed(), progress);
        List<TextItem> captions = corpus.writeCaptions();
        corpus.writeVocabulary(captions, new ClassPrompt(plan.prompt()));
        return new DemoResults.CorpusSummary(
                dirtySummary.clips(),
                cleanSummary.clips(),
                dirtySummary.classes(),
                cleanSummary.classes(),
                corpus.pairs(Kind.DIRTY),
                corpus.pairs(Kind.CLEAN),
                Manifest.read(corpus.pool()).items().size(),
                captions.size());
    }

    private static CorpusPlan plan(DemoPlan plan, int threads, List<Map<CorpusPart, Integer>> parts) {
        CorpusPlan corpus = CorpusPlan.empty(SAMPLE_RATE, plan.seconds()).withThreads(threads);
        for (Map<CorpusPart, Integer> sizes : parts) {
            for (Map.Entry<CorpusPart, Integer> size : sizes.entrySet()) {
                corpus = corpus.with(size.getKey(), size.getValue());
            }
        }
        return corpus;
    }

    private static Corpus.Summary write(CorpusPlan plan, Path folder, long seed, Progress progress) {
        try (var task = progress.begin("synthesizing " + folder.getFileName(), "items", plan.items())) {
            return Corpus.write(plan, folder, seed, (_, _) -> task.advance(1));
        }
    }

    /** All captions that a curation may choose from: those of the annotated pairs with their audio, and unpaired ones. */
    private List<TextItem> writeCaptions() {
        List<TextItem> items = new ArrayList<>();
        for (CaptionedSet set : annotatedSets(Kind.DIRTY)) {
            set.pairs()
                    .forEach(
                            pair -> items.add(new TextItem(pair.id(), pair.wavPath(), String.valueOf(pair.caption()))));
        }
        TextManifest.read(root(Kind.DIRTY).resolve("unpaired_captions.txt"))
                .items()
                .forEach(item -> items.add(new TextItem("unpaired/" + item.id(), null, item.caption())));
        TextManifest.write(captions(), items);
        return items;
    }

    /** One vocabulary for all models, as all published ones share BERT's: labels can be spelled even by a clean model. */
    private void writeVocabulary(List<TextItem> captions, ClassPrompt prompt) {
        Set<String> texts =
                new LinkedHashSet<>(captions.stream().map(TextItem::caption).toList());
        for (Task task : Task.values()) {
            task.read(root(Kind.DIRTY)).classes().forEach(label -> texts.add(prompt.caption(label)));
        }
        VocabularyTrainer.train(texts, VOCABULARY).write(vocabulary());
    }

    Path root(Kind kind) {
        return folder.resolve(kind.folder());
    }

    Path pool() {
        return root(Kind.DIRTY).resolve("unpaired_audio/manifest.csv");
    }

    Path captions() {
        return folder.resolve("captions.csv");
    }

    Path vocabulary() {
        return folder.resolve("vocab.txt");
    }

    /** The captioned sets as a training configuration names them. */
    List<String> captioned(Kind kind) {
        Path root = root(kind);
        return List.of(
                "audiocaps:" + root.resolve("AUDIOCAPS"),
                "fsd50k:" + root.resolve("FSD50K"),
                "macs:" + root.resolve("MACS"),
                "clotho:" + root.resolve("CLOTHO_v2.1"));
    }

    /** The labelled set as a training configuration names them. */
    List<String> labelled(Kind kind) {
        Path root = root(kind);
        return List.of("fsd50k:" + root.resolve("FSD50K"));
    }

    private List<CaptionedSet> annotatedSets(Kind kind) {
        return captioned(kind).stream()
                .map(source -> source.split(":", 2))
                .map(parts -> CaptionLayout.of(parts[0]).read(Path.of(parts[1])))
                .toList();
    }

    private int pairs(Kind kind) {
        return annotatedSets(kind).stream().mapToInt(set -> set.pairs().size()).sum();
    }
}
