package org.jclap.bench;

/**
 * What a machine can do with a number of threads.
 *
 * @param gflops the peak of multiply-adds on F32, 1e9 operations a second
 * @param gbytes the bandwidth of copying arrays that no cache holds, read and written bytes, 1e9 a second
 */
public record Limits(int threads, double gflops, double gbytes) {
    /** The roofline: the milliseconds below which this work cannot be done while data come from main memory. */
    public double leastMillis(Work work) {
        return 1e-6 * Math.max(work.flops() / gflops, work.bytes() / gbytes);
    }

    /** Whether arithmetic takes longer than memory. */
    boolean isArithmetic(Work work) {
        return work.flops() / gflops > work.bytes() / gbytes;
    }

    /** The limit that bounds this work, as a case that can be measured in turns with it. */
    public BenchCase bound(Work work) {
        return isArithmetic(work) ? PeakCases.multiplyAdds(threads) : PeakCases.copy();
    }

    /** How many times the case of {@link #bound} does what this work declares. */
    public double share(Work work) {
        var limit = bound(work).work();
        return isArithmetic(work) ? work.flops() / limit.flops() : work.bytes() / limit.bytes();
    }

    /** The better of two measurements: a disturbance only ever lowers one. */
    public Limits best(Limits other) {
        return new Limits(threads, Math.max(gflops, other.gflops), Math.max(gbytes, other.gbytes));
    }
}
