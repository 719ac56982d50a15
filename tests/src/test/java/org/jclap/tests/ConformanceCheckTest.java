package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.BiConsumer;
import org.jclap.tensor.HostBackend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.junit.jupiter.api.Test;

/** The conformance check finds the faults that it is there for. */
final class ConformanceCheckTest {
    /** The reference with a fault that follows each op. */
    private static final class Faulty extends HostBackend {
        private final ReferenceBackend reference = new ReferenceBackend();
        private final BiConsumer<Tensor, Tensor> fault;

        /** The fault is given the first input and the last output, or the first input twice where there is none. */
        Faulty(BiConsumer<Tensor, Tensor> fault) {
            this.fault = fault;
        }

        @Override
        public String name() {
            return "faulty";
        }

        @Override
        public String description() {
            return "the reference with a fault";
        }

        @Override
        public void run(Op op, List<Tensor> inputs, List<Tensor> outputs) {
            reference.run(op, inputs, outputs);
            fault.accept(inputs.getFirst(), outputs.isEmpty() ? inputs.getFirst() : outputs.getLast());
        }

        @Override
        public void close() {
            super.close();
            reference.close();
        }
    }

    @Test
    void passesTheReference() {
        assertDoesNotThrow(() -> run(Unary.EXP, (_, _) -> {}));
    }

    @Test
    void findsAWrongElement() {
        assertFault("element 12", Unary.EXP, (_, y) -> add(y.host(), y.offset() + 12, 1e-4));
    }

    @Test
    void findsAnElementThatWasNotWritten() {
        assertFault("NaN", Unary.EXP, (_, y) -> y.host().set(y.offset() + 12, Double.NaN));
    }

    @Test
    void findsAWriteBehindTheOutput() {
        assertFault("outside", Unary.EXP, (_, y) -> y.host().set(y.offset() + y.size(), 0));
    }

    @Test
    void findsAWriteBeforeTheOutput() {
        assertFault("outside", Unary.EXP, (_, y) -> y.host().set(y.offset() - 1, 0));
    }

    @Test
    void findsAnInputThatWasChanged() {
        assertFault("changed", Unary.EXP, (x, _) -> add(x.host(), x.offset() + 3, 1e-6));
    }

    @Test
    void findsAWrongElementOfATargetInPlace() {
        assertFault("input 0", new Assign.Fill(1.5), (x, _) -> add(x.host(), x.offset() + 3, 1e-4));
    }

    private static void assertFault(String expected, Op op, BiConsumer<Tensor, Tensor> fault) {
        var error = assertThrows(AssertionError.class, () -> run(op, fault));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.contains(expected), message);
    }

    private static void run(Op op, BiConsumer<Tensor, Tensor> fault) {
        OpCase single = OpCases.all().stream()
                .filter(c -> c.op().equals(op) && c.label().equals("(13)"))
                .findFirst()
                .orElseThrow();
        try (ReferenceBackend reference = new ReferenceBackend();
                Faulty faulty = new Faulty(fault)) {
            Conformance.check(single, reference, faulty);
        }
    }

    private static void add(HostStorage storage, int i, double difference) {
        storage.set(i, storage.get(i) + difference);
    }
}
