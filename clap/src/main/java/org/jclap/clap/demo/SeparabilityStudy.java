package org.jclap.clap.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jclap.clap.analyze.Bootstrap;
import org.jclap.clap.analyze.Correlation;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.Metric;
import org.jclap.clap.analyze.Nngs;
import org.jclap.clap.analyze.ScoreMatrix;
import org.jclap.clap.analyze.Silhouette;
import org.jclap.clap.analyze.Tsne;
import org.jclap.clap.analyze.ZeroShotScores;
import org.jclap.clap.audio.AudioFile;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.data.LabelledClip;
import org.jclap.clap.demo.DemoCorpus.Kind;
import org.jclap.clap.demo.DemoResults.ClipMap;
import org.jclap.clap.demo.DemoResults.Condition;
import org.jclap.clap.demo.DemoResults.Separability;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.embed.Embedder;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.models.clap.Clap;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;

/**
 * How far zero-shot accuracy on ESC-50 follows the separability of its classes in the audio space (arXiv 2408.13068): six
 * conditions, which differ in whether training and pre-training have seen ESC-50's labels.
 */
final class SeparabilityStudy {
    /** Neighbours of a clip, as a share of all clips. */
    private static final double ITEM_SHARE = 0.05;

    private final DemoPlan plan;
    private final Backend backend;
    private final Progress progress;
    private final ClassificationSet set;
    private final int[] labels;

    SeparabilityStudy(DemoPlan plan, DemoCorpus corpus, Backend backend, Progress progress) {
        this.plan = plan;
        this.backend = backend;
        this.progress = progress;
        set = Task.ESC50.read(corpus.root(Kind.DIRTY));
        labels = set.clips().stream().mapToInt(LabelledClip::label).toArray();
    }

    /** A trained condition that is to be measured; {@code preTraining} is dirty, clean or no. */
    record Trained(Kind training, String preTraining, Path checkpoint) {
        String name() {
            return training.folder() + ", " + preTraining;
        }
    }

    /** Measures all conditions. */
    Separability run(List<Trained> trained) {
        List<Condition> conditions = new ArrayList<>();
        try (var task = progress.begin("measuring separability", "conditions", trained.size())) {
            for (Trained one : trained) {
                conditions.add(measure(one));
                task.advance(1, one.name());
            }
        }
        int classes = set.classes().size();
        double chance = plan.neighbours() / (2.0 * (classes - 1) - plan.neighbours());
        double[] accuracy = values(conditions, Condition::accuracy);
        double[] logAccuracy = values(conditions, c -> logAccuracy(c.accuracy(), labels.length));
        return new Separability(
                conditions,
                chance,
                Correlation.pearson(values(conditions, Condition::cosine), accuracy),
                Correlation.pearson(values(conditions, Condition::classNngs), logAccuracy),
                Correlation.pearson(values(conditions, Condition::itemNngs), logAccuracy));
    }

    /** The logarithm of an accuracy; one of zero counts as half a clip. */
    static double logAccuracy(double accuracy, int clips) {
        return Math.log(Math.max(accuracy, 0.5 / clips));
    }

    private static double[] values(List<Condition> conditions, ToDoubleFunction<Condition> value) {
        return conditions.stream().mapToDouble(value).toArray();
    }

    private Condition measure(Trained trained) {
        try (ClapCheckpoint checkpoint = ClapCheckpoint.loadConstant(backend, trained.checkpoint())) {
            Spaces spaces = embed(checkpoint);
            ZeroShotScores scores = ZeroShotScores.of(similarities(spaces.projected(), spaces.prompts()), labels);
            int neighbours = Nngs.neighbours(ITEM_SHARE, labels.length);
            int classes = set.classes().size();
            Embeddings means = spaces.projected().classMeans(labels, classes);
            Tsne.Layout map =
                    Tsne.usual(Metric.COSINE, labels.length, plan.seed()).fit(spaces.projected());
            List<String> names =
                    Arrays.stream(labels).mapToObj(set.classes()::get).toList();
            return new Condition(
                    trained.name(),
                    trained.training().folder(),
                    trained.preTraining(),
                    scores.accuracy(),
                    Bootstrap.mean(scores.correct(), DemoEvaluation.LEVEL, DemoEvaluation.RESAMPLES, plan.seed()),
                    Silhouette.of(spaces.projected(), labels, Metric.COSINE).mean(),
                    Silhouette.of(spaces.projected(), labels, Metric.EUCLIDEAN).mean(),
                    Nngs.of(means, spaces.prompts(), plan.neighbours(), Metric.COSINE)
                            .mean(),
                    Nngs.of(spaces.backbone(), spaces.projected(), neighbours, Metric.COSINE)
                            .mean(),
                    neighbours,
                    new ClipMap(map.x(), map.y(), names));
        }
    }

    /** xa {@code (clips, E)}, Ea {@code (clips, D)} and the prompts' Et {@code (classes, D)}. */
    private record Spaces(Embeddings backbone, Embeddings projected, Embeddings prompts) {}

    /** Both sides of the projection come from one pass of the backbone. */
    private Spaces embed(ClapCheckpoint checkpoint) {
        Clap model = checkpoint.model();
        int clips = set.clips().size();
        int inner = model.config().audio().embedding();
        int outer = model.config().projection();
        float[] backbone = new float[clips * inner];
        float[] projected = new float[clips * outer];
        for (int from = 0; from < clips; from += EmbedOptions.BATCH) {
            int to = Math.min(from + EmbedOptions.BATCH, clips);
            try (var _ = Scope.open()) {
                Tensor logMel = logMel(checkpoint, set.clips().subList(from, to));
                Tensor x = Tensor.noGrad(() ->
                        model.audioBase().forward(logMel, Pass.evaluation()).embedding());
                Tensor e = Tensor.noGrad(() -> model.projectAudio(x, Pass.evaluation()));
                System.arraycopy(x.toFloats(), 0, backbone, from * inner, (to - from) * inner);
                System.arraycopy(e.toFloats(), 0, projected, from * outer, (to - from) * outer);
            }
        }
        Embedder embedder =
                new Embedder(checkpoint, EmbedOptions.evaluation(EmbedOptions.BATCH, false), Progress.silent());
        float[] prompts = embedder.text(set.classes().stream()
                .map(new ClassPrompt(plan.prompt())::caption)
                .toList());
        return new Spaces(
                new Embeddings(clips, inner, backbone),
                new Embeddings(clips, outer, projected),
                new Embeddings(set.classes().size(), outer, prompts));
    }

    /** {@code (B, 1, T, F)}. */
    private Tensor logMel(ClapCheckpoint checkpoint, List<LabelledClip> clips) {
        int rate = checkpoint.frontEnd().sampleRate();
        List<float[]> waves = clips.stream()
                .map(clip -> Crop.EVALUATION.apply(
                        AudioFile.load(clip.path(), rate).samples(),
                        checkpoint.samples(),
                        Crop.random(plan.seed(), 0, 0)))
                .toList();
        return checkpoint.logMel().apply(WaveBatch.of(waves).on(backend));
    }

    /** Cosines of L2-normalised rows, {@code (clips, classes)}. */
    private static ScoreMatrix similarities(Embeddings clips, Embeddings prompts) {
        float[] scores = new float[clips.rows() * prompts.rows()];
        for (int i = 0; i < clips.rows(); i++) {
            for (int j = 0; j < prompts.rows(); j++) {
                double product = 0;
                for (int k = 0; k < clips.dim(); k++) {
                    product += clips.values()[i * clips.dim() + k] * (double) prompts.values()[j * clips.dim() + k];
                }
                scores[i * prompts.rows() + j] = (float) product;
            }
        }
        return new ScoreMatrix(clips.rows(), prompts.rows(), scores);
    }
}
