package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.autograd.optim.LossScaler;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.Test;

/** Training on the device and on the CPU. */
final class CudaTrainingTest {
    private static final int STEPS = 20;

    /**
     * A step of Adam divides by the size of a gradient, so one that is all but zero, as are many in the first steps, moves its
     * parameter by the learning rate in a direction that rounding decides; batch statistics of few values and dropout enlarge
     * that from step to step. How far two correct computations are apart is therefore measured, not guessed: runs on the CPU
     * that start from weights changed in the last place, the size of one rounding error. The device may be as far away as
     * the farthest of them has been up to that step, times three, as its sums have other orders throughout.
     */
    @Test
    void twentyStepsAgreeWithTheCpu() {
        List<StepMonitor.Report> expected;
        List<List<StepMonitor.Report>> rounded = new ArrayList<>();
        try (Backend vector = Backends.open("vector", 1)) {
            expected = train(vector, 0);
            for (int i = 1; i <= 4; i++) {
                rounded.add(train(vector, i));
            }
        }
        List<StepMonitor.Report> actual;
        try (Backend cuda = Emulator.open()) {
            actual = train(cuda, 0);
            assertEquals(0, cuda.memory().liveBuffers(), "buffers in use");
        }
        double loss = 1e-6;
        double norm = 1e-5;
        for (int i = 0; i < STEPS; i++) {
            StepMonitor.Report right = expected.get(i);
            for (List<StepMonitor.Report> course : rounded) {
                loss = Math.max(loss, Math.abs(course.get(i).loss() - right.loss()));
                norm = Math.max(norm, Math.abs(course.get(i).norm() - right.norm()));
            }
            assertEquals(right.loss(), actual.get(i).loss(), 3 * loss, "loss of step " + i);
            assertEquals(right.norm(), actual.get(i).norm(), 3 * norm, "gradient norm of step " + i);
        }
    }

    private static List<StepMonitor.Report> train(Backend backend, int change) {
        try (TinyTraining training = new TinyTraining(backend, null, LossScaler.none())) {
            if (change > 0) {
                training.forEachWeight(weight -> round(weight, change));
            }
            return training.run(STEPS);
        }
    }

    /** Moves each element to a neighbour, or leaves it. */
    private static void round(Tensor weights, int seed) {
        float[] values = weights.toFloats();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] *= 1 + (random.nextInt(3) - 1) * 0x1p-23f;
        }
        HostStorage host = HostStorage.wrap(DType.F32, values, values.length);
        weights.backend().upload(host, 0, weights.storage(), weights.offset(), values.length);
    }
}
