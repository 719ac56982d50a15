package org.jclap.clap.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jclap.clap.demo.DemoCorpus.Kind;
import org.jclap.clap.demo.DemoResults.CorpusSummary;
import org.jclap.clap.demo.DemoResults.Curation;
import org.jclap.clap.demo.DemoResults.Separability;
import org.jclap.clap.demo.DemoResults.ZeroShotTable;
import org.jclap.clap.demo.SeparabilityStudy.Trained;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.Backend;

/**
 * The method of arXiv 2305.01864 and the study of arXiv 2408.13068 in miniature: teachers from annotated pairs, curation of
 * unpaired audio and captions, hard and soft students, zero-shot classification, class separability.
 */
public final class Demo {
    /** The model of which the curation and the students come. */
    static final String TEACHER = "teacher 100 %";

    static final String SMALL_TEACHER = "teacher 10 %";

    /** The teacher after as many steps more as a student takes, without curated pairs. */
    static final String CONTINUED = "continued teacher";

    private final Path out;
    private final DemoPlan plan;
    private final Backend backend;
    private final int threads;
    private final String version;
    private final Progress progress;
    private final Stages stages;

    /**
     * Opens the folder of a demo, new or interrupted.
     *
     * @param threads that synthesize; the results do not depend on it
     * @param announce told the name of each stage
     */
    public Demo(
            Path out,
            DemoPlan plan,
            Backend backend,
            int threads,
            String version,
            Progress progress,
            Consumer<String> announce) {
        this.out = out;
        this.plan = plan;
        this.backend = backend;
        this.threads = threads;
        this.version = version;
        this.progress = progress;
        stages = Stages.open(out, new Configuration(plan, version, backend.name()), announce);
    }

    /** On what the results depend. */
    private record Configuration(DemoPlan plan, String version, String device) {}

    /** The page that {@link #run} writes. */
    public Path report() {
        return out.resolve("report").resolve("index.html");
    }

    /** Runs every stage that is not complete, and writes the report. */
    public DemoResults run() {
        DemoCorpus corpus = new DemoCorpus(out.resolve("corpus"));
        CorpusSummary summary =
                stages.run("corpus", CorpusSummary.class, folder -> DemoCorpus.write(folder, plan, threads, progress));
        DemoTraining training = new DemoTraining(stages, out, plan, corpus, backend, progress);

        Path dirtyTower = training.tagger(Kind.DIRTY);
        Path cleanTower = training.tagger(Kind.CLEAN);

        Map<String, Path> models = new LinkedHashMap<>();
        models.put(TEACHER, training.teacher("teacher-100", dirtyTower, 1, plan.teacher()));
        models.put(SMALL_TEACHER, training.teacher("teacher-10", dirtyTower, 0.1, plan.smallTeacher()));

        Curation curation = stages.run(
                "curation",
                Curation.class,
                folder -> new DemoCuration(plan, corpus, backend, progress, folder).run(teacher(models)));
        models.put(CONTINUED, training.continued("teacher-100-continued", teacher(models)));
        Map<String, List<String>> against = students(training, models);
        ZeroShotTable zeroShot = stages.run(
                "zeroshot",
                ZeroShotTable.class,
                _ -> new DemoEvaluation(plan, corpus, backend, progress).run(models, against));

        List<Trained> conditions = conditions(training, dirtyTower, cleanTower);
        Separability separability = stages.run(
                "separability",
                Separability.class,
                _ -> new SeparabilityStudy(plan, corpus, backend, progress).run(conditions));

        DemoResults results = new DemoResults(
                setup(), plan, summary, training.done(), curation, zeroShot, separability, stages.seconds());
        DemoReport.write(results, report());
        return results;
    }

    private static Path teacher(Map<String, Path> models) {
        return models.getOrDefault(TEACHER, Path.of(""));
    }

    /** Trains a hard and a soft student on each set of curated pairs; returns what each is compared with. */
    private Map<String, List<String>> students(DemoTraining training, Map<String, Path> models) {
        List<String> sets = new ArrayList<>(List.of("DU"));
        plan.domainTasks().forEach(task -> sets.add("ADS " + task.title()));
        Map<String, List<String>> against = new LinkedHashMap<>();
        against.put(CONTINUED, List.of(TEACHER));
        for (String set : sets) {
            Path pairs = DemoCuration.pairs(out.resolve("curation"), set);
            for (boolean soft : List.of(false, true)) {
                String name = set + (soft ? " soft" : " hard");
                String folder = "student-" + name.toLowerCase(Locale.ROOT).replace(' ', '-');
                models.put(name, training.student(folder, teacher(models), pairs, soft ? plan.beta() : 0));
                against.put(name, List.of(TEACHER, CONTINUED));
            }
        }
        return against;
    }

    private static List<Trained> conditions(DemoTraining training, Path dirtyTower, Path cleanTower) {
        List<Trained> conditions = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Map<String, List<Path>> towers = new LinkedHashMap<>();
            towers.put("dirty", List.of(dirtyTower));
            towers.put("clean", List.of(cleanTower));
            towers.put("no", List.of());
            towers.forEach((preTraining, tower) -> {
                String name = "condition-%s-%s".formatted(kind.folder(), preTraining);
                conditions.add(new Trained(kind, preTraining, training.condition(name, kind, tower)));
            });
        }
        return conditions;
    }

    private DemoResults.Setup setup() {
        return new DemoResults.Setup(
                version,
                backend.name(),
                backend.description(),
                Runtime.version().toString(),
                threads,
                DemoTraining.FRONT_END.fingerprint());
    }
}
