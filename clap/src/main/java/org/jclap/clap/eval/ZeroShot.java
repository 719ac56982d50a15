package org.jclap.clap.eval;

import java.util.ArrayList;
import java.util.List;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.MultiLabelScores;
import org.jclap.clap.analyze.ScoreMatrix;
import org.jclap.clap.analyze.ZeroShotScores;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.data.LabelledClip;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.embed.Embedder;
import org.jclap.clap.embed.SkippedFile;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.text.ClassPrompt;

/** Zero-shot classification: a clip belongs to the class whose prompt is nearest to it (Radford et al., 2021). */
public final class ZeroShot {
    private ZeroShot() {}

    /** As {@link #evaluate(ClapCheckpoint, ClassificationSet, ClassPrompt, EmbedOptions, Progress)}. */
    public static ZeroShotResult evaluate(
            ClapCheckpoint checkpoint,
            ClassificationSet set,
            ClassPrompt prompt,
            Crop crop,
            int batch,
            boolean skipBad,
            Progress progress) {
        var options = EmbedOptions.evaluation(batch, skipBad).withCrop(crop);
        return evaluate(checkpoint, set, prompt, options, progress);
    }

    /** Classifies every clip of a set; multi-label when some clip of it has several labels. */
    public static ZeroShotResult evaluate(
            ClapCheckpoint checkpoint,
            ClassificationSet set,
            ClassPrompt prompt,
            EmbedOptions options,
            Progress progress) {
        var embedder = new Embedder(checkpoint, options, progress);
        var prompts = set.classes().stream().map(prompt::caption).toList();
        var classRows = new Embeddings(prompts.size(), embedder.dim(), embedder.text(prompts));
        List<LabelledClip> clips = new ArrayList<>();
        List<float[]> batches = new ArrayList<>();
        List<SkippedFile> skipped =
                embedder.audio(set.clips().stream().map(LabelledClip::path).toList(), (items, rows) -> {
                    for (var item : items) {
                        clips.add(set.clips().get(item));
                    }
                    batches.add(rows);
                });
        var embeddings = new Embeddings(clips.size(), embedder.dim(), Similarities.join(batches));
        var similarities = Similarities.of(checkpoint.model().weights().backend(), embeddings, classRows);
        var scores = set.multiLabel() ? multiLabel(similarities, clips) : singleLabel(similarities, clips);
        return new ZeroShotResult(set.classes(), prompts, clips, embeddings, similarities, scores, skipped);
    }

    private static ZeroShotResult.Scores singleLabel(ScoreMatrix similarities, List<LabelledClip> clips) {
        var labels = clips.stream().mapToInt(LabelledClip::label).toArray();
        return new ZeroShotResult.SingleLabel(ZeroShotScores.of(similarities, labels));
    }

    private static ZeroShotResult.Scores multiLabel(ScoreMatrix similarities, List<LabelledClip> clips) {
        var classes = similarities.columns();
        var relevant = new boolean[Math.multiplyExact(clips.size(), classes)];
        for (var i = 0; i < clips.size(); i++) {
            for (int label : clips.get(i).labels()) {
                relevant[i * classes + label] = true;
            }
        }
        return new ZeroShotResult.MultiLabel(MultiLabelScores.of(similarities, relevant));
    }
}
