package org.jclap.autograd.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StepMonitorTest {
    private static final LossScaler EAGER = new LossScaler(1024, 3);

    private final Backend backend = new ReferenceBackend();
    private final Parameter p = parameter("p");
    private final Parameter q = parameter("q");
    private final Optimizer sgd = Optimizer.sgd(0, List.of(p, q));

    private Parameter parameter(String name) {
        return new Parameter(name, Tensor.of(backend, Shape.of(2), 1f, 1f));
    }

    @AfterEach
    void nothingIsLeft() {
        sgd.close();
        p.close();
        q.close();
        assertEquals(0, backend.memory().liveBuffers());
    }

    /** A step at rate 1 whose gradients are these; without clipping, parameters change by as much. */
    private StepMonitor.Report step(StepMonitor monitor, float loss, float gradientOfP, float gradientOfQ) {
        sgd.setLearningRate(1);
        p.accumulate(Tensor.of(backend, Shape.of(2), gradientOfP, 0f));
        q.accumulate(Tensor.of(backend, Shape.of(2), gradientOfQ, 0f));
        try (Tensor value = Tensor.of(backend, Shape.of(1), loss)) {
            sgd.step(monitor, value);
        }
        sgd.zeroGrad();
        return monitor.report();
    }

    @Test
    void scalesDownALargeNormAndLeavesASmallOne() {
        try (StepMonitor monitor = new StepMonitor(backend, 2, LossScaler.none())) {
            assertEquals(5, step(monitor, 0.5f, 3, 4).norm(), 1e-6);
            assertEquals(1 - 3 * 2 / 5.0, p.value().toFloats()[0], 1e-6);
            assertEquals(1 - 4 * 2 / 5.0, q.value().toFloats()[0], 1e-6);
            step(monitor, 0.25f, 1, 0);
            assertEquals(1 - 3 * 2 / 5.0 - 1, p.value().toFloats()[0], 1e-6);
            assertEquals(0.75, monitor.takeLosses().lossSum());
            assertEquals(0, monitor.report().lossSum());
        }
        try (StepMonitor free = new StepMonitor(backend, Double.POSITIVE_INFINITY, LossScaler.none())) {
            step(free, 0, 300, 0);
            assertEquals(1 - 3 * 2 / 5.0 - 1 - 300, p.value().toFloats()[0], 1e-4);
        }
    }

    @Test
    void undoesTheLossScale() {
        try (StepMonitor monitor = new StepMonitor(backend, 10, new LossScaler(256, 1000))) {
            assertEquals(256, monitor.lossScale().item());
            assertEquals(5, step(monitor, 0.5f, 3 * 256, 4 * 256).norm(), 1e-6);
            assertEquals(1 - 3, p.value().toFloats()[0], 1e-6);
        }
    }

    @Test
    void halvesOnOverflowAndDoublesAfterAStreak() {
        try (StepMonitor monitor = new StepMonitor(backend, 10, EAGER)) {
            step(monitor, 1, 0, 0);
            step(monitor, 1, 0, 0);
            assertEquals(1024, monitor.lossScale().item());
            assertEquals(2048, step(monitor, 1, 0, 0).scale());
            step(monitor, 1, 0, 0);
            assertEquals(1024, step(monitor, 1, Float.POSITIVE_INFINITY, 0).scale());
            assertEquals(0, monitor.report().streak());
            for (int i = 0; i < 20; i++) {
                step(monitor, 1, Float.NaN, 0);
            }
            assertEquals(1, monitor.report().scale(), "not below one");
        }
    }

    @Test
    void skipsAndCountsThenGivesUp() {
        try (StepMonitor monitor = new StepMonitor(backend, 10, LossScaler.none())) {
            float[] start = p.value().toFloats();
            step(monitor, Float.NaN, 1, 1);
            step(monitor, 1, Float.NEGATIVE_INFINITY, 1);
            assertArrayEquals(start, p.value().toFloats());
            assertArrayEquals(start, q.value().toFloats());
            assertEquals(Map.of("p", 0L, "q", 0L), sgd.state().steps(), "a skipped step does not count");
            StepMonitor.Report report = step(monitor, 2, 1, 1);
            assertEquals(2, report.skipped());
            assertEquals(0, report.inARow(), "a good step starts the count again");
            assertEquals(2, report.longest());
            assertEquals(2, report.lossSum());
            report.requireNoMoreInARow(2);
            String message = assertThrows(UserException.class, () -> report.requireNoMoreInARow(1))
                    .getMessage();
            assertTrue(message.contains("2 steps in a row"), message);
            assertEquals(Map.of("p", 1L, "q", 1L), sgd.state().steps());
        }
    }

    @Test
    void goesOnFromAReport() {
        StepMonitor.Report report;
        try (StepMonitor monitor = new StepMonitor(backend, 10, EAGER)) {
            step(monitor, 1, Float.NaN, 0);
            step(monitor, 1, 0, 0);
            report = step(monitor, 1, 0, 0);
        }
        try (StepMonitor resumed = new StepMonitor(backend, 10, EAGER)) {
            resumed.load(report);
            StepMonitor.Report next = step(resumed, 1, 0, 0);
            assertEquals(1024, next.scale(), "halved once, and doubled after the third good step");
            assertEquals(1, next.skipped());
            assertFalse(next.longest() > 1);
        }
    }
}
