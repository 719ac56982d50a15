package org.jclap.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jclap.clap.report.RooflineChart;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;

/** The picture of a comparison: every case under the roof of the machine. */
public final class Roofline {
    private Roofline() {}

    /** The file of the picture that belongs to a JSON file. */
    public static Path beside(Path json) {
        var name = String.valueOf(json.getFileName());
        return json.resolveSibling(name.replaceFirst("\\.json$", "") + ".svg");
    }

    /** Writes the picture of a report whose results belong to these cases. */
    public static void write(Path file, Report report, String peer, List<BenchCase> cases) {
        var svg = chart(report, peer, cases).toSvgFile() + "\n";
        AtomicFile.write(file, out -> out.write(svg.getBytes(StandardCharsets.UTF_8)));
    }

    static RooflineChart chart(Report report, String peer, List<BenchCase> cases) {
        var limits = report.machine().limits().getLast();
        var title = "%s, %d threads".formatted(report.machine().processor(), limits.threads());
        return new RooflineChart(
                title,
                limits.gflops(),
                limits.gbytes(),
                List.of(
                        new RooflineChart.Series("jclap", points(report, cases, Report.Result::ours)),
                        new RooflineChart.Series(peer, points(report, cases, Roofline::peer))));
    }

    private static @Nullable Double peer(Report.Result result) {
        var versus = result.versus();
        return versus == null ? null : versus.peer();
    }

    private static List<RooflineChart.Point> points(
            Report report, List<BenchCase> cases, Function<Report.Result, @Nullable Double> millis) {
        var points = new ArrayList<RooflineChart.Point>();
        for (int i = 0; i < cases.size(); i++) {
            var work = cases.get(i).work();
            var time = millis.apply(report.cases().get(i));
            if (time != null && work.bytes() > 0) {
                points.add(new RooflineChart.Point(
                        cases.get(i).name(), work.flops() / work.bytes(), 1e-6 * work.flops() / time));
            }
        }
        return points;
    }
}
