package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.AvailableBackends;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.EveryBackend;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Every op case on every backend of this machine, the reference itself included for its guards. */
final class ConformanceTest {
    private static final Backend REFERENCE = new ReferenceBackend();
    private static final List<Backend> OPENED = new ArrayList<>();

    @AfterAll
    static void closeBackends() {
        OPENED.forEach(Backend::close);
        REFERENCE.close();
    }

    @TestFactory
    Stream<DynamicContainer> agreesWithTheReference() {
        return AvailableBackends.providers().stream().map(provider -> {
            Backend backend = open(provider, 3);
            Stream<DynamicNode> cases = OpCases.all().stream()
                    .map(single -> dynamicTest(single.toString(), () -> Conformance.check(single, REFERENCE, backend)));
            return dynamicContainer(provider.name(), cases);
        });
    }

    @TestFactory
    Stream<DynamicContainer> agreesWithTheReferenceOnConstants() {
        return AvailableBackends.providers().stream().map(provider -> {
            Backend backend = open(provider, 3);
            Stream<DynamicNode> cases = OpCases.all().stream()
                    .filter(single -> single.op().mutates(inputCount(single)).isEmpty())
                    .map(single -> dynamicTest(
                            single.toString(), () -> Conformance.checkConstant(single, REFERENCE, backend)));
            return dynamicContainer(provider.name(), cases);
        });
    }

    private static int inputCount(OpCase single) {
        try (Scope _ = Scope.open()) {
            return single.inputs(REFERENCE, DType.F32).size();
        }
    }

    @TestFactory
    Stream<DynamicContainer> givesTheSameBitsForAnyNumberOfThreads() {
        return AvailableBackends.providers().stream().map(provider -> {
            Backend one = open(provider, 1);
            Backend three = open(provider, 3);
            Stream<DynamicNode> cases = OpCases.all().stream()
                    .map(single -> dynamicTest(single.toString(), () -> {
                        List<double[]> expected = results(single, one);
                        List<double[]> actual = results(single, three);
                        for (int i = 0; i < expected.size(); i++) {
                            assertArrayEquals(expected.get(i), actual.get(i), single + ", result " + i);
                        }
                    }));
            return dynamicContainer(provider.name(), cases);
        });
    }

    private static Backend open(BackendProvider provider, int threads) {
        Backend backend = provider.open(threads);
        OPENED.add(backend);
        return backend;
    }

    /** Outputs, then inputs as the op has left them. */
    private static List<double[]> results(OpCase single, Backend backend) {
        try (Scope _ = Scope.open()) {
            List<Tensor> inputs = single.inputs(REFERENCE, DType.F32).stream()
                    .map(input -> input.to(backend))
                    .toList();
            List<Tensor> outputs = Tensor.applyAll(single.op(), inputs);
            return Stream.concat(outputs.stream(), inputs.stream())
                    .map(Tensor::toDoubles)
                    .toList();
        }
    }

    @EveryBackend
    void refusesIdsThatAreNotInTheTable(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor table = Tensor.zeros(backend, Shape.of(5, 3), DType.F32);
            for (int id : new int[] {5, -1}) {
                Tensor ids = Tensor.of(backend, Shape.of(2), 4, id);
                var error = assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> Ops.gather(table, ids, -1).toFloats());
                String message = String.valueOf(error.getMessage());
                assertTrue(message.contains("Gather.Forward") && message.contains("" + id), message);
                assertTrue(message.contains("5 rows"), message);
            }
        }
    }

    @EveryBackend
    void stepInSteadyStateAllocatesNothing(Backend backend) {
        step(backend);
        long created = backend.memory().createdBuffers();
        for (int i = 0; i < 5; i++) {
            step(backend);
        }
        assertEquals(created, backend.memory().createdBuffers());
        assertEquals(0, backend.memory().liveBuffers());
    }

    private static void step(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(backend, Shape.of(127, 33), DType.F32);
            Ops.sum(Ops.softmax(Ops.matmul(x, Ops.transpose(x)))).item();
        }
    }
}
