package org.jclap.tests.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Golden;
import org.jspecify.annotations.Nullable;

/** Steps of preset tiny with the published dropout on four pairs of made-up numbers. */
final class TinyTraining implements AutoCloseable {
    private static final int BATCH = 4;
    private static final int FRAMES = 33;
    private static final int TOKENS = 6;

    private final Backend backend;
    private final @Nullable Autocast autocast;
    private final Clap model;
    private final Optimizer adam;
    private final StepMonitor monitor;
    private long next;

    TinyTraining(Backend backend, @Nullable Autocast autocast, LossScaler scaler) {
        this.backend = backend;
        this.autocast = autocast;
        model = new Clap(backend, sizes(), 7);
        adam = Optimizer.adam(model.weights().parameters());
        monitor = new StepMonitor(backend, 5, scaler);
        adam.setLearningRate(1e-4);
    }

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

    /** Every weight that learns. */
    void forEachWeight(Consumer<Tensor> action) {
        model.weights().parameters().forEach(parameter -> action.accept(parameter.value()));
    }

    /** The reports of so many steps more. */
    List<StepMonitor.Report> run(int steps) {
        List<StepMonitor.Report> reports = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            step(next++);
            reports.add(monitor.report());
        }
        return reports;
    }

    private void step(long number) {
        try (Scope _ = Scope.open()) {
            Pass pass = Pass.training(Tensor.of(backend, Shape.of(2), 5L, number));
            GradTape tape = new GradTape();
            tape.watch(model.weights().parameters());
            Supplier<Tensor> forward = () -> ContrastiveLoss.hard()
                    .of(
                            model.embedAudio(audio(number), pass),
                            model.embedText(text(number), pass),
                            model.logitScale(),
                            null);
            Tensor loss = tape.record(autocast == null ? forward : () -> autocast.run(forward));
            tape.backward(List.of(loss), List.of(monitor.lossScale()));
            adam.step(monitor, loss);
            adam.zeroGrad();
        }
    }

    private Tensor audio(long number) {
        int mels = model.config().audio().mels();
        float[] logMel = Golden.unit("training", "audio " + number, BATCH * FRAMES * mels);
        return Tensor.of(backend, Shape.of(BATCH, 1, FRAMES, mels), logMel);
    }

    private TextBatch text(long number) {
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

    @Override
    public void close() {
        monitor.close();
        adam.close();
        model.close();
    }
}
