package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
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
import org.jclap.tensor.HostPool;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.AvailableBackends;
import org.jclap.tests.kit.EveryBackend;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What training needs of memory: nothing grows with the steps, and the loss never holds all similarities. */
final class TrainingMemoryTest {
    @Test
    void theLossOfALargeBatchNeedsNoMatrixOfItsSquare() {
        Assumptions.assumeTrue(
                AvailableBackends.providers().stream().anyMatch(p -> p.name().equals("vector")),
                "the Vector API is absent, and the reference would take minutes");
        int n = 16_384;
        int dim = 256;
        try (Backend backend = vector();
                Scope _ = Scope.open()) {
            Tensor audio = Ops.normalize(Tensor.of(backend, Shape.of(n, dim), Golden.unit("memory", "audio", n * dim)));
            Tensor text = Ops.normalize(Tensor.of(backend, Shape.of(n, dim), Golden.unit("memory", "text", n * dim)));
            Tensor scale = Tensor.of(backend, Shape.of(), (float) Math.log(1 / 0.07));
            backend.resetPeak();
            GradTape tape = new GradTape();
            List.of(audio, text, scale).forEach(tape::watch);
            Tensor loss = tape.record(() -> ContrastiveLoss.hard().of(audio, text, scale, null));
            tape.backward(loss);
            // The similarities alone would be 1 GiB; the embeddings and their gradients are 64 MiB.
            long peak = backend.memory().peakBytes();
            assertTrue(peak < 300L << 20, "%d MiB".formatted(peak >> 20));
            // Unrelated unit vectors have similarities near zero: the loss is that of a uniform guess, plus their
            // spread.
            double spread = Math.pow(1 / 0.07, 2) / dim / 2;
            assertEquals(Math.log(n) + spread, loss.item(), 0.05);
            assertEquals(
                    Shape.of(n, dim),
                    Objects.requireNonNull(tape.gradient(audio)).shape());
        }
    }

    private static Backend vector() {
        return AvailableBackends.providers().stream()
                .filter(provider -> provider.name().equals("vector"))
                .findFirst()
                .orElseThrow()
                .open(2);
    }

    @EveryBackend
    void stepsLeaveNothingBehindAndReuseTheirBuffers(Backend backend) {
        ClapConfig sizes = new ClapConfig(
                new Cnn14Config(List.of(2, 3, 4, 5, 6, 8), 8, 3, 32, 64),
                new BertConfig(30, 16, 2, 16, 2, 32, 0.1, false),
                12);
        try (backend;
                Clap model = new Clap(backend, sizes, 1);
                Optimizer adam = Optimizer.adam(model.weights().parameters());
                StepMonitor monitor = new StepMonitor(backend, 5, LossScaler.none())) {
            step(backend, model, adam, monitor, 0);
            step(backend, model, adam, monitor, 1);
            HostPool.Statistics before = backend.memory();
            for (int i = 2; i < 8; i++) {
                step(backend, model, adam, monitor, i);
            }
            HostPool.Statistics after = backend.memory();
            assertEquals(before.liveBuffers(), after.liveBuffers(), "buffers in use");
            assertEquals(before.liveBytes(), after.liveBytes(), "bytes in use");
            assertEquals(before.createdBuffers(), after.createdBuffers(), "new buffers in a steady state");
            assertEquals(before.peakBytes(), after.peakBytes(), "bytes at most");
        }
    }

    private static void step(Backend backend, Clap model, Optimizer adam, StepMonitor monitor, long number) {
        int batch = 4;
        int frames = 40;
        try (Scope _ = Scope.open()) {
            String name = "step " + number;
            float[] logMel = Golden.unit("memory", name, batch * frames * 32);
            Tensor audio = Tensor.of(backend, Shape.of(batch, 1, frames, 32), logMel);
            int[] ids = new int[batch * 6];
            java.util.Arrays.setAll(ids, i -> 1 + (int) ((i + number) % 29));
            Shape texts = Shape.of(batch, 6);
            Tensor mask = Ops.fill(Tensor.empty(backend, texts, DType.F32), 1);
            TextBatch text =
                    new TextBatch(Tensor.of(backend, texts, ids), Tensor.zeros(backend, texts, DType.I32), mask);
            Pass pass = Pass.training(Tensor.of(backend, Shape.of(2), 5L, number));
            GradTape tape = new GradTape();
            tape.watch(model.weights().parameters());
            Tensor loss = tape.record(() -> ContrastiveLoss.hard()
                    .of(model.embedAudio(audio, pass), model.embedText(text, pass), model.logitScale(), null));
            tape.backward(loss);
            adam.setLearningRate(1e-3);
            adam.step(monitor, loss);
            adam.zeroGrad();
        }
    }
}
