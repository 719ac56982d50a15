package org.jclap.clap.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jclap.clap.analyze.Cka;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.Metric;
import org.jclap.clap.analyze.Nngs;
import org.jclap.clap.analyze.Silhouette;
import org.jclap.clap.data.Captions;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How well the classes of a set separate in a space, and how much the space agrees with another. */
@Command(
        name = "separability",
        description = "Silhouette of labelled embeddings in both metrics, overall and of each class. With --against,"
                + " the similarity to another space: nearest-neighbour graphs (NNGS) and linear CKA.",
        footer = {
            "",
            "Example:",
            "  jclap analyze separability --embeddings audio.npy --labels esc50.csv --against labels.npy --out r.json"
        })
final class AnalyzeSeparabilityCommand extends AnalyzeCommand.Analysis {
    @Option(names = "--embeddings", required = true, paramLabel = "X.npy", description = "One row for each clip.")
    private Path embeddings = Path.of("");

    @Option(names = "--labels", required = true, paramLabel = "L.csv", description = "Their classes: ID,class_name.")
    private Path labels = Path.of("");

    @Option(
            names = "--against",
            paramLabel = "Z.npy",
            description = "Another space, of any dimension: a row for each clip, or for each class, such as the"
                    + " embeddings of the class prompts.")
    private @Nullable Path against;

    @Option(
            names = "--against-labels",
            paramLabel = "Z.csv|Z.txt",
            description = "What the rows of --against are when they are classes: prompts that end with the class names"
                    + " (default: the table beside it, as embed writes).")
    private @Nullable Path againstLabels;

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "cosine or euclidean (default: cosine for the silhouette that is shown first, euclidean for"
                    + " the neighbours, as their library does).")
    private @Nullable Metric metric;

    @Option(
            names = "--k",
            paramLabel = "K",
            defaultValue = "5",
            converter = Values.Positive.class,
            description = "Neighbours of each row (default: ${DEFAULT-VALUE}).")
    private int k;

    @Option(names = "--out", paramLabel = "R.json", description = "Also write the result here.")
    private @Nullable Path out;

    /** How two spaces agree; the levels are single clips and class means. */
    private record Agreement(
            String level, int rows, String metric, int k, double nngs, double chance, double linearCka) {
        static Agreement of(String level, Embeddings x, Embeddings z, int k, Metric metric) {
            var neighbours = Nngs.of(x, z, k, metric);
            return new Agreement(
                    level, x.rows(), text(metric), k, neighbours.mean(), neighbours.chance(), Cka.linear(x, z));
        }

        String line() {
            return "  %-12s NNGS %.4f (chance %.4f, k %d, %s)   linear CKA %.4f"
                    .formatted(level.replace('_', ' '), nngs, chance, k, metric, linearCka);
        }
    }

    @Override
    public void run() {
        var data = LabelledEmbeddings.read(embeddings, labels);
        var agreements = against == null ? List.<Agreement>of() : agreements(data, against);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("analysis", "separability");
        members.put("embeddings", embeddings);
        members.put("labels", labels);
        members.put("rows", data.points().rows());
        members.put("dim", data.points().dim());
        members.put("classes", data.classes().size());
        List<String> lines = new ArrayList<>();
        addSilhouettes(data, members, lines);
        if (against != null) {
            members.put("against", against);
            members.put("agreement", agreements);
            lines.add(1, "against %s".formatted(against));
            lines.addAll(2, agreements.stream().map(Agreement::line).toList());
        }
        answer(members, lines, out);
    }

    private void addSilhouettes(LabelledEmbeddings data, Map<String, Object> members, List<String> lines) {
        var indices = data.labels().indices();
        var headline = metric == null ? Metric.COSINE : metric;
        var other = headline == Metric.COSINE ? Metric.EUCLIDEAN : Metric.COSINE;
        var first = Silhouette.of(data.points(), indices, headline);
        var second = Silhouette.of(data.points(), indices, other);
        members.put("metric", text(headline));
        members.put("silhouette", first.mean());
        Map<String, Double> both = new LinkedHashMap<>();
        both.put(text(headline), first.mean());
        both.put(text(other), second.mean());
        members.put("silhouettes", both);
        lines.add("silhouette %.4f %s (%.4f %s) of %d clips in %d classes"
                .formatted(
                        first.mean(),
                        text(headline),
                        second.mean(),
                        text(other),
                        data.points().rows(),
                        data.classes().size()));
        addClasses(data.classes(), first, second, members, lines);
    }

    private static void addClasses(
            List<String> classes,
            Silhouette first,
            Silhouette second,
            Map<String, Object> members,
            List<String> lines) {
        var headline = text(first.metric());
        var other = text(second.metric());
        var width = classes.stream().mapToInt(String::length).reduce("class".length(), Math::max);
        lines.add("  %s %6s %10s %10s".formatted(padded("class", width), "clips", headline, other));
        List<Map<String, Object>> rows = new ArrayList<>();
        for (var c = 0; c < classes.size(); c++) {
            var name = classes.get(c);
            var one = first.classes().get(c);
            var two = second.classes().get(c);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", name);
            row.put("clips", one.count());
            row.put(headline, one.mean());
            row.put(other, two.mean());
            rows.add(row);
            lines.add("  %s %6d %10.4f %10.4f".formatted(padded(name, width), one.count(), one.mean(), two.mean()));
        }
        members.put("per_class", rows);
    }

    private List<Agreement> agreements(LabelledEmbeddings data, Path file) {
        var z = LabelledEmbeddings.points(file);
        var distance = metric == null ? Metric.EUCLIDEAN : metric;
        var x = data.points();
        var classes = data.classes().size();
        var means = x.classMeans(data.labels().indices(), classes);
        if (z.rows() == x.rows()) {
            List<Agreement> both = new ArrayList<>();
            both.add(Agreement.of("clips", x, z, k, distance));
            if (k < classes) {
                var otherMeans = z.classMeans(data.labels().indices(), classes);
                both.add(Agreement.of("class_means", means, otherMeans, k, distance));
            }
            return both;
        }
        if (z.rows() == classes) {
            return List.of(Agreement.of("class_means", means, inOrder(data.classes(), file, z), k, distance));
        }
        throw new UserException("%s has %d rows; expected %d, one for each clip of %s, or %d, one for each class"
                .formatted(file, z.rows(), x.rows(), labels, classes));
    }

    /** Rows of classes, rearranged to the order of {@code classes}. */
    private Embeddings inOrder(List<String> classes, Path file, Embeddings z) {
        var names = Captions.read(namesOf(file));
        if (names.size() != z.rows()) {
            throw new UserException(
                    "%s has %d rows, but %s has %d".formatted(file, z.rows(), namesOf(file), names.size()));
        }
        var values = new float[z.values().length];
        for (var c = 0; c < classes.size(); c++) {
            System.arraycopy(z.values(), rowOf(classes, c, names) * z.dim(), values, c * z.dim(), z.dim());
        }
        return new Embeddings(z.rows(), z.dim(), values);
    }

    private Path namesOf(Path file) {
        if (againstLabels != null) {
            return againstLabels;
        }
        var beside = file.resolveSibling(String.valueOf(file.getFileName()).replaceFirst("\\.npy$", "") + ".csv");
        if (!Files.exists(beside)) {
            throw new UserException(
                    "%s has a row for each class, but %s is missing, which tells the classes apart; name"
                                    .formatted(file, beside)
                            + " a list with --against-labels");
        }
        return beside;
    }

    /** The row whose prompt ends with the class name, and with no longer class name ("horn" is not "car horn"). */
    private int rowOf(List<String> classes, int wanted, List<String> prompts) {
        List<Integer> found = new ArrayList<>();
        for (var row = 0; row < prompts.size(); row++) {
            if (classOf(prompts.get(row), classes) == wanted) {
                found.add(row);
            }
        }
        if (found.size() != 1) {
            throw new UserException("%s: %d rows end with the class name '%s' of %s; expected one"
                    .formatted(
                            againstLabels == null ? "the table of --against" : againstLabels,
                            found.size(),
                            classes.get(wanted),
                            labels));
        }
        return found.getFirst();
    }

    private static int classOf(String prompt, List<String> classes) {
        var text = " " + ClassPrompt.words(prompt).toLowerCase(Locale.ROOT);
        var best = -1;
        var length = 0;
        for (var c = 0; c < classes.size(); c++) {
            var words = ClassPrompt.words(classes.get(c)).toLowerCase(Locale.ROOT);
            if (words.length() > length && text.endsWith(" " + words)) {
                best = c;
                length = words.length();
            }
        }
        return best;
    }

    private static String padded(String name, int width) {
        return name + " ".repeat(Math.max(0, width - name.length()));
    }

    private static String text(Metric metric) {
        return metric.name().toLowerCase(Locale.ROOT);
    }
}
