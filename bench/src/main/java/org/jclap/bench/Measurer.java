package org.jclap.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.jclap.tensor.UserException;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures cases with JMH on one backend.
 *
 * @param forks Java machines per case; 0 measures in this one, which only tests do
 * @param verbose whether JMH's own report is shown
 */
public record Measurer(String device, long seed, Effort effort, int forks, boolean verbose) {
    private static final Pattern EXCEPTION = Pattern.compile("^[\\w.$]+(?:Exception|Error): (.*)", Pattern.MULTILINE);

    /** How long to measure: iterations to get warm, iterations that count, and the least time of each. */
    public record Effort(int warmups, TimeValue warmup, int iterations, TimeValue iteration) {
        /** A first impression. */
        public static final Effort QUICK = new Effort(1, TimeValue.seconds(1), 3, TimeValue.milliseconds(200));
        /** What is published. */
        public static final Effort FULL = new Effort(3, TimeValue.seconds(1), 9, TimeValue.seconds(1));

        /** As many iterations of each side, for sides that take turns. */
        Effort times(int sides) {
            return new Effort(warmups * sides, warmup, iterations * sides, iteration);
        }
    }

    /** Milliseconds of one run: the median of the iterations, and the fastest. */
    public record Time(double median, double fastest) {}

    /**
     * Measures one case with this number of threads.
     *
     * @throws UserException when the case failed
     */
    Time measure(BenchCase benchCase, int threads) {
        var statistics = run(options(CaseBench.class, benchCase.name(), threads, effort), benchCase.name())
                .getPrimaryResult()
                .getStatistics();
        return new Time(statistics.getPercentile(50), statistics.getMin());
    }

    /**
     * Measures programs that take turns, an iteration each.
     *
     * @param benchmark has a method {@code run}, the parameters of {@link CaseBench}, {@code limit} and {@code sides}
     * @param limit the case that takes the last turn
     * @return the median milliseconds of each side's iterations, in their order
     * @throws UserException when the case failed
     */
    public List<List<Double>> inTurns(Class<?> benchmark, String name, BenchCase limit, int threads, int sides) {
        var times = new ArrayList<List<Double>>();
        for (int side = 0; side < sides; side++) {
            times.add(new ArrayList<>());
        }
        int turn = 0;
        var options = options(benchmark, name, threads, effort.times(sides))
                .param("limit", limit.name())
                .param("sides", Integer.toString(sides));
        for (var result : run(options, name).getBenchmarkResults()) {
            for (var iteration : result.getIterationResults()) {
                times.get(turn++ % sides)
                        .add(iteration.getPrimaryResult().getStatistics().getPercentile(50));
            }
        }
        return times;
    }

    private ChainedOptionsBuilder options(Class<?> benchmark, String name, int threads, Effort length) {
        return new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\.run$")
                .param("name", name)
                .param("device", device)
                .param("threads", Integer.toString(threads))
                .param("seed", Long.toString(seed))
                .forks(forks)
                .jvmArgs(jvmArguments().toArray(String[]::new))
                .warmupIterations(length.warmups())
                .warmupTime(length.warmup())
                .measurementIterations(length.iterations())
                .measurementTime(length.iteration())
                .timeUnit(TimeUnit.MILLISECONDS)
                .shouldFailOnError(true);
    }

    /** JMH's report goes to the standard error, or is kept to find in it why a case failed. */
    private RunResult run(ChainedOptionsBuilder options, String name) {
        var kept = new ByteArrayOutputStream();
        var out = verbose ? System.err : new PrintStream(kept, false, StandardCharsets.UTF_8);
        try {
            return new Runner(options.build(), OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL))
                    .runSingle();
        } catch (RunnerException e) {
            throw new UserException(
                    "%s could not be measured: %s; --verbose shows JMH's report"
                            .formatted(name, cause(kept.toString(StandardCharsets.UTF_8), e)),
                    e);
        }
    }

    /** The message of the first exception in a report; without one, what JMH says. */
    private static String cause(String report, RunnerException e) {
        var exception = EXCEPTION.matcher(report);
        return exception.find() ? exception.group(1) : String.valueOf(e.getMessage());
    }

    /** The options of this Java machine, for those it starts. */
    public static List<String> jvmArguments() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                // The launcher's cache of classes belongs to the command line, not to another program.
                .filter(argument -> !argument.startsWith("-XX:AOT") && !argument.startsWith("-Xlog:"))
                .toList();
    }

    /** The machine's limits with this number of threads: the fastest iteration, for a disturbance only ever costs time. */
    public Limits limits(int threads) {
        return new Limits(
                threads,
                fastestRate(PeakCases.multiplyAdds(threads), threads, Work::flops),
                fastestRate(PeakCases.copy(), threads, Work::bytes));
    }

    /** What of one thread's peak the innermost loop of matrix products reaches, its operands in the nearest cache. */
    public double microKernel(double peakGflops) {
        return fastestRate(PeakCases.microKernel(), 1, Work::flops) / peakGflops;
    }

    private double fastestRate(BenchCase limit, int threads, ToDoubleFunction<Work> amount) {
        return 1e-6
                * amount.applyAsDouble(limit.work())
                / measure(limit, threads).fastest();
    }
}
