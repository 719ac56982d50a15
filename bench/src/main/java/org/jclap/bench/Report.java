package org.jclap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of a run: the machine, and what was measured on it. Its JSON is what is committed under {@code results}. */
record Report(Machine machine, List<Result> cases) {
    /**
     * A measured case. Fields without a value are absent from the JSON.
     *
     * @param unit of {@code ours} and {@code fastest}: milliseconds, the less the better
     * @param ours the median
     * @param rate the declared work done per second, in {@code rateUnit}
     * @param limitFraction the least time that the machine's limits allow for the declared work, divided by the median
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            String name,
            String unit,
            double ours,
            double fastest,
            @Nullable Double rate,
            @Nullable String rateUnit,
            @Nullable Double limitFraction) {
        /** Compares a time with the declared work, and with the limits where they are known. */
        static Result of(BenchCase benchCase, Measurer.Time time, @Nullable Limits limits) {
            var work = benchCase.work();
            boolean declared = work.flops() > 0 || work.bytes() > 0;
            boolean arithmetic =
                    limits == null ? work.flops() > 0 : work.flops() / limits.gflops() > work.bytes() / limits.gbytes();
            Double rate = declared ? 1e-6 * (arithmetic ? work.flops() : work.bytes()) / time.median() : null;
            String rateUnit = declared ? arithmetic ? "GFLOP/s" : "GB/s" : null;
            Double fraction = declared && limits != null ? limits.leastMillis(work) / time.median() : null;
            return new Result(benchCase.name(), "ms", time.median(), time.fastest(), rate, rateUnit, fraction);
        }
    }
}
