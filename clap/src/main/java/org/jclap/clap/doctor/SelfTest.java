package org.jclap.clap.doctor;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.reference.ReferenceBackend;

/** Lets every backend that can run here compute what the reference computes, and files make a round trip. */
public final class SelfTest {
    /**
     * Sums of some hundred terms in another order differ by about 1e-6 of the largest result, fast convolutions by ten
     * times that; a wrong result differs by more than this.
     */
    private static final double LIMIT = 1e-4;

    private SelfTest() {}

    /** Runs all checks; takes seconds. */
    public static List<CheckResult> run() {
        List<CheckResult> results = new ArrayList<>();
        try (var reference = new ReferenceBackend()) {
            for (var candidate : Backends.candidates()) {
                if (candidate.obstacle() == null && !candidate.provider().name().equals(reference.name())) {
                    results.addAll(opened(reference, candidate.provider()));
                }
            }
        }
        results.addAll(FileChecks.run());
        return List.copyOf(results);
    }

    private static List<CheckResult> opened(Backend reference, BackendProvider provider) {
        try (var backend = provider.open(Runtime.getRuntime().availableProcessors())) {
            return compare(reference, backend);
        } catch (UserException e) {
            return List.of(new CheckResult(provider.name(), "start", Double.NaN, e.getMessage()));
        }
    }

    /** Runs the checks of all ops on one backend. */
    static List<CheckResult> compare(Backend reference, Backend backend) {
        List<CheckResult> results = new ArrayList<>();
        try (var _ = Scope.open()) {
            for (var check : new OpChecks(reference).all()) {
                results.add(compare(check, backend));
            }
        }
        return results;
    }

    private static CheckResult compare(OpChecks.Check check, Backend backend) {
        try (var _ = Scope.open()) {
            var copies = check.inputs().stream().map(input -> input.to(backend)).toList();
            var expected = changed(check, check.inputs());
            var actual = changed(check, copies);
            var error = 0.0;
            for (var i = 0; i < expected.size(); i++) {
                error = Math.max(
                        error,
                        distance(expected.get(i).toDoubles(), actual.get(i).toDoubles()));
            }
            var failure = error <= LIMIT
                    ? null
                    : "differs from the reference by %.3g of the largest value, more than %.0g".formatted(error, LIMIT);
            return new CheckResult(backend.name(), check.name(), error, failure);
        } catch (RuntimeException e) {
            return new CheckResult(backend.name(), check.name(), Double.NaN, String.valueOf(e.getMessage()));
        }
    }

    /** The outputs of an op and the inputs that it changed. */
    private static List<Tensor> changed(OpChecks.Check check, List<Tensor> inputs) {
        var results = new ArrayList<>(Tensor.applyAll(check.op(), inputs));
        check.op().mutates(inputs.size()).forEach(i -> results.add(inputs.get(i)));
        return results;
    }

    /** The largest difference, relative to the largest magnitude; infinite when only one of two numbers is finite. */
    private static double distance(double[] expected, double[] actual) {
        var largest = 0.0;
        var worst = 0.0;
        for (var i = 0; i < expected.length; i++) {
            var difference = Math.abs(expected[i] - actual[i]);
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
        }
        return worst == 0 ? 0 : worst / largest;
    }
}
