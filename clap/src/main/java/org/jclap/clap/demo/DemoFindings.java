package org.jclap.clap.demo;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jclap.clap.analyze.Correlation;
import org.jclap.clap.demo.DemoResults.Comparison;
import org.jclap.clap.demo.DemoResults.Condition;
import org.jclap.clap.demo.DemoResults.Curated;
import org.jclap.clap.demo.DemoResults.Score;
import org.jclap.clap.report.Numbers;

/** What the numbers of a demo say, in words, flattering or not. */
final class DemoFindings {
    private static final double SIGNIFICANT = 0.05;

    private final DemoResults results;

    DemoFindings(DemoResults results) {
        this.results = results;
    }

    double chance(Task task) {
        return results.zeroShot().score(Demo.TEACHER, task).chance();
    }

    // ---------------------------------------------------------------------------------------------- zero-shot

    String zeroShot() {
        StringBuilder text = new StringBuilder(
                "A clip belongs to the class whose prompt, “this is a sound of” and the label, has the nearest embedding.");
        for (Task task : Task.values()) {
            Score best = results.zeroShot().scores().stream()
                    .filter(s -> s.task() == task)
                    .max(Comparator.comparingDouble(Score::accuracy))
                    .orElseThrow();
            Score teacher = results.zeroShot().score(Demo.TEACHER, task);
            text.append(
                    " On %s (%d clips, %d classes, chance %s) %s is best with %s; the teacher on all pairs has %s, %s."
                            .formatted(
                                    task.title(),
                                    best.clips(),
                                    best.classes().size(),
                                    percent(best.chance()),
                                    best.model(),
                                    percent(best.accuracy()),
                                    percent(teacher.accuracy()),
                                    teacher.interval().low() > teacher.chance()
                                            ? "clearly above chance"
                                            : "which its interval does not tell from chance"));
        }
        return text.toString();
    }

    // ---------------------------------------------------------------------------------------------- data and teachers

    String corpus() {
        DemoResults.CorpusSummary c = results.corpus();
        return ("All audio is synthesized at %d Hz, %s s a clip, with captions that follow from what was synthesized. The"
                        + " captioned sets give %s pairs; %s clips of a pool have no caption, and %s captions, annotated and"
                        + " unpaired ones, can be given to them. The clean corpus was made without the concepts of ESC-50:"
                        + " %d classes are left of %d, and its %s pairs mention none of those that are gone.")
                .formatted(
                        DemoCorpus.SAMPLE_RATE,
                        Numbers.compact(results.plan().seconds()),
                        Numbers.fixed(c.dirtyPairs(), 0),
                        Numbers.fixed(c.pool(), 0),
                        Numbers.fixed(c.captions(), 0),
                        c.cleanClasses(),
                        c.dirtyClasses(),
                        Numbers.fixed(c.cleanPairs(), 0));
    }

    String teachers() {
        List<String> tasks = java.util.Arrays.stream(Task.values())
                .map(task -> {
                    double all = results.zeroShot().score(Demo.TEACHER, task).accuracy();
                    double tenth =
                            results.zeroShot().score(Demo.SMALL_TEACHER, task).accuracy();
                    return "%s %s against %s".formatted(task.title(), percent(tenth), percent(all));
                })
                .toList();
        long wins = java.util.Arrays.stream(Task.values())
                .filter(task -> results.zeroShot().score(Demo.TEACHER, task).accuracy()
                        > results.zeroShot().score(Demo.SMALL_TEACHER, task).accuracy())
                .count();
        return ("The audio tower starts from tagging labelled clips; then both towers learn from captioned clips. A teacher"
                        + " on a tenth of the pairs is worse than the one on all of them on %d of %d tasks: %s.")
                .formatted(wins, Task.values().length, String.join(", ", tasks));
    }

    /** The most frequent confusion of a matrix. */
    String confusion(Score score) {
        int row = 0;
        int column = 0;
        int most = 0;
        for (int r = 0; r < score.confusion().length; r++) {
            for (int c = 0; c < score.confusion().length; c++) {
                if (r != c && score.confusion()[r][c] > most) {
                    most = score.confusion()[r][c];
                    row = r;
                    column = c;
                }
            }
        }
        return "%s: %s of %d clips right, %s by chance.%s"
                .formatted(
                        score.task().title(),
                        percent(score.accuracy()),
                        score.clips(),
                        percent(score.chance()),
                        most == 0
                                ? ""
                                : " The most frequent confusion: %s taken for %s, %d times."
                                        .formatted(
                                                score.classes().get(row),
                                                score.classes().get(column),
                                                most));
    }

    // ---------------------------------------------------------------------------------------------- curation and
    // students

    String curation() {
        Curated du = results.curation().curated().getFirst();
        String domain = results.curation().curated().stream()
                .filter(c -> c.name().startsWith("ADS"))
                .map(c -> "%s keeps %s pairs of %s clips"
                        .formatted(c.name(), Numbers.fixed(c.kept(), 0), Numbers.fixed(c.covered(), 0)))
                .collect(Collectors.joining(", "));
        return ("The teacher on all pairs embeds the pool and the captions. DU keeps the pairs above a threshold: %s pairs,"
                        + " which cover %s of the %s clips with %s of the %s captions. DS keeps the captions near some label of"
                        + " a task, ADS pairs the pool with those: %s. Thresholds are quantiles, chosen so that about %s pairs"
                        + " for each clip of the pool remain, and %s of the captions; what they are depends on the teacher.")
                .formatted(
                        Numbers.fixed(du.kept(), 0),
                        Numbers.fixed(du.covered(), 0),
                        Numbers.fixed(du.rows(), 0),
                        Numbers.fixed(du.used(), 0),
                        Numbers.fixed(du.candidates(), 0),
                        domain,
                        Numbers.compact(results.plan().pairsPerClip()),
                        percent(results.plan().captionShare()));
    }

    String students() {
        String settings =
                ("Each student starts as the teacher and takes a curated batch instead of an annotated one with a"
                                + " probability of %s; a soft student learns from targets of which %s are the teacher's similarities."
                                + " “Continued” is the teacher with as many steps more on annotated pairs alone: what a student has over"
                                + " it is due to curated pairs.")
                        .formatted(
                                percent(results.plan().curationProb()),
                                percent(results.plan().beta()));
        return settings + "\n\n" + tally("the teacher", Demo.TEACHER) + " "
                + tally("the continued teacher", Demo.CONTINUED);
    }

    private String tally(String name, String model) {
        List<Comparison> all = results.zeroShot().comparisons().stream()
                .filter(c -> c.against().equals(model) && !c.model().equals(Demo.CONTINUED))
                .toList();
        List<Comparison> better =
                all.stream().filter(c -> c.difference().estimate() > 0).toList();
        List<Comparison> clearly =
                all.stream().filter(c -> c.difference().low() > 0).toList();
        List<Comparison> worse =
                all.stream().filter(c -> c.difference().high() < 0).toList();
        return "Of %d comparisons of a student with %s, %d are in the student's favour; %s; %s."
                .formatted(
                        all.size(),
                        name,
                        better.size(),
                        clearly.isEmpty()
                                ? "in none of them does the 95 % interval exclude zero"
                                : "the 95 % interval excludes zero for " + names(clearly),
                        worse.isEmpty() ? "none is clearly worse" : "clearly worse: " + names(worse));
    }

    private static String names(List<Comparison> comparisons) {
        return comparisons.stream()
                .map(c -> "%s on %s (%s points)"
                        .formatted(
                                c.model(),
                                c.task().title(),
                                signed(100 * c.difference().estimate())))
                .collect(Collectors.joining(", "));
    }

    // ---------------------------------------------------------------------------------------------- separability

    String separability() {
        List<Condition> conditions = results.separability().conditions();
        Condition best = conditions.stream()
                .max(Comparator.comparingDouble(Condition::accuracy))
                .orElseThrow();
        Condition worst = conditions.stream()
                .min(Comparator.comparingDouble(Condition::accuracy))
                .orElseThrow();
        double dirty = mean(conditions, "dirty");
        double clean = mean(conditions, "clean");
        double chance = chance(Task.ESC50);
        return ("The same model is trained six times: on captions with or without ESC-50's concepts (dirty, clean), from an audio"
                        + " tower that was tagged with them, without them, or not at all. For the first %d of %d epochs only the"
                        + " projections learn.\n\nThe best condition is %s training with %s pre-training (%s), the worst %s"
                        + " training with %s pre-training (%s); chance is %s. Dirty training reaches %s on average, clean training"
                        + " %s: %s")
                .formatted(
                        results.plan().frozenEpochs(),
                        results.plan().frozenEpochs() + results.plan().thawedEpochs(),
                        best.training(),
                        best.preTraining(),
                        percent(best.accuracy()),
                        worst.training(),
                        worst.preTraining(),
                        percent(worst.accuracy()),
                        percent(chance),
                        percent(dirty),
                        percent(clean),
                        dirty > clean
                                ? "part of what looks like zero-shot ability is knowledge of the very labels."
                                : "in this run the knowledge of the labels did not help.");
    }

    private static double mean(List<Condition> conditions, String training) {
        return conditions.stream()
                .filter(c -> c.training().equals(training))
                .mapToDouble(Condition::accuracy)
                .average()
                .orElse(Double.NaN);
    }

    /** Reads a correlation. */
    String correlation(String x, String y, Correlation c) {
        if (Double.isNaN(c.r())) {
            return "One of the two is the same in all conditions, so there is no correlation.";
        }
        boolean significant = c.p() < SIGNIFICANT;
        return "Over %d conditions %s and %s %s (Pearson r = %s, %s)%s."
                .formatted(
                        c.n(),
                        x,
                        y,
                        c.r() > 0 ? "rise together" : "go against each other",
                        Numbers.fixed(c.r(), 2),
                        Numbers.pValue(c.p()),
                        significant ? "" : "; so few points do not tell this from chance");
    }

    String map(Condition condition) {
        return "ESC-50 after %s training and %s pre-training: silhouette %s, accuracy %s."
                .formatted(
                        condition.training(),
                        condition.preTraining(),
                        Numbers.fixed(condition.cosine(), 3),
                        percent(condition.accuracy()));
    }

    // ---------------------------------------------------------------------------------------------- the run

    String run() {
        long steps = results.trainings().stream()
                .mapToLong(DemoResults.Training::steps)
                .sum();
        double seconds = results.seconds().values().stream().mapToDouble(s -> s).sum();
        return "%d trainings of %s steps in all; everything took %s s. results.json holds every number, demo.json the settings, and runs/ a directory for each training that jclap's other commands can read."
                .formatted(results.trainings().size(), Numbers.fixed(steps, 0), Numbers.fixed(seconds, 0));
    }

    private static String percent(double share) {
        return Numbers.fixed(100 * share, 1) + " %";
    }

    private static String signed(double value) {
        return (value > 0 ? "+" : "") + Numbers.fixed(value, 1);
    }
}
