package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.optim.LossScaler;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.Test;

/** Training on the device and on the CPU. */
final class CudaTrainingTest {
    private static final int STEPS = 20;
    private static final int BATCH = 4;
    private static final int FRAMES = 33;
    private static final int TOKENS = 6;

    /** Preset tiny with the published dropout, and a vocabulary that makes no step larger. */
    private static ClapConfig sizes() {
        ClapConfig tiny = ClapConfig.tiny();
        Cnn14Config audio = tiny.audio();
        BertConfig text = tiny.text();
        return new ClapConfig(
                new Cnn14Config(audio.channels(), audio.embedding(), 5, audio.mels(), 256, 0.2, 0.5),
                new BertConfig(
                        50,
                        text.positions(),
                        text.layers(),
                        text.hidden(),
                        text.heads(),
                        text.intermediate(),
                        0.1,
                        false),
                tiny.projection(),
                0.5);
    }

    /** Loss and gradient norm of every step. */
    private record Course(double[] losses, double[] norms) {}

    /**
     * A step of Adam divides by the size of a gradient, so one that is all but zero, as are many in the first steps, moves its
     * parameter by the learning rate in a direction that rounding decides; batch statistics of few values and dropout enlarge
     * that from step to step. How far two correct computations are apart is therefore measured, not guessed: runs on the CPU
     * that start from weights changed in the last place, the size of one rounding error. The device may be as far away as
     * the farthest of them has been up to that step, times three, as its sums have other orders throughout.
     */
    @Test
    void twentyStepsAgreeWithTheCpu() {
        Course expected;
        List<Course> rounded = new ArrayList<>();
        try (Backend vector = Backends.open("vector", 1)) {
            expected = train(vector, 0);
            for (int i = 1; i <= 4; i++) {
                rounded.add(train(vector, i));
            }
        }
        Course actual;
        try (Backend cuda = Emulator.open()) {
            actual = train(cuda, 0);
            assertEquals(0, cuda.memory().liveBuffers(), "buffers in use");
        }
        double spread = 1e-6;
        double normSpread = 1e-5;
        for (int i = 0; i < STEPS; i++) {
            for (Course course : rounded) {
                spread = Math.max(spread, Math.abs(course.losses[i] - expected.losses[i]));
                normSpread = Math.max(normSpread, Math.abs(course.norms[i] - expected.norms[i]));
            }
            assertEquals(expected.losses[i], actual.losses[i], 3 * spread, "loss of step " + i);
            assertEquals(expected.norms[i], actual.norms[i], 3 * normSpread, "gradient norm of step " + i);
        }
    }

    private static Course train(Backend backend, int change) {
        Course course = new Course(new double[STEPS], new double[STEPS]);
        try (Clap model = new Clap(backend, sizes(), 7);
                Optimizer adam = Optimizer.adam(model.weights().parameters());
                StepMonitor monitor = new StepMonitor(backend, 5, LossScaler.none())) {
            if (change > 0) {
                model.weights().parameters().forEach(p -> round(p.value(), change));
            }
            adam.setLearningRate(1e-4);
            for (int i = 0; i < STEPS; i++) {
                step(backend, model, adam, monitor, i);
                StepMonitor.Report report = monitor.report();
                course.losses[i] = report.loss();
                course.norms[i] = report.norm();
            }
        }
        return course;
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

    private static void step(Backend backend, Clap model, Optimizer adam, StepMonitor monitor, long number) {
        try (Scope _ = Scope.open()) {
            Pass pass = Pass.training(Tensor.of(backend, Shape.of(2), 5L, number));
            GradTape tape = new GradTape();
            tape.watch(model.weights().parameters());
            Tensor loss = tape.record(() -> ContrastiveLoss.hard()
                    .of(
                            model.embedAudio(audio(backend, number), pass),
                            model.embedText(text(backend, number), pass),
                            model.logitScale(),
                            null));
            tape.backward(List.of(loss), List.of(monitor.lossScale()));
            adam.step(monitor, loss);
            adam.zeroGrad();
        }
    }

    private static Tensor audio(Backend backend, long number) {
        int mels = ClapConfig.tiny().audio().mels();
        float[] logMel = Golden.unit("training", "audio " + number, BATCH * FRAMES * mels);
        return Tensor.of(backend, Shape.of(BATCH, 1, FRAMES, mels), logMel);
    }

    private static TextBatch text(Backend backend, long number) {
        int[] ids = new int[BATCH * TOKENS];
        float[] mask = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 1 + (int) ((7L * i + number) % 49);
            mask[i] = i % TOKENS < 3 + i / TOKENS % 3 ? 1 : 0;
        }
        Shape shape = Shape.of(BATCH, TOKENS);
        return new TextBatch(
                Tensor.of(backend, shape, ids),
                Tensor.of(backend, shape, new int[ids.length]),
                Tensor.of(backend, shape, mask));
    }
}
