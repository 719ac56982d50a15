package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jclap.autograd.GradTape;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.AvailableBackends;
import org.jclap.tests.kit.GradientCheck;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.jclap.tests.kit.Tolerance;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class GradientCheckTest {
    /** Its gradient is a cast, and differences of rounded numbers show nothing; a test of the tape covers it. */
    private static final Set<String> NOT_CHECKED = Set.of("Cast");

    private static Stream<OpCase> differentiableCases() {
        return OpCases.all().stream().filter(c -> !c.differentiable().isEmpty());
    }

    /**
     * BatchNorm with ReLU has kinks at random places; small steps avoid them, but rounding decides on other backends. Far
     * from 0, a step that is relative to the elements is larger than their spread.
     */
    private static Stream<OpCase> casesWithKinks() {
        return OpCases.all().stream()
                .filter(c -> !c.label().startsWith("far from 0"))
                .filter(c -> c.differentiable().isEmpty())
                .filter(c -> c.op() instanceof BatchNorm.PooledTraining
                        || (c.op() instanceof BatchNorm.Training training && training.relu())
                        || (c.op() instanceof BatchNorm.Inference inference && inference.relu()))
                .map(c -> new OpCase(c.label(), c.op(), c.recipe(), List.of(0, 1, 2), c.tolerance()));
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreDerivatives() {
        return Stream.concat(differentiableCases(), casesWithKinks())
                .map(c -> DynamicTest.dynamicTest(c.toString(), () -> GradientCheck.againstDifferences(c)));
    }

    @TestFactory
    @Tag("backend")
    Stream<DynamicContainer> everyBackendHasTheGradientsOfTheReference() {
        return AvailableBackends.providers().stream()
                .filter(provider -> !provider.name().equals("reference"))
                .map(provider -> {
                    Backend backend = provider.open(2);
                    Stream<DynamicTest> tests = differentiableCases()
                            .map(test -> DynamicTest.dynamicTest(
                                    test.toString(), () -> GradientCheck.againstReference(test, backend)));
                    return DynamicContainer.dynamicContainer(backend.name(), tests.onClose(backend::close));
                });
    }

    @Test
    void everyOpWithAGradientRuleIsChecked() {
        Set<String> checked = new HashSet<>(NOT_CHECKED);
        differentiableCases().forEach(c -> checked.add(c.op().label()));
        Map<String, OpCase> unchecked = new TreeMap<>();
        for (OpCase test : OpCases.all()) {
            if (!checked.contains(test.op().label())) {
                unchecked.putIfAbsent(test.op().label(), test);
            }
        }
        Set<String> missing = new TreeSet<>();
        unchecked.forEach((label, test) -> {
            if (hasRule(test)) {
                missing.add(label);
            }
        });
        assertEquals(Set.of(), missing, "ops that have a gradient rule and no differentiable case");
    }

    /** Whether backward knows the op when its first floating input is watched. */
    private static boolean hasRule(OpCase test) {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            List<Tensor> inputs = test.inputs(backend, DType.F64);
            GradTape tape = new GradTape();
            inputs.stream().filter(t -> t.dtype().isFloating()).findFirst().ifPresent(tape::watch);
            List<Tensor> outputs = tape.record(() -> Tensor.applyAll(test.op(), inputs));
            if (outputs.isEmpty() || !tape.isTracked(outputs.getFirst())) {
                return false;
            }
            Tensor root = outputs.getFirst();
            tape.backward(List.of(root), List.of(Tensor.zeros(backend, root.shape(), root.dtype())));
            return true;
        } catch (UnsupportedOperationException | IllegalStateException e) {
            return false;
        }
    }

    /** The check can fail: at its kink ReLU has the gradient 0, and differences see 1/2. */
    @Test
    void findsAGradientThatIsNotTheDerivative() {
        OpCase kink = new OpCase(
                "at the kink",
                Unary.RELU,
                in -> List.of(in.values(Shape.of(3), 1, 0, -1)),
                List.of(0),
                Tolerance.ELEMENTWISE);
        String message = assertThrows(AssertionError.class, () -> GradientCheck.againstDifferences(kink))
                .getMessage();
        assertTrue(message.contains("Unary.RELU at the kink, input 0") && message.contains("seed"), message);
    }
}
