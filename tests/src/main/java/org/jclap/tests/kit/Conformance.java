package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.TensorType;

/** Holds a backend against the reference. */
public final class Conformance {
    private Conformance() {}

    /**
     * Runs a case on both in F32: every output and every input that the op changes has to agree within the case's
     * tolerance, every other input has to stay what it was, and nothing may be written outside.
     */
    public static void check(OpCase single, Backend reference, Backend backend) {
        check(single, DType.F32, reference, backend);
    }

    /**
     * The same in another floating type. Each tensor is held to the tolerance of its own type, see {@link Tolerance#in}.
     *
     * @return what of the permitted difference the worst result takes
     */
    public static double check(OpCase single, DType floating, Backend reference, Backend backend) {
        return check(single, floating, reference, backend, Guarded.ODD, false);
    }

    /** The same with tensors that begin at multiples of 16 bytes, for which backends may go other ways. */
    public static double checkAligned(OpCase single, DType floating, Backend reference, Backend backend) {
        return check(single, floating, reference, backend, Guarded.ALIGNED, false);
    }

    /** The same in F32 with constant inputs, of which backends may keep copies; the second call is compared. */
    public static double checkConstant(OpCase single, Backend reference, Backend backend) {
        return check(single, DType.F32, reference, backend, Guarded.ODD, true);
    }

    private static double check(
            OpCase single, DType floating, Backend reference, Backend backend, int guard, boolean constant) {
        String what = "%s in %s on %s (%s)".formatted(single, floating, backend.name(), single.generator());
        double worst = 0;
        try (Scope _ = Scope.open()) {
            List<Tensor> inputs = single.inputs(reference, floating);
            List<Guarded> copies = inputs.stream()
                    .map(input -> Guarded.copy(input, backend, guard))
                    .toList();
            List<double[]> before = inputs.stream().map(Tensor::toDoubles).toList();
            List<Tensor> outputs = Tensor.applyAll(single.op(), inputs);
            if (constant) {
                copies.forEach(copy -> copy.tensor().constant());
                run(single.op(), copies, guard);
            }
            List<Guarded> results = run(single.op(), copies, guard);
            for (int i = 0; i < outputs.size(); i++) {
                String output = what + ", output " + i;
                worst = Math.max(
                        worst,
                        compare(
                                output,
                                single.tolerance(),
                                outputs.get(i),
                                results.get(i).tensor()));
                results.get(i).check(output);
            }
            List<Integer> mutated = single.op().mutates(inputs.size());
            for (int i = 0; i < inputs.size(); i++) {
                String input = what + ", input " + i;
                if (mutated.contains(i)) {
                    worst = Math.max(
                            worst,
                            compare(
                                    input,
                                    single.tolerance(),
                                    inputs.get(i),
                                    copies.get(i).tensor()));
                } else {
                    Tolerance.relative(0)
                            .check(
                                    input + " changed",
                                    before.get(i),
                                    copies.get(i).tensor().toDoubles());
                }
                copies.get(i).check(input);
            }
        }
        return worst;
    }

    private static List<Guarded> run(Op op, List<Guarded> inputs, int guard) {
        List<Tensor> tensors = inputs.stream().map(Guarded::tensor).toList();
        if (op instanceof Layout layout && layout.viewOffset(tensors.getFirst().shape()) >= 0) {
            // Backends are never asked for views.
            return Tensor.applyAll(op, tensors).stream()
                    .map(view -> new Guarded(inputs.getFirst().whole(), view, guard))
                    .toList();
        }
        Backend backend = tensors.getFirst().backend();
        List<Guarded> outputs = new ArrayList<>();
        for (TensorType type : op.infer(tensors.stream().map(Tensor::type).toList())) {
            outputs.add(Guarded.poisoned(backend, type.shape(), type.dtype(), guard));
        }
        backend.run(op, tensors, outputs.stream().map(Guarded::tensor).toList());
        return outputs;
    }

    private static double compare(String what, Tolerance tolerance, Tensor expected, Tensor actual) {
        if (!expected.type().equals(actual.type())) {
            throw new AssertionError("%s: is %s, expected %s".formatted(what, actual.type(), expected.type()));
        }
        return tolerance.in(expected.dtype()).check(what, expected.toDoubles(), actual.toDoubles());
    }
}
