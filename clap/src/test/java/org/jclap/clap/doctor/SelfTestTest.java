package org.jclap.clap.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jclap.tensor.HostBackend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;

class SelfTestTest {
    /** The reference with three faults: a wrong number, a NaN, and an exception; and one that lies in an input. */
    private static final class Faulty extends HostBackend {
        private final ReferenceBackend right = new ReferenceBackend();

        @Override
        public String name() {
            return "faulty";
        }

        @Override
        public String description() {
            return "wrong on purpose";
        }

        @Override
        public void run(Op op, List<Tensor> in, List<Tensor> out) {
            right.run(op, in, out);
            switch (op) {
                case MatMul product when product.transposeA() -> spoil(out.getFirst(), 1e3);
                case Softmax.Forward _ -> spoil(out.getFirst(), Double.NaN);
                case Softmax.Backward _ -> throw new IllegalStateException("no such kernel");
                case Update.Adam _ -> spoil(in.get(1), 2);
                default -> {}
            }
        }

        private static void spoil(Tensor tensor, double value) {
            tensor.host().set(tensor.offset(), value);
        }
    }

    @Test
    void findsEveryFaultOfABackendAndNothingElse() {
        try (var reference = new ReferenceBackend();
                var faulty = new Faulty()) {
            var results = SelfTest.compare(reference, faulty);
            var failed = results.stream()
                    .filter(result -> !result.passed())
                    .map(CheckResult::check)
                    .toList();
            assertEquals(List.of("matrix product, transposed", "softmax", "softmax, gradient", "Adam step"), failed);
            assertTrue(
                    results.stream().allMatch(result -> result.passed() == (result.error() == 0)), results::toString);
            assertTrue(results.size() > 20, results::toString);
        }
    }

    @Test
    void aFailureSaysWhatHappened() {
        var failed = CheckResult.run("files", "npy", () -> {
            throw new IllegalStateException("the disk is full");
        });
        assertFalse(failed.passed());
        assertEquals("the disk is full", failed.failure());
    }
}
