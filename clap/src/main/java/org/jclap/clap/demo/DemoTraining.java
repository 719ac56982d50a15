package org.jclap.clap.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.demo.DemoCorpus.Kind;
import org.jclap.clap.demo.DemoPlan.Learning;
import org.jclap.clap.demo.DemoResults.Training;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.train.ConfigFile;
import org.jclap.clap.train.TrainResult;
import org.jclap.clap.train.Trainer;
import org.jclap.tensor.Backend;

/** Every training of the demo: a stage of its own, and a run directory as {@code jclap train} makes it. */
final class DemoTraining {
    /** A coarse spectrogram, some 60 frames of 64 mel bands for a clip: CNN14 halves both five times. */
    static final FrontEnd FRONT_END = new FrontEnd(DemoCorpus.SAMPLE_RATE, 512, 512, 64, 50, 8000);

    private final Stages stages;
    private final Path out;
    private final DemoPlan plan;
    private final DemoCorpus corpus;
    private final Backend backend;
    private final Progress progress;
    private final List<Training> done = new ArrayList<>();

    DemoTraining(Stages stages, Path out, DemoPlan plan, DemoCorpus corpus, Backend backend, Progress progress) {
        this.stages = stages;
        this.out = out;
        this.plan = plan;
        this.corpus = corpus;
        this.backend = backend;
        this.progress = progress;
    }

    /** Pre-trains an audio tower on labels. */
    Path tagger(Kind kind) {
        return train(
                "tagging-" + kind.folder(),
                plan.tagging(),
                "objective=tagging",
                "data.pairs=" + list(corpus.labelled(kind)));
    }

    /** A teacher on a share of the annotated pairs. */
    Path teacher(String name, Path audioTower, double share, Learning learning) {
        return train(
                name,
                learning,
                "data.pairs=" + list(corpus.captioned(Kind.DIRTY)),
                "data.subset=" + share,
                "model.init=" + list(List.of(audioTower.toString())));
    }

    /** A student that starts as the teacher and learns from curated pairs as well; soft when {@code beta} is positive. */
    Path student(String name, Path teacher, Path curated, double beta) {
        return train(
                name,
                plan.student(),
                "data.pairs=" + list(corpus.captioned(Kind.DIRTY)),
                "data.curated=" + list(List.of(curated.toString())),
                "data.curation_prob=" + plan.curationProb(),
                "loss.beta=" + beta,
                "loss.teacher=" + quoted(teacher.toString()),
                "model.init=" + list(List.of(teacher.toString())));
    }

    /** The teacher trained on as its students are, but on annotated pairs alone: what more steps do without curation. */
    Path continued(String name, Path teacher) {
        return train(
                name,
                plan.student(),
                "data.pairs=" + list(corpus.captioned(Kind.DIRTY)),
                "model.init=" + list(List.of(teacher.toString())));
    }

    /** One condition of the separability study: first the projections alone, then everything. */
    Path condition(String name, Kind training, List<Path> audioTower) {
        return train(
                name,
                plan.condition(),
                "data.pairs=" + list(corpus.captioned(training)),
                "model.init=" + list(audioTower.stream().map(Path::toString).toList()),
                "freeze.epochs=" + plan.frozenEpochs());
    }

    /** Every training so far. */
    List<Training> done() {
        return List.copyOf(done);
    }

    private Path train(String name, Learning learning, String... overrides) {
        List<String> settings = new ArrayList<>(List.of(
                "loop.epochs=" + learning.epochs(),
                "loop.batch=" + learning.batch(),
                "optimizer.lr=" + learning.rate()));
        settings.addAll(Arrays.asList(overrides));
        Training training = stages.run("runs/" + name, Training.class, folder -> run(name, folder, settings));
        done.add(training);
        return out.resolve("runs").resolve(name).resolve("run").resolve("best.safetensors");
    }

    private Training run(String name, Path folder, List<String> chosen) {
        List<String> settings = new ArrayList<>(common());
        settings.add("run=" + quoted(folder.resolve("run").toString()));
        settings.addAll(chosen);
        Progress named = (task, unit, total) -> progress.begin(name + ", " + task, unit, total);
        long start = System.nanoTime();
        try (Trainer trainer = new Trainer(ConfigFile.of(settings), backend, named, false)) {
            TrainResult result = trainer.run();
            return new Training(
                    name,
                    chosen,
                    result.steps(),
                    result.trainLosses(),
                    result.validationLosses(),
                    result.skippedSteps(),
                    (System.nanoTime() - start) / 1e9);
        }
    }

    private List<String> common() {
        return List.of(
                "seed=" + plan.seed(),
                "model.preset=tiny",
                "audio.sample_rate=" + FRONT_END.sampleRate(),
                "audio.window=" + FRONT_END.windowSize(),
                "audio.hop=" + FRONT_END.hop(),
                "audio.mels=" + FRONT_END.mels(),
                "audio.f_min=" + FRONT_END.fMin(),
                "audio.f_max=" + FRONT_END.fMax(),
                "audio.seconds=" + plan.seconds(),
                "text.vocabulary=" + quoted(corpus.vocabulary().toString()),
                "text.max_length=40",
                "data.validation_share=0.08",
                "schedule.name=cosine",
                "schedule.warmup_steps=10",
                "checkpoint.keep=1");
    }

    /** A list of texts as YAML, of which JSON is a part: paths may hold anything. */
    private static String list(List<String> texts) {
        JsonNode node = new ObjectMapper().valueToTree(texts);
        return node.toString();
    }

    private static String quoted(String text) {
        JsonNode node = new ObjectMapper().valueToTree(text);
        return node.toString();
    }
}
