package org.jclap.autograd.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.Test;

class GradientClipTest {
    private final Backend backend = new ReferenceBackend();

    private Parameter withGradient(String name, float... gradient) {
        Shape shape = Shape.of(gradient.length);
        Parameter parameter = new Parameter(name, Tensor.of(backend, shape, new float[gradient.length]));
        parameter.accumulate(Tensor.of(backend, shape, gradient));
        return parameter;
    }

    @Test
    void scalesDownALargeNormAndLeavesASmallOne() {
        Parameter idle = new Parameter("idle", Tensor.of(backend, Shape.of(1), 1f));
        List<Parameter> parameters = List.of(withGradient("a", 3, 0), withGradient("b", 4), idle);
        GradientClip large = GradientClip.byGlobalNorm(parameters, 2);
        assertEquals(5, large.norm(), 1e-12);
        assertEquals(2 / (5 + 1e-6), large.gradScale(), 1e-12);
        assertEquals(1, GradientClip.byGlobalNorm(parameters, 10).gradScale());
        assertEquals(
                1,
                GradientClip.byGlobalNorm(parameters, Double.POSITIVE_INFINITY).gradScale());
        parameters.forEach(Parameter::close);
        assertEquals(0, backend.memory().liveBuffers());
    }

    @Test
    void seesTheTrueNormUnderALossScale() {
        GradientClip clip = GradientClip.byGlobalNorm(List.of(withGradient("a", 3 * 256, 4 * 256)), 2, 256);
        assertEquals(5, clip.norm(), 1e-12);
        assertEquals(2 / (5 + 1e-6) / 256, clip.gradScale(), 1e-12);
    }

    @Test
    void reportsANonFiniteNormAndTheNormOfNothing() {
        assertFalse(Double.isFinite(GradientClip.byGlobalNorm(List.of(withGradient("a", Float.NaN, 1)), 1)
                .norm()));
        assertFalse(Double.isFinite(GradientClip.byGlobalNorm(List.of(withGradient("a", Float.POSITIVE_INFINITY)), 1)
                .norm()));
        assertEquals(0, GradientClip.byGlobalNorm(List.of(), 1).norm());
    }
}
