package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jclap.autograd.GradTape;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * Holds the gradients of an {@link OpCase} against central differences, and those of a fast backend against the
 * reference. The loss is a random projection of the first output, {@code L = Σ w y}.
 *
 * <p>Differences are taken in double precision with five points, {@code (8 (L₁ - L₋₁) - (L₂ - L₋₂)) / 12h}, whose error is
 * {@code h⁴ L⁽⁵⁾ / 30} and {@code ε Σ|w y| / h}. Directions that move every element at once show a mistake anywhere; single
 * elements show where it is.
 */
public final class GradientCheck {
    /**
     * Steps relative to the elements. The largest that agrees counts: a smaller one is needed near a kink or a pole, where
     * it loses digits to rounding, but never enough to make a wrong gradient look right.
     */
    private static final double[] STEPS = {1e-3, 1e-5, 1e-6};

    /** What truncation may leave, relative to the gradient. */
    private static final double TRUNCATION = 1e-6;

    /** Rounding errors of the op and the projection, in units of ε (1 + Σ|w y|) / h: inside an op terms of size 1 may cancel. */
    private static final double ROUNDING = 16 * 0x1p-53;

    /** Elements below this magnitude are moved as if they had it. */
    private static final double SMALLEST_SCALE = 1e-2;

    private static final int DIRECTIONS = 2;
    private static final int SINGLES = 8;

    /** Above this size only directions are tried: the reference is slow. */
    private static final int LARGE = 4096;

    private final OpCase test;
    private final List<Tensor> inputs;
    private final Generator generator;

    private GradientCheck(OpCase test, List<Tensor> inputs) {
        this.test = test;
        this.inputs = inputs;
        this.generator = new Generator(test.toString().hashCode() + 2L);
    }

    // ---------------------------------------------------------------------------------------------- differences

    /** Throws unless the reference's gradients are the derivatives, for every differentiable input. */
    public static void againstDifferences(OpCase test) {
        try (Backend backend = new ReferenceBackend()) {
            List<double[]> gradients = gradients(test, backend, DType.F64);
            try (Scope _ = Scope.open()) {
                GradientCheck check = new GradientCheck(test, test.inputs(backend, DType.F64));
                for (int i = 0; i < gradients.size(); i++) {
                    check.input(test.differentiable().get(i), gradients.get(i));
                }
            }
        }
    }

    private void input(int position, double[] gradient) {
        double[] x = inputs.get(position).toDoubles();
        double[] scale =
                Arrays.stream(x).map(v -> Math.max(Math.abs(v), SMALLEST_SCALE)).toArray();
        for (int i = 0; i < DIRECTIONS && x.length > 0; i++) {
            double[] direction = Arrays.stream(scale)
                    .map(s -> s * (2 * generator.below(2) - 1))
                    .toArray();
            along(direction, position, x, gradient, "all elements");
        }
        int singles = x.length > LARGE ? 0 : Math.min(SINGLES, x.length);
        for (int i = 0; i < singles; i++) {
            int element = x.length <= SINGLES ? i : generator.below(x.length);
            double[] direction = new double[x.length];
            direction[element] = scale[element];
            along(direction, position, x, gradient, "element " + element);
        }
    }

    private void along(double[] direction, int position, double[] x, double[] gradient, String what) {
        double expected = 0;
        double size = largest(gradient) * largest(direction);
        for (int i = 0; i < x.length; i++) {
            expected += gradient[i] * direction[i];
            size += Math.abs(gradient[i] * direction[i]);
        }
        List<String> tried = new ArrayList<>();
        for (double step : STEPS) {
            Projection ahead = loss(position, moved(x, direction, step));
            double near = ahead.sum - loss(position, moved(x, direction, -step)).sum;
            double far = loss(position, moved(x, direction, 2 * step)).sum
                    - loss(position, moved(x, direction, -2 * step)).sum;
            double difference = (8 * near - far) / (12 * step);
            if (Math.abs(difference - expected) <= TRUNCATION * size + ROUNDING * (1 + ahead.magnitudes) / step) {
                return;
            }
            tried.add("%s with step %s".formatted(difference, step));
        }
        throw new AssertionError("%s, input %d, %s: the gradient gives %s, differences %s (%s)"
                .formatted(test, position, what, expected, String.join(", ", tried), test.generator()));
    }

    private static double[] moved(double[] x, double[] direction, double step) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] + step * direction[i];
        }
        return y;
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** The loss, and the sum of the magnitudes of its terms. */
    private record Projection(double sum, double magnitudes) {}

    private Projection loss(int position, double[] values) {
        try (Scope _ = Scope.open()) {
            List<Tensor> changed = new ArrayList<>(inputs);
            Tensor original = inputs.get(position);
            changed.set(position, Tensor.of(original.backend(), original.shape(), values));
            double[] y = Tensor.applyAll(test.op(), changed).getFirst().toDoubles();
            double[] w = weights(test, y.length);
            double sum = 0;
            double magnitudes = 0;
            for (int i = 0; i < y.length; i++) {
                sum += w[i] * y[i];
                magnitudes += Math.abs(w[i] * y[i]);
            }
            return new Projection(sum, magnitudes);
        }
    }

    // ---------------------------------------------------------------------------------------------- other backends

    /** Throws unless a backend's gradients in F32 are those of the reference. */
    public static void againstReference(OpCase test, Backend backend) {
        try (Backend reference = new ReferenceBackend()) {
            List<double[]> expected = gradients(test, reference, DType.F32);
            List<double[]> actual = gradients(test, backend, DType.F32);
            Tolerance tolerance = tolerance(test, reference);
            for (int i = 0; i < expected.size(); i++) {
                String what = "%s, gradient of input %d on %s (%s)"
                        .formatted(test, test.differentiable().get(i), backend.name(), test.generator());
                tolerance.check(what, expected.get(i), actual.get(i));
            }
        }
    }

    /**
     * An element of a gradient is a sum over at most all outputs, each term a result within the tolerance of the case. A
     * normalisation multiplies the rounding error of x - mean by 1 / sqrt(var + eps), its last output, which is large
     * where the values it normalises are alike or single.
     */
    private static Tolerance tolerance(OpCase test, Backend reference) {
        try (Scope _ = Scope.open()) {
            List<Tensor> outputs = Tensor.applyAll(test.op(), test.inputs(reference, DType.F32));
            boolean normalises = test.op() instanceof LayerNorm
                    || test.op() instanceof BatchNorm.Training
                    || test.op() instanceof BatchNorm.PooledTraining;
            double amplification = normalises ? largest(outputs.getLast().toDoubles()) : 1;
            return new Tolerance(
                    Math.max(test.tolerance().terms(), outputs.getFirst().size()),
                    test.tolerance().slack(),
                    test.tolerance().magnitude() * amplification);
        }
    }

    // ---------------------------------------------------------------------------------------------- shared

    /** The tape's gradients of the differentiable inputs, in their order. */
    private static List<double[]> gradients(OpCase test, Backend backend, DType type) {
        try (Scope _ = Scope.open()) {
            List<Tensor> inputs = test.inputs(backend, type);
            GradTape tape = new GradTape();
            test.differentiable().forEach(i -> tape.watch(inputs.get(i)));
            Tensor y = tape.record(() -> Tensor.applyAll(test.op(), inputs)).getFirst();
            tape.backward(List.of(y), List.of(seed(test, y)));
            List<double[]> gradients = new ArrayList<>();
            for (int i : test.differentiable()) {
                Tensor gradient = tape.gradient(inputs.get(i));
                if (gradient == null || !gradient.type().equals(inputs.get(i).type())) {
                    throw new AssertionError("%s, input %d %s: its gradient is %s"
                            .formatted(test, i, inputs.get(i).type(), gradient));
                }
                gradients.add(gradient.toDoubles());
            }
            return gradients;
        }
    }

    private static Tensor seed(OpCase test, Tensor y) {
        Shape shape = y.shape();
        double[] w = weights(test, shape.size());
        HostStorage values = HostStorage.create(y.dtype(), shape.size());
        for (int i = 0; i < w.length; i++) {
            values.set(i, w[i]);
        }
        return Tensor.fromHost(y.backend(), shape, y.dtype(), values.array(), w.length);
    }

    private static double[] weights(OpCase test, int count) {
        Generator generator = new Generator(test.toString().hashCode() + 1L);
        double[] weights = new double[count];
        for (int i = 0; i < count; i++) {
            weights[i] = generator.uniform(-1, 1);
        }
        return weights;
    }
}
