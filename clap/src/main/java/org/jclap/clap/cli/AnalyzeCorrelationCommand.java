package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.clap.analyze.Correlation;
import org.jclap.clap.report.Numbers;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether two columns of a table go together. */
@Command(
        name = "correlation",
        description = "Pearson's and Spearman's correlation of two columns of a CSV file, with two-sided p-values.",
        footer = {"", "Example:", "  jclap analyze correlation --table runs.csv --x silhouette --y accuracy"})
final class AnalyzeCorrelationCommand extends AnalyzeCommand.Analysis {
    @Option(names = "--table", required = true, paramLabel = "T.csv", description = "A table with a header.")
    private Path table = Path.of("");

    @Option(names = "--x", required = true, paramLabel = "COLUMN", description = "One quantity.")
    private String x = "";

    @Option(names = "--y", required = true, paramLabel = "COLUMN", description = "The other.")
    private String y = "";

    @Option(names = "--log-y", description = "Correlate with the natural logarithm of y.")
    private boolean logarithm;

    @Option(names = "--out", paramLabel = "R.json", description = "Also write the result here.")
    private @Nullable Path out;

    @Override
    public void run() {
        var numbers = NumberTable.read(table);
        var horizontal = numbers.column(x);
        var vertical = numbers.column(y);
        if (logarithm) {
            takeLogarithms(vertical);
        }
        Correlation pearson;
        Correlation spearman;
        try {
            pearson = Correlation.pearson(horizontal, vertical);
            spearman = Correlation.spearman(horizontal, vertical);
        } catch (UserException e) {
            throw new UserException(table + ": " + e.getMessage(), e);
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("analysis", "correlation");
        members.put("table", table);
        members.put("x", x);
        members.put("y", y);
        members.put("log_y", logarithm);
        members.put("pearson", pearson);
        members.put("spearman", spearman);
        answer(
                members,
                List.of(
                        "%s%s against %s, %d pairs".formatted(logarithm ? "log " : "", y, x, pearson.n()),
                        line("Pearson", pearson),
                        line("Spearman", spearman)),
                out);
    }

    private void takeLogarithms(double[] values) {
        for (var i = 0; i < values.length; i++) {
            if (!(values[i] > 0)) {
                throw new UserException("%s, row %d: %s is %s, which has no logarithm; leave out --log-y"
                        .formatted(table, i + 1, y, values[i]));
            }
            values[i] = Math.log(values[i]);
        }
    }

    private static String line(String name, Correlation result) {
        return "%-9s %7.4f   %s".formatted(name, result.r(), Numbers.pValue(result.p()));
    }
}
