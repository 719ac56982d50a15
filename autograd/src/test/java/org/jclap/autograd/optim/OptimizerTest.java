package org.jclap.autograd.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Recorder;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.Test;

class OptimizerTest {
    private static final double TOLERANCE = 1e-6;

    private final Backend backend = new ReferenceBackend();

    private Parameter parameter(String name, float... values) {
        return new Parameter(name, Tensor.of(backend, Shape.of(values.length), values));
    }

    private void gradient(Parameter parameter, float... values) {
        parameter.zeroGrad();
        parameter.accumulate(Tensor.of(backend, Shape.of(values.length), values));
    }

    // ---------------------------------------------------------------------------------------------- hand-computed

    @Test
    void adamTakesTheStepsOfItsPaper() {
        Parameter p = parameter("p", 1, -2);
        double[] gradients = {0.5, -0.25, 2};
        double[] value = {1, -2};
        double[] m = new double[2];
        double[] v = new double[2];
        try (Optimizer adam = Optimizer.adam(List.of(p))) {
            for (int t = 1; t <= gradients.length; t++) {
                double g = gradients[t - 1];
                gradient(p, (float) g, (float) -g);
                adam.step(0.1, 1);
                for (int i = 0; i < 2; i++) {
                    double gi = i == 0 ? g : -g;
                    m[i] = 0.9 * m[i] + 0.1 * gi;
                    v[i] = 0.999 * v[i] + 0.001 * gi * gi;
                    double corrected = m[i] / (1 - Math.pow(0.9, t));
                    value[i] -= 0.1 * corrected / (Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8);
                }
                assertArrayEquals(value, p.value().toDoubles(), TOLERANCE, "step " + t);
            }
        }
        // The first step moves by the learning rate whatever the gradient: checked against a slip in the loop above.
        Parameter q = parameter("q", 1);
        gradient(q, 1e-3f);
        try (Optimizer adam = Optimizer.adam(List.of(q))) {
            adam.step(0.1, 1);
        }
        assertEquals(0.9, q.value().item(), 1e-5);
    }

    @Test
    void adamWDecaysTheParameterAndNotTheGradient() {
        Parameter p = parameter("p", 2);
        gradient(p, 0);
        try (Optimizer adamW = Optimizer.adamW(0.5, List.of(p))) {
            adamW.step(0.1, 1);
        }
        assertEquals(2 * (1 - 0.1 * 0.5), p.value().item(), TOLERANCE);
    }

    @Test
    void sgdHasMomentumAndDecay() {
        Parameter p = parameter("p", 1);
        try (Optimizer sgd = new Optimizer(new Update.Sgd(0.9, 0.1), List.of(p))) {
            gradient(p, 1);
            sgd.step(0.5, 1);
            double first = 1 - 0.5 * 1.1;
            assertEquals(first, p.value().item(), TOLERANCE);
            gradient(p, 1);
            sgd.step(0.5, 1);
            assertEquals(first - 0.5 * (0.9 * 1.1 + 1 + 0.1 * first), p.value().item(), TOLERANCE);
        }
    }

    @Test
    void multipliesGradientsByTheScale() {
        Parameter p = parameter("p", 1);
        gradient(p, 4);
        try (Optimizer sgd = Optimizer.sgd(0, List.of(p))) {
            sgd.step(1, 0.125);
        }
        assertEquals(0.5, p.value().item(), TOLERANCE);
    }

    // ---------------------------------------------------------------------------------------------- which parameters

    @Test
    void updatesAllParametersInOneCallAndSkipsThoseWithoutGradient() {
        Parameter a = parameter("a", 1);
        Parameter b = parameter("b", 1, 2);
        Parameter idle = parameter("idle", 7);
        gradient(a, 1);
        gradient(b, 1, 1);
        int[] calls = {0};
        Recorder count = (op, _, _) -> calls[0] += op instanceof Update ? 1 : 0;
        try (Optimizer adam = Optimizer.adam(List.of(a, idle, b))) {
            ScopedValue.where(Tensor.RECORDER, count).run(() -> adam.step(0.1, 1));
            assertEquals(1, calls[0]);
            assertEquals(Set.of("a", "b"), adam.state().steps().keySet());
        }
        assertEquals(7, idle.value().item());
    }

    @Test
    void aLateThawedParameterStartsItsOwnBiasCorrection() {
        Parameter early = parameter("early", 1);
        Parameter late = parameter("late", 1);
        late.setTrainable(false);
        try (Optimizer adam = Optimizer.adam(List.of(early, late))) {
            for (int i = 0; i < 100; i++) {
                gradient(early, 1);
                adam.step(0.001, 1);
            }
            late.setTrainable(true);
            gradient(early, 1);
            gradient(late, 1);
            adam.step(0.001, 1);
            assertEquals(Map.of("early", 101L, "late", 1L), adam.state().steps());
        }
        assertEquals(0.999, late.value().item(), TOLERANCE);
    }

    @Test
    void aParameterThatIsFrozenForAWhileKeepsItsCount() {
        Parameter always = parameter("always", 1);
        Parameter pausing = parameter("pausing", 1);
        try (Optimizer adam = Optimizer.adam(List.of(always, pausing))) {
            for (int i = 0; i < 5; i++) {
                gradient(always, 1);
                pausing.zeroGrad();
                if (i != 2) {
                    gradient(pausing, 1);
                }
                adam.step(0.001, 1);
            }
            assertEquals(Map.of("always", 5L, "pausing", 4L), adam.state().steps());
        }
    }

    @Test
    void freezingForgetsTheGradient() {
        Parameter p = parameter("p", 3);
        gradient(p, 1);
        p.setTrainable(false);
        try (Optimizer sgd = Optimizer.sgd(0, List.of(p))) {
            sgd.step(1, 1);
        }
        assertEquals(3, p.value().item());
        p.close();
        assertEquals(0, backend.memory().liveBuffers());
    }

    @Test
    void refusesTwoParametersOfOneName() {
        List<Parameter> twins = List.of(parameter("p", 1), parameter("p", 2));
        assertThrows(IllegalArgumentException.class, () -> Optimizer.adam(twins));
    }

    // ---------------------------------------------------------------------------------------------- resume

    @Test
    void resumesBitForBit() {
        Parameter straight = parameter("p", 1, 2, 3);
        Parameter resumed = parameter("p", 1, 2, 3);
        try (Optimizer one = Optimizer.adam(List.of(straight));
                Optimizer before = Optimizer.adam(List.of(resumed));
                Optimizer after = Optimizer.adam(List.of(resumed))) {
            for (int i = 0; i < 6; i++) {
                gradient(straight, i, -i, 0.3f);
                one.step(0.01, 1);
                if (i == 3) {
                    after.load(before.state());
                }
                gradient(resumed, i, -i, 0.3f);
                (i < 3 ? before : after).step(0.01, 1);
            }
            assertEquals(
                    Set.of("exp_avg.p", "exp_avg_sq.p"), after.state().moments().keySet());
        }
        assertArrayEquals(straight.value().toFloats(), resumed.value().toFloats());
        straight.close();
        resumed.close();
        assertEquals(0, backend.memory().liveBuffers());
    }

    @Test
    void refusesAStateThatDoesNotFit() {
        Parameter p = parameter("p", 1, 2);
        Parameter other = parameter("q", 1, 2);
        Parameter shorter = parameter("p", 1);
        gradient(p, 1, 1);
        try (Optimizer adam = Optimizer.adam(List.of(p));
                Optimizer sgd = Optimizer.sgd(0.9, List.of(p));
                Optimizer renamed = Optimizer.adam(List.of(other));
                Optimizer resized = Optimizer.adam(List.of(shorter))) {
            adam.step(0.1, 1);
            Optimizer.State state = adam.state();
            assertMessage("no parameter p", () -> renamed.load(state));
            assertMessage("exp_avg.p is F32(2), the model needs F32(1)", () -> resized.load(state));
            assertMessage("momentum_buffer.p is missing", () -> sgd.load(state));
            Map<String, Tensor> more = new HashMap<>(state.moments());
            more.put("exp_avg.stranger", p.value());
            assertMessage("exp_avg.stranger", () -> adam.load(new Optimizer.State(more, state.steps())));
            assertEquals(1L, adam.state().steps().get("p"));
        }
        List.of(p, other, shorter).forEach(Parameter::close);
        assertEquals(0, backend.memory().liveBuffers());
    }

    private static void assertMessage(String part, Runnable action) {
        String message = assertThrows(UserException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
