package org.jclap.clap.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.clap.analyze.Bootstrap;
import org.jclap.clap.analyze.ZeroShotScores;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.demo.DemoResults.Comparison;
import org.jclap.clap.demo.DemoResults.Score;
import org.jclap.clap.demo.DemoResults.ZeroShotTable;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.eval.ZeroShot;
import org.jclap.clap.eval.ZeroShotResult;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.tensor.Backend;

/** Zero-shot classification of all tasks by all models, with intervals, also of the differences between models. */
final class DemoEvaluation {
    static final double LEVEL = 0.95;
    static final int RESAMPLES = 10_000;

    private final long seed;
    private final ClassPrompt prompt;
    private final Backend backend;
    private final Progress progress;
    private final Map<Task, ClassificationSet> sets = new EnumMap<>(Task.class);

    DemoEvaluation(DemoPlan plan, DemoCorpus corpus, Backend backend, Progress progress) {
        this.seed = plan.seed();
        this.prompt = new ClassPrompt(plan.prompt());
        this.backend = backend;
        this.progress = progress;
        for (Task task : Task.values()) {
            sets.put(task, task.read(corpus.root(DemoCorpus.Kind.DIRTY)));
        }
    }

    /**
     * Evaluates checkpoints by name.
     *
     * @param against for a student, the names of the models that it is compared with
     */
    ZeroShotTable run(Map<String, Path> models, Map<String, List<String>> against) {
        List<Score> scores = new ArrayList<>();
        Map<String, Map<Task, double[]>> correct = new LinkedHashMap<>();
        models.forEach((name, file) -> {
            Map<Task, double[]> right = new EnumMap<>(Task.class);
            try (ClapCheckpoint checkpoint = ClapCheckpoint.loadConstant(backend, file)) {
                sets.forEach((task, set) -> {
                    ZeroShotScores result = scores(checkpoint, set, name);
                    right.put(task, result.correct());
                    scores.add(score(name, task, set, result));
                });
            }
            correct.put(name, right);
        });
        List<Comparison> comparisons = new ArrayList<>();
        against.forEach((student, others) -> {
            for (String other : others) {
                for (Task task : Task.values()) {
                    comparisons.add(compare(student, other, task, correct));
                }
            }
        });
        return new ZeroShotTable(scores, comparisons);
    }

    private ZeroShotScores scores(ClapCheckpoint checkpoint, ClassificationSet set, String name) {
        Progress named = (_, unit, total) -> progress.begin(name + " on " + set.name(), unit, total);
        ZeroShotResult result =
                ZeroShot.evaluate(checkpoint, set, prompt, Crop.EVALUATION, EmbedOptions.BATCH, false, named);
        return switch (result.scores()) {
            case ZeroShotResult.SingleLabel single -> single.scores();
            case ZeroShotResult.MultiLabel _ ->
                throw new IllegalStateException(set.name() + " has several labels per clip");
        };
    }

    private Score score(String model, Task task, ClassificationSet set, ZeroShotScores scores) {
        return new Score(
                model,
                task,
                set.clips().size(),
                scores.accuracy(),
                Bootstrap.mean(scores.correct(), LEVEL, RESAMPLES, seed),
                1.0 / set.classes().size(),
                set.classes(),
                scores.confusion());
    }

    private Comparison compare(String student, String other, Task task, Map<String, Map<Task, double[]>> correct) {
        double[] mine = correct.getOrDefault(student, Map.of()).getOrDefault(task, new double[0]);
        double[] others = correct.getOrDefault(other, Map.of()).getOrDefault(task, new double[0]);
        double[] differences = new double[mine.length];
        for (int i = 0; i < mine.length; i++) {
            differences[i] = mine[i] - others[i];
        }
        return new Comparison(student, other, task, Bootstrap.mean(differences, LEVEL, RESAMPLES, seed));
    }
}
