package org.jclap.bench;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jclap.tensor.UserException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures cases with JMH on one backend.
 *
 * @param forks Java machines per case; 0 measures in this one, which only tests do
 * @param verbose whether JMH's own report is shown
 */
record Measurer(String device, long seed, Effort effort, int forks, boolean verbose) {
    /** How long to measure: iterations to get warm, iterations that count, and the least time of each. */
    record Effort(int warmups, TimeValue warmup, int iterations, TimeValue iteration) {
        static final Effort QUICK = new Effort(1, TimeValue.seconds(1), 3, TimeValue.milliseconds(300));
        static final Effort FULL = new Effort(3, TimeValue.seconds(1), 9, TimeValue.seconds(1));
    }

    /** Milliseconds of one run: the median of the iterations, and the fastest. */
    record Time(double median, double fastest) {}

    /**
     * Measures one case with this number of threads.
     *
     * @throws UserException when the case failed
     */
    Time measure(BenchCase benchCase, int threads) {
        var jvm = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                // The launcher's cache of classes belongs to the command line, not to JMH's program.
                .filter(argument -> !argument.startsWith("-XX:AOT") && !argument.startsWith("-Xlog:"))
                .toArray(String[]::new);
        var options = new OptionsBuilder()
                .include("^" + CaseBench.class.getName().replace(".", "\\.") + "\\.run$")
                .param("name", benchCase.name())
                .param("device", device)
                .param("threads", Integer.toString(threads))
                .param("seed", Long.toString(seed))
                .forks(forks)
                .jvmArgs(jvm)
                .warmupIterations(effort.warmups())
                .warmupTime(effort.warmup())
                .measurementIterations(effort.iterations())
                .measurementTime(effort.iteration())
                .timeUnit(TimeUnit.MILLISECONDS)
                .shouldFailOnError(true)
                .build();
        try {
            var statistics =
                    new Runner(options, output()).runSingle().getPrimaryResult().getStatistics();
            return new Time(statistics.getPercentile(50), statistics.getMin());
        } catch (RunnerException e) {
            throw new UserException(
                    "%s could not be measured: %s; --verbose shows JMH's report"
                            .formatted(benchCase.name(), e.getMessage()),
                    e);
        }
    }

    /** What JMH and its Java machines print, warnings of theirs included. */
    private OutputFormat output() {
        return verbose
                ? OutputFormatFactory.createFormatInstance(System.err, VerboseMode.NORMAL)
                : OutputFormatFactory.createFormatInstance(
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        VerboseMode.SILENT);
    }

    /** The machine's limits with this number of threads: the fastest iteration, for a disturbance only ever costs time. */
    Limits limits(int threads) {
        var multiplyAdds = PeakCases.multiplyAdds(threads);
        var copy = PeakCases.copy();
        double gflops = 1e-6
                * multiplyAdds.work().flops()
                / measure(multiplyAdds, threads).fastest();
        double gbytes = 1e-6 * copy.work().bytes() / measure(copy, threads).fastest();
        return new Limits(threads, gflops, gbytes);
    }
}
