package org.jclap.clap.doctor;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one check.
 *
 * @param subject what was checked: a backend, or "files"
 * @param check what it was asked to do
 * @param error the largest difference, relative to the largest magnitude; 0 for what is right or wrong
 * @param failure why it failed, or null
 */
public record CheckResult(
        String subject,
        String check,
        double error,
        @Nullable String failure) {
    /** Whether all is well. */
    public boolean passed() {
        return failure == null;
    }

    /** Runs a check whose errors are its failure. */
    static CheckResult run(String subject, String check, Runnable task) {
        try {
            task.run();
            return new CheckResult(subject, check, 0, null);
        } catch (RuntimeException e) {
            return new CheckResult(subject, check, Double.NaN, String.valueOf(e.getMessage()));
        }
    }
}
