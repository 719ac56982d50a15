package org.jclap.clap.cli;

import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jclap.clap.analyze.Metric;
import org.jclap.clap.analyze.Tsne;
import org.jclap.clap.report.HtmlReport;
import org.jclap.clap.report.Numbers;
import org.jclap.clap.report.ScatterChart;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A map of labelled embeddings. */
@Command(
        name = "tsne",
        description = "Lays labelled embeddings out on a plane with exact t-SNE. Near points stay near; distances"
                + " between far clusters mean nothing.",
        footer = {"", "Example:", "  jclap analyze tsne --embeddings audio.npy --labels esc50.csv --out map.html"})
final class AnalyzeTsneCommand extends AnalyzeCommand.Analysis {
    /** The matrices of more points grow beyond what exact t-SNE does in minutes. */
    private static final int MOST_POINTS = 5000;

    @Option(names = "--embeddings", required = true, paramLabel = "X.npy", description = "One row for each clip.")
    private Path embeddings = Path.of("");

    @Option(names = "--labels", required = true, paramLabel = "L.csv", description = "Their classes: ID,class_name.")
    private Path labels = Path.of("");

    @Option(
            names = "--out",
            required = true,
            paramLabel = "map.html|.svg|.csv",
            description = "A page, a drawing, or the coordinates ID,class_name,x,y.")
    private Path out = Path.of("");

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            defaultValue = "cosine",
            description = "cosine or euclidean (default: ${DEFAULT-VALUE}).")
    private Metric metric = Metric.COSINE;

    @Option(
            names = "--perplexity",
            paramLabel = "P",
            description = "Effective number of neighbours (default: 30, less for fewer than 91 points).")
    private @Nullable Double perplexity;

    @Option(
            names = "--sample",
            paramLabel = "N",
            converter = Values.Positive.class,
            description = "Only so many rows, drawn at random; at most " + MOST_POINTS + " can be laid out.")
    private @Nullable Integer sample;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decides everything that is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public void run() {
        var format = Format.of(out);
        var data = sampled(LabelledEmbeddings.read(embeddings, labels));
        var n = data.points().rows();
        if (n > MOST_POINTS) {
            throw new UserException("%d points are too many for exact t-SNE; draw some of them with --sample %d"
                    .formatted(n, MOST_POINTS));
        }
        var usual = Tsne.usual(metric, n, seed);
        var settings = perplexity == null
                ? usual
                : new Tsne(metric, perplexity, usual.earlyExaggeration(), usual.iterations(), seed);
        var map = settings.fit(data.points());
        write(format, data, map, settings);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("analysis", "tsne");
        members.put("embeddings", embeddings);
        members.put("labels", labels);
        members.put("rows", n);
        members.put("classes", data.classes().size());
        members.put("metric", metric.name().toLowerCase(Locale.ROOT));
        members.put("perplexity", settings.perplexity());
        members.put("early_exaggeration", settings.earlyExaggeration());
        members.put("iterations", settings.iterations());
        members.put("seed", seed);
        members.put("divergence", map.divergence());
        members.put("out", out);
        answer(
                members,
                List.of("%d points in %d classes, perplexity %s, divergence %.4f, written to %s"
                        .formatted(
                                n,
                                data.classes().size(),
                                Numbers.compact(settings.perplexity()),
                                map.divergence(),
                                out)),
                null);
    }

    /** What is written, by the ending of the name. */
    private enum Format {
        HTML,
        SVG,
        CSV;

        static Format of(Path file) {
            var name = file.toString().toLowerCase(Locale.ROOT);
            for (var format : values()) {
                if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                    return format;
                }
            }
            throw new UserException(file + ": the map is written as .html, .svg or .csv");
        }
    }

    /** Draws rows without replacement, in the order of the file (Knuth's selection sampling). */
    private LabelledEmbeddings sampled(LabelledEmbeddings all) {
        var n = all.points().rows();
        if (sample == null || sample >= n) {
            return all;
        }
        var random = new SplittableRandom(seed);
        var chosen = new int[sample];
        var count = 0;
        for (var row = 0; count < sample; row++) {
            if (random.nextInt(n - row) < sample - count) {
                chosen[count++] = row;
            }
        }
        return all.rows(chosen);
    }

    private void write(Format format, LabelledEmbeddings data, Tsne.Layout map, Tsne settings) {
        switch (format) {
            case HTML -> {
                Map<String, String> facts = new LinkedHashMap<>();
                facts.put("Embeddings", embeddings.toString());
                facts.put("Points", Integer.toString(data.points().rows()));
                facts.put("Classes", Integer.toString(data.classes().size()));
                facts.put("Metric", metric.name().toLowerCase(Locale.ROOT));
                facts.put("Perplexity", Numbers.compact(settings.perplexity()));
                facts.put("Seed", Long.toString(seed));
                facts.put("Divergence", Numbers.compact(map.divergence()));
                new HtmlReport("Map of the classes", "Exact t-SNE of labelled embeddings.", facts)
                        .section(
                                "Map",
                                section -> section.figure(
                                        chart(data, map),
                                        "Each point is a clip, its colour the class. Near points are near in the space;"
                                                + " distances between far clusters mean nothing."))
                        .write(out);
            }
            case SVG -> {
                var svg = chart(data, map).toSvgFile();
                AtomicFile.write(out, stream -> stream.write(svg.getBytes(StandardCharsets.UTF_8)));
            }
            case CSV -> writeTable(data, map);
        }
    }

    private static ScatterChart chart(LabelledEmbeddings data, Tsne.Layout map) {
        List<ScatterChart.Point> points = new ArrayList<>();
        for (var i = 0; i < data.points().rows(); i++) {
            var name = data.labels().classNames().get(i);
            var id = data.labels().ids().get(i);
            points.add(new ScatterChart.Point(map.x()[i], map.y()[i], name, name + ": " + id));
        }
        return ScatterChart.map("t-SNE", points);
    }

    private void writeTable(LabelledEmbeddings data, Tsne.Layout map) {
        AtomicFile.write(out, stream -> {
            var format = CSVFormat.DEFAULT.builder().setRecordSeparator("\n").get();
            var printer = new CSVPrinter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), format);
            printer.printRecord("ID", "class_name", "x", "y");
            for (var i = 0; i < data.points().rows(); i++) {
                printer.printRecord(
                        data.labels().ids().get(i), data.labels().classNames().get(i), map.x()[i], map.y()[i]);
            }
            printer.flush();
        });
    }
}
