package org.jclap.bench;

/**
 * Something to measure.
 *
 * @param name unique; the family, a slash, and what is special
 * @param work what it has to do, for comparison with the machine's limits
 * @param recipe makes the inputs, outside of what is measured
 */
public record BenchCase(String name, Work work, Recipe recipe) {
    /** Prepares a case; the tensors it makes live until the case has been measured. */
    @FunctionalInterface
    public interface Recipe {
        /** Makes inputs and tells what to do with them. */
        Workload prepare(Stage stage);
    }
}
