package org.jclap.clap.cli;

import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command that computes accepts. */
public final class EngineOptions {
    private static final System.Logger LOG = System.getLogger(EngineOptions.class.getName());
    private static final String REFERENCE = "reference";

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = Backends.AUTO,
            description = "What computes: auto, cuda, vector or reference (default: ${DEFAULT-VALUE}).")
    private String device = Backends.AUTO;

    @Option(names = "--seed", paramLabel = "N", description = "Decides everything that is random.")
    private @Nullable Long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Values.Positive.class,
            description = "CPU threads (default: all processors).")
    private @Nullable Integer threads;

    @Option(
            names = "--cuda-sync",
            description = "Wait after each op on a CUDA device, so that an error names the op that caused it.")
    private boolean cudaSync;

    @Option(
            names = "--no-vendor-libs",
            description = "Compute with jclap's own CUDA kernels alone, without cuBLAS and cuDNN.")
    private boolean noVendorLibraries;

    @Option(
            names = "--tf32",
            description =
                    "Round factors of F32 products and convolutions to TF32 (10 bits of mantissa) on CUDA: faster.")
    private boolean tf32;

    @Option(
            names = "--deterministic",
            description = "Hold CUDA libraries to algorithms that give the same bits in every run: somewhat slower.")
    private boolean deterministic;

    @Option(
            names = "--no-cuda-graph",
            description = "Launch the kernels of a training step one by one, not as a CUDA graph.")
    private boolean noCudaGraph;

    /** Opens the chosen backend, and says what it is. */
    public Backend open() {
        set(noVendorLibraries, "jclap.cuda.vendor", "false");
        set(cudaSync, "jclap.cuda.sync", "true");
        set(noCudaGraph, "jclap.cuda.graph", "false");
        set(tf32, "jclap.cuda.tf32", "true");
        set(deterministic, "jclap.cuda.deterministic", "true");
        Backend backend = Backends.open(device, threads());
        LOG.log(System.Logger.Level.INFO, "backend {0}: {1}", backend.name(), backend.description());
        return backend;
    }

    /** An option that is not given leaves what {@code -D} says. */
    private static void set(boolean given, String property, String value) {
        if (given) {
            System.setProperty(property, value);
        }
    }

    /** Opens the chosen backend for training, for which the reference is too slow unless it was asked for. */
    public Backend openForTraining() {
        Backend backend = open();
        if (backend.name().equals(REFERENCE) && !device.equals(REFERENCE)) {
            backend.close();
            throw new UserException("only the reference backend can run here, which is too slow to train;"
                    + " './jclap doctor' says what is missing, --device reference trains all the same");
        }
        return backend;
    }

    /** The CPU threads. */
    public int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** The seed, or this one when none was given. */
    public long seed(long otherwise) {
        return seed == null ? otherwise : seed;
    }

    /** The seed that was given. */
    public @Nullable Long seed() {
        return seed;
    }
}
