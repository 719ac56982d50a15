package org.jclap.clap.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.curate.CurationReport;
import org.jclap.clap.curate.EmbeddingRows;
import org.jclap.clap.curate.LabelCuration;
import org.jclap.clap.curate.PairCuration;
import org.jclap.clap.curate.Selection;
import org.jclap.clap.curate.SimilarityHistogram;
import org.jclap.clap.curate.SimilarityJoin;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.data.TextItem;
import org.jclap.clap.data.TextManifest;
import org.jclap.clap.demo.DemoResults.Curated;
import org.jclap.clap.demo.DemoResults.Curation;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.embed.Embedder;
import org.jclap.clap.embed.EmbeddingFile;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.tensor.Backend;
import org.jclap.tensor.type.DType;

/**
 * Pairs the pool of unpaired audio with captions, by the similarity that a teacher sees: with all captions (DU), and, for
 * each task, with the captions near its labels (DS, then ADS). A threshold of the published size means nothing to a tiny
 * teacher: that of DS is the quantile that keeps the planned share of the captions, and DU and ADS take the best captions
 * of each clip (the published top-k variant), because above any threshold a few clips would get nearly all captions.
 */
final class DemoCuration {
    private final DemoPlan plan;
    private final DemoCorpus corpus;
    private final Backend backend;
    private final Progress progress;
    private final Path folder;

    DemoCuration(DemoPlan plan, DemoCorpus corpus, Backend backend, Progress progress, Path folder) {
        this.plan = plan;
        this.corpus = corpus;
        this.backend = backend;
        this.progress = progress;
        this.folder = folder;
    }

    /** The pairs of a curation in the folder of its stage. */
    static Path pairs(Path folder, String name) {
        return folder.resolve(name + ".csv");
    }

    /** Embeds pool, captions and labels once, and curates everything. */
    Curation run(Path teacher) {
        Manifest pool = Manifest.read(corpus.pool());
        TextManifest captions = TextManifest.read(corpus.captions());
        Path audioRows = folder.resolve("pool.npy");
        Path textRows = folder.resolve("captions.npy");
        try (ClapCheckpoint checkpoint = ClapCheckpoint.loadConstant(backend, teacher)) {
            Embedder embedder = new Embedder(checkpoint, EmbedOptions.evaluation(EmbedOptions.BATCH, false), progress);
            embedAudio(embedder, pool.items().stream().map(AudioItem::wavPath).toList(), audioRows);
            embedText(embedder, captions.captions(), textRows);
            for (Task task : plan.domainTasks()) {
                List<String> labels =
                        task.read(corpus.root(DemoCorpus.Kind.DIRTY)).classes();
                embedText(
                        embedder,
                        labels.stream()
                                .map(new ClassPrompt(plan.prompt())::caption)
                                .toList(),
                        labels(task));
            }
        }
        EmbeddingRows audio = EmbeddingRows.open(audioRows);
        List<Curated> curated = new ArrayList<>();
        curated.add(pair("DU", audio, pool, EmbeddingRows.open(textRows), captions));
        for (Task task : plan.domainTasks()) {
            String name = "DS " + task.title();
            Path near = folder.resolve(name + ".csv");
            Path nearRows = folder.resolve(name + ".npy");
            curated.add(select(
                    name, EmbeddingRows.open(labels(task)), EmbeddingRows.open(textRows), captions, near, nearRows));
            curated.add(
                    pair("ADS " + task.title(), audio, pool, EmbeddingRows.open(nearRows), TextManifest.read(near)));
        }
        return new Curation(curated);
    }

    private Path labels(Task task) {
        return folder.resolve("labels " + task.title() + ".npy");
    }

    private static void embedAudio(Embedder embedder, List<Path> files, Path out) {
        try (EmbeddingFile file = EmbeddingFile.create(out, DType.F32, embedder.dim())) {
            embedder.audio(files, (_, rows) -> file.append(rows));
            file.commit();
        }
    }

    private static void embedText(Embedder embedder, List<String> texts, Path out) {
        try (EmbeddingFile file = EmbeddingFile.create(out, DType.F32, embedder.dim())) {
            embedder.text(texts, (_, rows) -> file.append(rows));
            file.commit();
        }
    }

    // ---------------------------------------------------------------------------------------------- thresholds

    private Curated pair(String name, EmbeddingRows audio, Manifest pool, EmbeddingRows text, TextManifest captions) {
        Selection.TopK best = new Selection.TopK(plan.captionsPerClip());
        Path out = pairs(folder, name);
        CurationReport report = new PairCuration(audio, pool, text, captions).run(backend, best, out, progress);
        return curated(name, Double.NaN, report, examples(out));
    }

    private Curated select(
            String name, EmbeddingRows labels, EmbeddingRows text, TextManifest captions, Path out, Path outRows) {
        SimilarityHistogram best = new SimilarityHistogram();
        new SimilarityJoin(backend, text, labels)
                .run(new Selection.TopK(1), (_, matches) -> best.add(matches.best()), progress);
        Selection.Threshold threshold = keeping(best, Math.round(plan.captionShare() * text.rows()));
        CurationReport report =
                new LabelCuration(labels, text, captions).run(backend, threshold, out, outRows, progress);
        List<String> kept =
                TextManifest.read(out).items().stream().map(TextItem::caption).toList();
        return curated(name, threshold.minimum(), report, spread(kept));
    }

    /** The lowest edge of a bin above which at most {@code count} similarities lie; at least one is kept. */
    private static Selection.Threshold keeping(SimilarityHistogram similarities, long count) {
        SimilarityHistogram.Summary summary = similarities.summary();
        long[] bins = summary.bins();
        int bin = bins.length;
        long above = 0;
        while (bin > 0 && (above == 0 || above + bins[bin - 1] <= count)) {
            above += bins[--bin];
        }
        return new Selection.Threshold((float) (summary.binFrom() + bin * summary.binWidth()));
    }

    private static Curated curated(String name, double threshold, CurationReport report, List<String> examples) {
        return new Curated(
                name,
                threshold,
                report.rows(),
                report.candidates(),
                report.kept(),
                report.rowsCovered(),
                report.candidatesUsed(),
                report.keptSimilarities().median(),
                report.bestSimilarities().median(),
                examples);
    }

    // ---------------------------------------------------------------------------------------------- examples

    /** Some pairs: what the pool's clip really holds, and the caption that it was given. */
    private List<String> examples(Path pairs) {
        var sources = SourceList.read(corpus.root(DemoCorpus.Kind.DIRTY));
        return spread(Manifest.read(pairs).items()).stream()
                .map(item -> sources.of(item.wavPath()) + " ← “" + item.caption() + "”")
                .toList();
    }

    private static <T> List<T> spread(List<T> items) {
        int shown = Math.min(5, items.size());
        List<T> some = new ArrayList<>();
        for (int i = 0; i < shown; i++) {
            some.add(items.get((int) ((i + 0.5) * items.size() / shown)));
        }
        return some;
    }
}
