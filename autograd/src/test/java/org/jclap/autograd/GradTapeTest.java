package org.jclap.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradTapeTest {
    private final Backend backend = new ReferenceBackend();
    private final GradTape tape = new GradTape();
    private Scope scope;

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    /** Every test also proves that nothing outlives the scope of its step. */
    @AfterEach
    void leavesNothingBehind() {
        scope.close();
        assertEquals(0, backend.memory().liveBuffers());
        backend.close();
    }

    private Tensor vector(float... values) {
        return Tensor.of(backend, Shape.of(values.length), values);
    }

    private static float[] values(Tensor tensor) {
        return notNull(tensor).toFloats();
    }

    private static Tensor notNull(Tensor tensor) {
        assertNotNull(tensor, "a gradient was expected");
        return tensor;
    }

    // ---------------------------------------------------------------------------------------------- sums

    @Test
    void addsUpWhenATensorIsUsedTwice() {
        Tensor x = tape.watch(vector(1, 2, 3));
        Tensor loss = tape.record(() -> Ops.sum(Ops.add(Ops.mul(x, x), Ops.scale(x, 5))));
        tape.backward(loss);
        assertArrayEquals(new float[] {7, 9, 11}, values(tape.gradient(x)));
    }

    @Test
    void sumsAwayWhatBroadcastingRepeated() {
        Tensor row = tape.watch(vector(1, 2));
        Tensor column = tape.watch(Tensor.of(backend, Shape.of(3, 1), 1f, 2f, 3f));
        Tensor loss = tape.record(() -> Ops.sum(Ops.mul(row, column)));
        tape.backward(loss);
        assertArrayEquals(new float[] {6, 6}, values(tape.gradient(row)));
        assertArrayEquals(new float[] {3, 3, 3}, values(tape.gradient(column)));
        assertEquals(Shape.of(3, 1), tape.gradient(column).shape());
    }

    @Test
    void parametersThatShareAGradientStayIndependent() {
        Parameter a = new Parameter("a", vector(1, 2));
        Parameter b = new Parameter("b", vector(3, 4));
        for (int i = 0; i < 2; i++) {
            GradTape each = new GradTape();
            each.watch(List.of(a, b));
            each.backward(each.record(() -> Ops.sum(Ops.add(a.value(), b.value()))));
        }
        a.accumulate(vector(10, 10));
        assertArrayEquals(new float[] {12, 12}, values(a.grad()));
        assertArrayEquals(new float[] {2, 2}, values(b.grad()));
        a.close();
        b.close();
    }

    @Test
    void startsFromSeveralRootsWithGivenGradients() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor[] roots = tape.record(() -> {
            Tensor square = Ops.square(x);
            return new Tensor[] {square, Ops.neg(square), Ops.scale(x, 3)};
        });
        Tensor seed = vector(1, 10);
        tape.backward(List.of(roots), List.of(seed, vector(0.5f, 1), seed));
        assertArrayEquals(new float[] {2 - 1 + 3, 40 - 4 + 30}, values(tape.gradient(x)));
        assertFalse(seed.isClosed());
        assertArrayEquals(new float[] {1, 10}, seed.toFloats());
    }

    @Test
    void scalesEveryGradientByTheSeedOfTheLoss() {
        Tensor x = tape.watch(vector(1, 2));
        tape.backward(tape.record(() -> Ops.sum(Ops.square(x))), 1024);
        assertArrayEquals(new float[] {2048, 4096}, values(tape.gradient(x)));
    }

    // ---------------------------------------------------------------------------------------------- what is tracked

    @Test
    void recordsOnlyWhatDependsOnAWatchedTensor() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor y = vector(3, 4);
        tape.record(() -> Ops.add(Ops.exp(y), Ops.neg(Ops.square(y))));
        assertEquals(0, tape.nodes().size());
        tape.record(() -> Ops.mul(Ops.exp(y), x));
        assertEquals(1, tape.nodes().size());
    }

    @Test
    void nothingFlowsThroughNoGrad() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor loss = tape.record(() -> {
            Tensor frozen = Tensor.noGrad(() -> Ops.square(x));
            assertFalse(tape.isTracked(frozen));
            return Ops.sum(Ops.mul(frozen, x));
        });
        tape.backward(loss);
        assertArrayEquals(new float[] {1, 4}, values(tape.gradient(x)));
    }

    @Test
    void frozenParametersGetNoGradientAndALeafThatIsNotUsedNeither() {
        Parameter frozen = new Parameter("frozen", vector(2, 2));
        Parameter used = new Parameter("used", vector(1, 2));
        Parameter idle = new Parameter("idle", vector(1, 2));
        frozen.setTrainable(false);
        tape.watch(List.of(frozen, used, idle));
        tape.backward(tape.record(() -> Ops.sum(Ops.mul(frozen.value(), used.value()))));
        assertNull(frozen.grad());
        assertNull(idle.grad());
        assertArrayEquals(new float[] {2, 2}, values(used.grad()));
        List.of(frozen, used, idle).forEach(Parameter::close);
    }

    @Test
    void computesOnlyNeededGradients() {
        Tensor x = Tensor.of(backend, Shape.of(1, 3, 3, 1), new float[9]);
        Tensor w = tape.watch(Tensor.of(backend, Shape.of(1, 1, 3, 3), new float[9]));
        Tensor loss = tape.record(() -> Ops.sum(Ops.conv2d(x, w, 1, 1)));
        List<String> ran = new ArrayList<>();
        Tensor dy = Tensor.zeros(backend, Shape.of(1, 3, 3, 1), DType.F32);
        ScopedValue.where(Tensor.RECORDER, (op, _, _) -> ran.add(op.label()))
                .run(() -> Gradients.of((Call) tape.nodes().getFirst(), dy));
        assertEquals(List.of("Convolution.BackwardWeight"), ran);
        tape.backward(loss);
        assertNotNull(tape.gradient(w));
    }

    // ---------------------------------------------------------------------------------------------- memory

    @Test
    void closesWhatBackwardConsumedAndKeepsTheRest() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor[] made = tape.record(() -> {
            Tensor a = Ops.square(x);
            Tensor b = tape.keep(Ops.exp(a));
            return new Tensor[] {a, b, Ops.sum(b)};
        });
        tape.backward(made[2]);
        assertTrue(made[0].isClosed());
        assertFalse(made[1].isClosed());
        assertFalse(made[2].isClosed());
        assertFalse(x.isClosed());
        IllegalStateException e = assertThrows(IllegalStateException.class, made[0]::toFloats);
        assertTrue(e.getMessage().contains("keep()"), e.getMessage());
    }

    @Test
    void aStepInSteadyStateLeavesNoBuffersAndCreatesNone() {
        Parameter w = new Parameter("w", Tensor.of(backend, Shape.of(4, 3), new float[12]));
        Parameter b = new Parameter("b", Tensor.of(backend, Shape.of(4), new float[4]));
        Tensor x = Tensor.of(backend, Shape.of(2, 3), 1f, 2f, 3f, 4f, 5f, 6f);
        long created = 0;
        long live = backend.memory().liveBuffers();
        for (int step = 0; step < 4; step++) {
            try (Scope _ = Scope.open()) {
                GradTape each = new GradTape();
                each.watch(List.of(w, b));
                each.backward(each.record(
                        () -> Ops.mean(Ops.square(Ops.softmax(Ops.linearGelu(x, w.value(), b.value()))))));
            }
            assertNotNull(w.grad());
            w.zeroGrad();
            b.zeroGrad();
            assertEquals(live, backend.memory().liveBuffers(), "step " + step);
            if (step > 0) {
                assertEquals(created, backend.memory().createdBuffers(), "step " + step);
            }
            created = backend.memory().createdBuffers();
        }
        w.close();
        b.close();
    }

    @Test
    void activationsAreFreedWhileBackwardRuns() {
        int n = 1 << 12;
        Tensor x = tape.watch(Tensor.zeros(backend, Shape.of(n), DType.F32));
        int depth = 20;
        Tensor loss = tape.record(() -> {
            Tensor y = x;
            for (int i = 0; i < depth; i++) {
                y = Ops.tanh(y);
            }
            return Ops.sum(y);
        });
        long held = backend.memory().liveBytes();
        backend.resetPeak();
        tape.backward(loss);
        // Beside the activations at most the gradients on both sides of one op, and the seed, are alive.
        assertTrue(
                backend.memory().peakBytes() <= held + 3L * 4 * n,
                "peak " + backend.memory().peakBytes());
        assertTrue(
                backend.memory().liveBytes() <= 3L * 4 * n,
                "left " + backend.memory().liveBytes());
    }

    // ---------------------------------------------------------------------------------------------- hooks

    @Test
    void hooksSeeTheCompleteGradientAndMayReplaceIt() {
        Tensor x = tape.watch(vector(1, 2));
        List<float[]> seen = new ArrayList<>();
        Tensor loss = tape.record(() -> {
            Tensor y = Ops.square(x);
            tape.onGradient(y, g -> {
                seen.add(g.toFloats());
                return Ops.scale(g, 10);
            });
            tape.onGradient(y, g -> {
                seen.add(g.toFloats());
                return g;
            });
            return Ops.sum(Ops.add(y, Ops.scale(y, 2)));
        });
        tape.onGradient(x, g -> Ops.neg(g));
        tape.backward(loss);
        assertArrayEquals(new float[] {3, 3}, seen.get(0));
        assertArrayEquals(new float[] {30, 30}, seen.get(1));
        assertArrayEquals(new float[] {-60, -120}, values(tape.gradient(x)));
    }

    @Test
    void aHookMustKeepTheType() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor loss = tape.record(() -> Ops.sum(Ops.square(x)));
        tape.onGradient(x, Ops::sum);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> tape.backward(loss));
        assertTrue(e.getMessage().contains("F32(2)") && e.getMessage().contains("F32(1)"), e.getMessage());
    }

    // ---------------------------------------------------------------------------------------------- errors

    @Test
    void refusesALossThatIsNotAScalarOrWasNotRecorded() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor y = tape.record(() -> Ops.square(x));
        String shape = assertThrows(IllegalArgumentException.class, () -> tape.backward(y))
                .getMessage();
        assertTrue(shape.contains("(2)") && shape.contains("one element"), shape);
        Tensor outside = Ops.sum(y);
        String missing = assertThrows(IllegalArgumentException.class, () -> tape.backward(outside))
                .getMessage();
        assertTrue(missing.contains("was not recorded"), missing);
        assertThrows(IllegalArgumentException.class, () -> tape.backward(List.of(y), List.of(vector(1, 2, 3))));
        assertThrows(IllegalArgumentException.class, () -> tape.onGradient(outside, g -> g));
        assertThrows(IllegalArgumentException.class, () -> tape.gradient(y));
        assertThrows(IllegalStateException.class, () -> tape.gradient(x));
    }

    @Test
    void aTapeServesOnce() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor loss = tape.record(() -> Ops.sum(x));
        tape.backward(loss);
        assertThrows(IllegalStateException.class, () -> tape.backward(loss));
        assertThrows(IllegalStateException.class, () -> tape.record(() -> Ops.sum(x)));
        assertThrows(IllegalStateException.class, () -> tape.watch(vector(1)));
    }

    @Test
    void refusesToWatchIntegersAndToWatchTwice() {
        Tensor ids = Tensor.of(backend, Shape.of(2), 1, 2);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> tape.watch(ids))
                .getMessage()
                .contains("floating"));
        Tensor x = tape.watch(vector(1));
        assertThrows(IllegalArgumentException.class, () -> tape.watch(x));
    }

    @Test
    void namesAnOpThatHasNoGradientOrWorksInPlace() {
        Tensor y = vector(0.5f, 0.5f);
        Tensor x = tape.watch(vector(1, 2));
        Tensor second = tape.record(() -> Ops.sum(Tensor.apply(new Softmax.Backward(false), y, x)));
        String rule = assertThrows(UnsupportedOperationException.class, () -> tape.backward(second))
                .getMessage();
        assertTrue(rule.contains("Softmax.Backward"), rule);

        GradTape other = new GradTape();
        other.watch(x);
        String place = assertThrows(IllegalStateException.class, () -> other.record(() -> Ops.fill(x, 0)))
                .getMessage();
        assertTrue(place.contains("Fill") && place.contains("noGrad"), place);
        assertThrows(IllegalStateException.class, () -> other.record(() -> Ops.copy(y, x)));
    }

    @Test
    void aGradientIntoAnAuxiliaryOutputIsAnError() {
        Tensor x = tape.watch(Tensor.of(backend, Shape.of(2, 1), 1f, 2f));
        Tensor w = Tensor.of(backend, Shape.of(1, 1), 1f);
        Tensor loss = tape.record(() -> Ops.sum(
                Tensor.applyAll(new Linear(true), List.of(x, w, vector(0))).get(1)));
        String message = assertThrows(UnsupportedOperationException.class, () -> tape.backward(loss))
                .getMessage();
        assertTrue(message.contains("Linear") && message.contains("output 1"), message);
    }

    // ---------------------------------------------------------------------------------------------- rules that no op
    // case shows

    @Test
    void frozenStatisticsMakeBatchNormAnAffineMap() {
        Tensor x = tape.watch(Tensor.of(backend, Shape.of(2, 2), 1f, -1f, 3f, 5f));
        Tensor w = tape.watch(vector(2, 3));
        Tensor b = tape.watch(vector(0.5f, 1));
        Tensor loss = tape.record(
                () -> Ops.sum(Tensor.apply(new BatchNorm.Inference(0, true), x, w, b, vector(1, 1), vector(4, 0.25f))));
        tape.backward(loss);
        // Channel 0: z = 2 (x - 1) / 2 + 0.5 = 0.5, 2.5; channel 1: z = 3 (x - 1) / 0.5 + 1 = -11 (cut), 25.
        assertArrayEquals(new float[] {1, 0, 1, 6}, values(tape.gradient(x)));
        assertArrayEquals(new float[] {1, 8}, values(tape.gradient(w)));
        assertArrayEquals(new float[] {2, 1}, values(tape.gradient(b)));
    }

    @Test
    void castsTheGradientBack() {
        Tensor x = tape.watch(vector(1, 2));
        Tensor loss = tape.record(() -> Ops.sum(Ops.square(Ops.cast(x, DType.BF16))));
        tape.backward(loss);
        assertEquals(DType.F32, notNull(tape.gradient(x)).dtype());
        assertArrayEquals(new float[] {2, 4}, values(tape.gradient(x)));
    }

    @Test
    void thePaddingRowOfATableHasNoGradient() {
        Tensor table = tape.watch(Tensor.of(backend, Shape.of(3, 2), new float[6]));
        Tensor ids = Tensor.of(backend, Shape.of(4), 0, 2, 2, 0);
        tape.backward(tape.record(() -> Ops.sum(Ops.gather(table, ids, 0))));
        assertArrayEquals(new float[] {0, 0, 0, 0, 2, 2}, values(tape.gradient(table)));
    }

    @Test
    void aSquaredNormHasAGradientInEveryTensor() {
        Tensor a = tape.watch(vector(1, 2));
        Tensor b = tape.watch(Tensor.of(backend, Shape.of(1, 1), 3f));
        Tensor loss = tape.record(() ->
                Tensor.applyAll(new Reduction.SumOfSquares(), List.of(a, b)).getFirst());
        tape.backward(loss);
        assertArrayEquals(new float[] {2, 4}, values(tape.gradient(a)));
        assertArrayEquals(new float[] {6}, values(tape.gradient(b)));
        assertEquals(Shape.of(1, 1), tape.gradient(b).shape());
    }
}
