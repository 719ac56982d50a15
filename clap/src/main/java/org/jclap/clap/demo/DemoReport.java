package org.jclap.clap.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jclap.clap.analyze.Correlation;
import org.jclap.clap.demo.DemoResults.Comparison;
import org.jclap.clap.demo.DemoResults.Condition;
import org.jclap.clap.demo.DemoResults.Curated;
import org.jclap.clap.demo.DemoResults.Score;
import org.jclap.clap.demo.DemoResults.Training;
import org.jclap.clap.report.BarChart;
import org.jclap.clap.report.Heatmap;
import org.jclap.clap.report.HtmlReport;
import org.jclap.clap.report.LineChart;
import org.jclap.clap.report.Numbers;
import org.jclap.clap.report.ScatterChart;
import org.jclap.clap.report.Table;

/** The report of a demo: figures and tables here, what they show in {@link DemoFindings}. */
final class DemoReport {
    private final DemoResults results;
    private final DemoFindings findings;

    private DemoReport(DemoResults results) {
        this.results = results;
        findings = new DemoFindings(results);
    }

    /** Writes the page. */
    static void write(DemoResults results, Path file) {
        new DemoReport(results).page().write(file);
    }

    private HtmlReport page() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("size", results.plan().quick() ? "quick" : "full");
        facts.put("seed", Long.toString(results.plan().seed()));
        facts.put("jclap", results.setup().version());
        facts.put("backend", results.setup().backend());
        facts.put("spectrogram", results.setup().frontEnd());
        facts.put(
                "time",
                Numbers.fixed(
                                results.seconds().values().stream()
                                        .mapToDouble(s -> s)
                                        .sum(),
                                0)
                        + " s");
        return new HtmlReport(
                        "jclap in miniature",
                        "Teachers, curated pairs, students, and what class separability says about zero-shot"
                                + " classification: every number is from this run, on synthesized sound.",
                        facts)
                .section("Zero-shot classification", this::zeroShot)
                .section("Sounds and captions", this::corpus)
                .section("Teachers", this::teachers)
                .section("Curation", this::curation)
                .section("Students", this::students)
                .section("Class separability", this::separability)
                .section("How it was run", this::run);
    }

    // ---------------------------------------------------------------------------------------------- zero-shot

    private void zeroShot(HtmlReport.Section section) {
        List<String> models = results.zeroShot().models();
        Table table = new Table(
                Table.text("model"),
                Table.number("ESC-50", 1, Table.Best.HIGHEST),
                Table.number("US8K", 1, Table.Best.HIGHEST),
                Table.number("TUT17", 1, Table.Best.HIGHEST));
        models.forEach(model ->
                table.row(model, percent(model, Task.ESC50), percent(model, Task.US8K), percent(model, Task.TUT17)));
        Object[] chance = Arrays.stream(Task.values())
                .map(task -> 100 * findings.chance(task))
                .toArray();
        table.row("chance", chance[0], chance[1], chance[2]);
        List<BarChart.Series> bars =
                Arrays.stream(Task.values()).map(task -> bars(models, task)).toList();
        section.prose(findings.prompts())
                .bullets(findings.tasks())
                .table("Zero-shot accuracy in percent, the best of each column in colour.", table)
                .figure(
                        new BarChart("Zero-shot accuracy", "percent", 1, models, bars),
                        "Accuracy with 95 % bootstrap intervals. Chance: " + chances() + ".");
    }

    private String chances() {
        return Arrays.stream(Task.values())
                .map(task -> task.title() + " " + Numbers.fixed(100 * findings.chance(task), 1) + " %")
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    private double percent(String model, Task task) {
        return 100 * results.zeroShot().score(model, task).accuracy();
    }

    private BarChart.Series bars(List<String> models, Task task) {
        List<Score> scores =
                models.stream().map(m -> results.zeroShot().score(m, task)).toList();
        return new BarChart.Series(
                task.title(),
                scores.stream().mapToDouble(s -> 100 * s.accuracy()).toArray(),
                scores.stream().mapToDouble(s -> 100 * s.interval().low()).toArray(),
                scores.stream().mapToDouble(s -> 100 * s.interval().high()).toArray());
    }

    // ---------------------------------------------------------------------------------------------- data

    private void corpus(HtmlReport.Section section) {
        Table table = new Table(
                Table.text("data"), Table.number("clips", 0), Table.number("classes", 0), Table.number("pairs", 0));
        DemoResults.CorpusSummary corpus = results.corpus();
        table.row(
                        "dirty corpus, with the evaluation sets and the pool",
                        corpus.dirtyClips(),
                        corpus.dirtyClasses(),
                        corpus.dirtyPairs())
                .row(
                        "clean corpus, captioned and labelled sets only",
                        corpus.cleanClips(),
                        corpus.cleanClasses(),
                        corpus.cleanPairs());
        section.prose(findings.corpus())
                .table("What was synthesized; pairs are those of the captioned sets' training splits.", table);
    }

    // ---------------------------------------------------------------------------------------------- training

    private void teachers(HtmlReport.Section section) {
        section.prose(findings.teachers())
                .figure(
                        losses("Loss of the tagging audio towers", t -> t.name().startsWith("tagging")),
                        "Binary cross-entropy on held-out clips after each epoch.")
                .figure(
                        losses("Contrastive loss of the teachers", t -> t.name().startsWith("teacher")),
                        "On held-out pairs, after each epoch; comparable between models, the batches are the same.");
        for (Task task : Task.values()) {
            Score score = results.zeroShot().score(Demo.TEACHER, task);
            section.figure(
                    Heatmap.confusion(task.title() + ", " + score.model(), score.classes(), score.confusion()),
                    findings.confusion(score));
        }
    }

    private LineChart losses(String title, Predicate<Training> chosen) {
        List<LineChart.Series> series = results.trainings().stream()
                .filter(chosen)
                .map(t -> new LineChart.Series(
                        t.name(),
                        IntStream.rangeClosed(1, t.validationLosses().size())
                                .asDoubleStream()
                                .toArray(),
                        t.validationLosses().stream().mapToDouble(v -> v).toArray()))
                .toList();
        return LineChart.linear(title, "epoch", "validation loss", series);
    }

    private void curation(HtmlReport.Section section) {
        Table table = new Table(
                Table.text("curation"),
                Table.number("threshold", 3),
                Table.number("rows", 0),
                Table.number("candidates", 0),
                Table.number("kept", 0),
                Table.number("covered", 0),
                Table.number("used", 0),
                Table.number("similarity", 3));
        for (Curated c : results.curation().curated()) {
            table.row(
                    c.name(), c.threshold(), c.rows(), c.candidates(), c.kept(), c.covered(), c.used(), c.keptMedian());
        }
        section.prose(findings.curation())
                .table(
                        "What each curation kept. DU and ADS compare rows that are clips with candidates that are captions, DS"
                                + " captions with labels. Covered: rows with something kept; used: candidates that were kept"
                                + " with some row; similarity: the median of what was kept.",
                        table);
        for (Curated c : results.curation().curated()) {
            if (!c.name().startsWith("DS")) {
                section.prose(c.name() + ", some of the pairs (what was synthesized ← the caption it was given):")
                        .bullets(c.examples());
            }
        }
    }

    private void students(HtmlReport.Section section) {
        Table table = new Table(
                Table.text("model"),
                Table.text("minus"),
                Table.text("ESC-50"),
                Table.text("US8K"),
                Table.text("TUT17"));
        Map<List<String>, List<Comparison>> byPair = results.zeroShot().comparisons().stream()
                .collect(Collectors.groupingBy(
                        c -> List.of(c.model(), c.against()), LinkedHashMap::new, Collectors.toList()));
        byPair.forEach((pair, tasks) -> table.row(
                pair.getFirst(),
                pair.getLast(),
                difference(tasks, Task.ESC50),
                difference(tasks, Task.US8K),
                difference(tasks, Task.TUT17)));
        section.prose(findings.students())
                .table(
                        "Differences of accuracy in percentage points on the same clips, with 95 % bootstrap intervals.",
                        table);
    }

    private static String difference(List<Comparison> tasks, Task task) {
        return tasks.stream()
                .filter(c -> c.task() == task)
                .map(c -> "%s (%s to %s)"
                        .formatted(
                                DemoFindings.signed(100 * c.difference().estimate()),
                                DemoFindings.signed(100 * c.difference().low()),
                                DemoFindings.signed(100 * c.difference().high())))
                .collect(Collectors.joining());
    }

    // ---------------------------------------------------------------------------------------------- separability

    private void separability(HtmlReport.Section section) {
        DemoResults.Separability study = results.separability();
        Table table = new Table(
                Table.text("training"),
                Table.text("pre-training"),
                Table.number("accuracy, %", 1, Table.Best.HIGHEST),
                Table.number("cosine", 3, Table.Best.HIGHEST),
                Table.number("Euclidean", 3, Table.Best.HIGHEST),
                Table.number("Ea–Et", 3, Table.Best.HIGHEST),
                Table.number("xa–Ea", 3, Table.Best.HIGHEST));
        study.conditions()
                .forEach(c -> table.row(
                        c.training(),
                        c.preTraining(),
                        100 * c.accuracy(),
                        c.cosine(),
                        c.euclidean(),
                        c.classNngs(),
                        c.itemNngs()));
        section.prose(findings.separability())
                .table(
                        "Six conditions on ESC-50: zero-shot accuracy; silhouette with two distances; agreement of"
                                + " neighbours (NNGS) between class means of audio embeddings Ea and the label prompts' Et, and"
                                + " between clips before (xa) and after (Ea) the projection. Unrelated spaces would agree by "
                                + Numbers.fixed(study.nngsChance(), 3) + " for Ea–Et.",
                        table)
                .figure(
                        scatter(
                                "Silhouette and accuracy",
                                "silhouette (cosine)",
                                "accuracy, %",
                                Condition::cosine,
                                c -> 100 * c.accuracy(),
                                study.silhouetteAndAccuracy()),
                        findings.correlation("the silhouette", "accuracy", study.silhouetteAndAccuracy()))
                .figure(
                        scatter(
                                "Neighbours of classes and accuracy",
                                "NNGS of class means and label prompts",
                                "log accuracy",
                                Condition::classNngs,
                                this::logAccuracy,
                                study.nngsAndLogAccuracy()),
                        findings.correlation(
                                "the agreement of neighbours Ea–Et", "log accuracy", study.nngsAndLogAccuracy()))
                .figure(
                        scatter(
                                "Neighbours of clips and accuracy",
                                "NNGS of clips before and after the projection",
                                "log accuracy",
                                Condition::itemNngs,
                                this::logAccuracy,
                                study.backboneNngsAndLogAccuracy()),
                        findings.correlation(
                                "the agreement of neighbours xa–Ea",
                                "log accuracy",
                                study.backboneNngsAndLogAccuracy()));
        study.conditions().forEach(c -> section.figure(map(c), findings.map(c)));
    }

    private double logAccuracy(Condition condition) {
        int clips = results.zeroShot().score(Demo.TEACHER, Task.ESC50).clips();
        return SeparabilityStudy.logAccuracy(condition.accuracy(), clips);
    }

    /** A quantity of a condition. */
    private interface Quantity {
        double of(Condition condition);
    }

    private ScatterChart scatter(
            String title, String xName, String yName, Quantity x, Quantity y, Correlation correlation) {
        List<ScatterChart.Point> points = results.separability().conditions().stream()
                .map(c -> new ScatterChart.Point(
                        x.of(c), y.of(c), "trained " + c.training(), c.preTraining() + " pre-training"))
                .toList();
        return ScatterChart.correlation(title, xName, yName, points, correlation.r(), correlation.p());
    }

    private static ScatterChart map(Condition condition) {
        List<ScatterChart.Point> points = new ArrayList<>();
        for (int i = 0; i < condition.map().x().length; i++) {
            String name = condition.map().classes().get(i);
            points.add(new ScatterChart.Point(
                    condition.map().x()[i], condition.map().y()[i], name, name));
        }
        return ScatterChart.map(
                "t-SNE: %s training, %s pre-training".formatted(condition.training(), condition.preTraining()), points);
    }

    // ---------------------------------------------------------------------------------------------- the run

    private void run(HtmlReport.Section section) {
        Table trainings = new Table(
                Table.text("training"),
                Table.number("steps", 0),
                Table.number("seconds", 1),
                Table.number("first loss", 3),
                Table.number("last loss", 3),
                Table.number("least validation loss", 3));
        for (Training t : results.trainings()) {
            trainings.row(
                    t.name(),
                    t.steps(),
                    t.seconds(),
                    t.trainLosses().getFirst(),
                    t.trainLosses().getLast(),
                    t.validationLosses().stream().mapToDouble(v -> v).min().orElse(Double.NaN));
        }
        Table stages = new Table(Table.text("stage"), Table.number("seconds", 1));
        results.seconds().forEach(stages::row);
        section.prose(findings.run())
                .table("Trainings. Losses are means over an epoch.", trainings)
                .table("Stages.", stages);
    }
}
