package org.jclap.clap.demo;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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

    /** So many comparisons are named one by one. */
    private static final int NAMED = 4;

    private final DemoResults results;

    DemoFindings(DemoResults results) {
        this.results = results;
    }

    double chance(Task task) {
        return results.zeroShot().score(Demo.TEACHER, task).chance();
    }

    // ---------------------------------------------------------------------------------------------- zero-shot

    String prompts() {
        return "A clip belongs to the class whose prompt has the nearest embedding; a prompt is “%s” and the label."
                .formatted(results.plan().prompt().strip());
    }

    /** One statement for each task. */
    List<String> tasks() {
        return Arrays.stream(Task.values()).map(this::task).toList();
    }

    private String task(Task task) {
        Score best = results.zeroShot().scores().stream()
                .filter(s -> s.task() == task)
                .max(Comparator.comparingDouble(Score::accuracy))
                .orElseThrow();
        Score teacher = results.zeroShot().score(Demo.TEACHER, task);
        String verdict = teacher.interval().low() > teacher.chance()
                ? "clearly above chance"
                : "which its interval does not tell from chance";
        return "%s (%d clips, %d classes, chance %s): %s is best with %s; the teacher on all pairs has %s, %s."
                .formatted(
                        task.title(),
                        best.clips(),
                        best.classes().size(),
                        percent(best.chance()),
                        best.model(),
                        percent(best.accuracy()),
                        percent(teacher.accuracy()),
                        verdict);
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
                        count(c.dirtyPairs()),
                        count(c.pool()),
                        count(c.captions()),
                        c.cleanClasses(),
                        c.dirtyClasses(),
                        count(c.cleanPairs()));
    }

    String teachers() {
        List<String> tasks = Arrays.stream(Task.values())
                .map(task -> {
                    double all = results.zeroShot().score(Demo.TEACHER, task).accuracy();
                    double tenth =
                            results.zeroShot().score(Demo.SMALL_TEACHER, task).accuracy();
                    return "%s %s against %s".formatted(task.title(), percent(tenth), percent(all));
                })
                .toList();
        long wins = Arrays.stream(Task.values())
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
                .map(c -> "%s keeps %s pairs of %s clips".formatted(c.name(), count(c.kept()), count(c.covered())))
                .collect(Collectors.joining(", "));
        return ("The teacher on all pairs embeds the pool and the captions. DU gives each of the %s clips its %d most similar"
                        + " captions: %s of the %s captions are used. DS keeps the captions near some label of a task, about %s"
                        + " of them, ADS pairs the pool with those in the same way: %s. (The published DU and ADS keep every pair"
                        + " above a threshold instead.) The examples show how often the teacher is right.")
                .formatted(
                        count(du.rows()),
                        results.plan().captionsPerClip(),
                        count(du.used()),
                        count(du.candidates()),
                        percent(results.plan().captionShare()),
                        domain);
    }

    String students() {
        String settings =
                ("Each student starts as the teacher and takes a curated batch instead of an annotated one with a"
                                + " probability of %s; a soft student learns from targets of which %s are the teacher's similarities."
                                + " The continued teacher takes as many steps more on annotated pairs alone: what a student has over it"
                                + " is due to curated pairs.")
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
        if (comparisons.size() > NAMED) {
            return "%d of them, see the table".formatted(comparisons.size());
        }
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
                        results.plan().condition().epochs(),
                        best.training(),
                        best.preTraining(),
                        percent(best.accuracy()),
                        worst.training(),
                        worst.preTraining(),
                        percent(worst.accuracy()),
                        percent(chance),
                        percent(dirty),
                        percent(clean),
                        leakage(conditions));
    }

    /** Whether training that has seen the labels is better, by the intervals of each pre-training. */
    private static String leakage(List<Condition> conditions) {
        long clearly = conditions.stream()
                .filter(c -> c.training().equals("dirty"))
                .filter(dirty -> conditions.stream()
                        .anyMatch(clean -> clean.training().equals("clean")
                                && clean.preTraining().equals(dirty.preTraining())
                                && dirty.interval().low() > clean.interval().high()))
                .count();
        return clearly > 0
                ? "with %d of 3 pre-trainings the intervals are apart, so part of what looks like zero-shot ability is knowledge of the very labels."
                        .formatted(clearly)
                : "the intervals overlap with every pre-training, so this run does not show that knowing the labels helps.";
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
                .formatted(results.trainings().size(), count(steps), Numbers.fixed(seconds, 0));
    }

    private static String percent(double share) {
        return Numbers.fixed(100 * share, 1) + " %";
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String signed(double value) {
        return (value > 0 ? "+" : "") + Numbers.fixed(value, 1);
    }
}
