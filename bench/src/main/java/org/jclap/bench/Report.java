package org.jclap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a run: the machine, and what was measured on it. Its JSON is what is committed under {@code results}.
 *
 * @param firstSteps what a process needs that makes a few training steps and ends
 * @param notes what a reader must know to judge the numbers
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Report(Machine machine, List<Result> cases, List<FirstSteps> firstSteps, List<String> notes) {
    /** Cases alone. */
    public Report(Machine machine, List<Result> cases) {
        this(machine, cases, List.of(), List.of());
    }

    /**
     * A measured case. Fields without a value are absent from the JSON.
     *
     * @param unit of every time: milliseconds, the less the better
     * @param ours the median
     * @param rate the declared work done per second, in {@code rateUnit}
     * @param limitFraction the least time that the machine's limits allow for the declared work, divided by the median
     * @param versus the peer, where there is one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Result(
            String name,
            String unit,
            double ours,
            double fastest,
            @Nullable Double rate,
            @Nullable String rateUnit,
            @Nullable Double limitFraction,
            @JsonUnwrapped @Nullable Versus versus) {
        /** Compares a time with the declared work, and with the limits where they are known. */
        static Result of(BenchCase benchCase, Measurer.Time time, @Nullable Limits limits) {
            Double fraction = limits == null ? null : limits.leastMillis(benchCase.work()) / time.median();
            return of(benchCase, time, limits, fraction, null);
        }

        /** Compares a time with the declared work, a fraction of the limit that was measured with it, and a peer. */
        public static Result of(
                BenchCase benchCase,
                Measurer.Time time,
                @Nullable Limits limits,
                @Nullable Double limitFraction,
                @Nullable Versus versus) {
            var work = benchCase.work();
            boolean declared = work.flops() > 0 || work.bytes() > 0;
            boolean arithmetic = limits == null ? work.flops() > 0 : limits.isArithmetic(work);
            Double rate = declared ? 1e-6 * (arithmetic ? work.flops() : work.bytes()) / time.median() : null;
            String rateUnit = declared ? arithmetic ? "GFLOP/s" : "GB/s" : null;
            Double fraction = declared ? limitFraction : null;
            return new Result(benchCase.name(), "ms", time.median(), time.fastest(), rate, rateUnit, fraction, versus);
        }
    }

    /**
     * What a peer needed in turns with us.
     *
     * @param peer the median of its fastest variant
     * @param ratio the median of (peer / ours) over the rounds: above 1 we are faster
     * @param ratioLow its lower quartile
     * @param ratioHigh its upper quartile
     * @param variants the medians of all its variants
     */
    public record Versus(
            double peer,
            String peerName,
            double ratio,
            double ratioLow,
            double ratioHigh,
            Map<String, Double> variants) {
        /** The comparison with the fastest variant. */
        public static Versus of(String peerName, Comparison fastest, Map<String, Double> variants) {
            return new Versus(fastest.peer(), peerName, fastest.ratio(), fastest.low(), fastest.high(), variants);
        }
    }

    /**
     * A process from its start to the end of a few training steps.
     *
     * @param program whose it is
     * @param seconds from the start of the process to the end of the first step
     * @param peakBytes the most memory that was resident
     */
    public record FirstSteps(String program, String step, double seconds, long peakBytes) {}
}
