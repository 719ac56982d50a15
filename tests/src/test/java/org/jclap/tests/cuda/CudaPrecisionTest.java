package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.List;
import org.jclap.autograd.optim.LossScaler;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Backend;
import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Mixed precision on the device, next to F32. */
final class CudaPrecisionTest {
    private static final int STEPS = 4;
    private static Backend cuda;

    @BeforeAll
    static void open() {
        cuda = Emulator.open();
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
        }
    }

    private static List<StepMonitor.Report> train(Autocast autocast, LossScaler scaler) {
        try (TinyTraining training = new TinyTraining(cuda, autocast, scaler)) {
            return training.run(STEPS);
        }
    }

    /**
     * Activations have 8 bits in BF16 and 11 in F16, and a forward pass rounds them in some thirty places: embeddings, which
     * are unit vectors, are then off by sqrt(30) 2^-9 = 0.011 in BF16, and by 2^-3 of that in F16. A logit is 14 times the
     * product of two such vectors, and the loss the mean over eight of them, whose errors are not independent: at most about
     * 14 0.011 = 0.15 before anything is learned. Each step adds what Adam makes of gradients whose signs rounding decides, as
     * CudaTrainingTest says, here in the third digit.
     */
    @Test
    void sixteenBitsFollowF32() {
        List<StepMonitor.Report> f32 = train(null, LossScaler.none());
        List<StepMonitor.Report> bf16 = train(new Autocast(DType.BF16), LossScaler.none());
        List<StepMonitor.Report> f16 = train(new Autocast(DType.F16), new LossScaler(256, 2));
        for (int i = 0; i < STEPS; i++) {
            double loss = f32.get(i).loss();
            double norm = f32.get(i).norm();
            assertEquals(loss, bf16.get(i).loss(), 0.15, "loss of step " + i + " in BF16");
            assertEquals(norm, bf16.get(i).norm(), 0.15 * norm, "gradient norm of step " + i + " in BF16");
            assertEquals(loss, f16.get(i).loss(), 0.02 + 0.03 * i, "loss of step " + i + " in F16");
            assertEquals(norm, f16.get(i).norm(), 0.15 * norm, "gradient norm of step " + i + " in F16");
        }
        assertEquals(0, bf16.getLast().skipped() + f16.getLast().skipped());
        assertNotEquals(f32.getFirst().loss(), bf16.getFirst().loss(), "nothing was rounded");
        assertNotEquals(f32.getFirst().loss(), f16.getFirst().loss(), "nothing was rounded");
        assertEquals(1024, f16.getLast().scale(), "doubled after every second step");
    }

    @Test
    void anOverflowSkipsTheStepAndHalvesTheScale() {
        // The largest F16 is 65504.
        try (TinyTraining training = new TinyTraining(cuda, new Autocast(DType.F16), new LossScaler(0x1p24, 2))) {
            List<float[]> before = weights(training);
            StepMonitor.Report report = training.run(1).getFirst();
            assertEquals(1, report.skipped());
            assertEquals(0x1p23, report.scale());
            List<float[]> after = weights(training);
            for (int i = 0; i < before.size(); i++) {
                assertArrayEquals(before.get(i), after.get(i));
            }
            StepMonitor.Report last = report;
            for (int i = 0; last.inARow() > 0 && i < 20; i++) {
                last = training.run(1).getFirst();
            }
            assertEquals(0, last.inARow(), "a scale that fits is found");
            assertEquals(0x1p24 / (1L << last.skipped()), last.scale());
        }
        assertEquals(0, cuda.memory().liveBuffers());
    }

    private static List<float[]> weights(TinyTraining training) {
        List<float[]> weights = new ArrayList<>();
        training.forEachWeight(weight -> weights.add(weight.toFloats()));
        return weights;
    }
}
