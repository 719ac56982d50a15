package org.jclap.bench.gpu;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.optim.LossScaler;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.bench.Workload;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Backend;
import org.jclap.tensor.RepeatedWork;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/** A student's training step with soft labels: the teacher evaluated on the batch, forward, backward, Adam. */
final class StudentStep implements Workload {
    /** The weight of the teacher's similarities. */
    static final double BETA = 0.3;

    private static final double RATE = 1e-5;
    private static final long SEED = 1;

    private final Clap teacher;
    private final Clap student;
    private final Optimizer optimizer;
    private final StepMonitor monitor;
    private final @Nullable Autocast autocast;
    private final @Nullable RepeatedWork replayed;
    private final Tensor logMel;
    private final TextBatch text;
    private long count;

    /**
     * Teacher and student of the same start, on one batch.
     *
     * @param compute F32, or what products and activations are in while weights are F32
     * @param replays whether the backend may record the step and replay it, as training does
     */
    StudentStep(Backend backend, Sizes sizes, int batch, DType compute, boolean replays) {
        teacher = new Clap(backend, sizes.model(), SEED);
        student = new Clap(backend, sizes.model(), SEED);
        optimizer = Optimizer.adam(student.weights().parameters());
        optimizer.setLearningRate(RATE);
        monitor = new StepMonitor(backend, Double.POSITIVE_INFINITY, LossScaler.none());
        autocast = compute == DType.F32 ? null : new Autocast(compute);
        replayed = replays ? new RepeatedWork(backend, 1, this::step) : null;
        logMel = Cuda.uniform(
                        backend,
                        DType.F32,
                        batch,
                        1,
                        sizes.frames(),
                        sizes.model().audio().mels())
                .persistent();
        text = text(backend, sizes, batch);
    }

    /** Captions that end at different places: the mask has work to do. */
    private static TextBatch text(Backend backend, Sizes sizes, int batch) {
        var shape = Shape.of(batch, sizes.tokens());
        var random = new SplittableRandom(SEED);
        var ids = new int[shape.size()];
        var mask = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            boolean padding = i % sizes.tokens() > i / sizes.tokens() % sizes.tokens() + 2;
            ids[i] = padding ? 0 : random.nextInt(1, sizes.model().text().vocabulary());
            mask[i] = padding ? 0 : 1;
        }
        return new TextBatch(
                Tensor.of(backend, shape, ids).persistent(),
                Tensor.zeros(backend, shape, DType.I32).persistent(),
                Tensor.of(backend, shape, mask).persistent());
    }

    Clap student() {
        return student;
    }

    Tensor logMel() {
        return logMel;
    }

    TextBatch text() {
        return text;
    }

    /** The loss. */
    @Override
    public List<Tensor> run() {
        var random = List.of(Tensor.of(logMel.backend(), Shape.of(2), SEED, count++));
        return replayed == null ? step(random) : replayed.apply(random);
    }

    /** All that the device does; the random state is its only input. */
    private List<Tensor> step(List<Tensor> random) {
        optimizer.zeroGrad();
        var labels = inPrecision(() -> new ContrastiveLoss.Teacher(
                teacher.embedAudio(logMel, Pass.evaluation()), teacher.embedText(text, Pass.evaluation())));
        var tape = new GradTape();
        tape.watch(student.weights().parameters());
        var pass = Pass.training(random.getFirst());
        var loss = tape.record(() -> inPrecision(() -> ContrastiveLoss.soft(BETA)
                .of(student.embedAudio(logMel, pass), student.embedText(text, pass), student.logitScale(), labels)));
        tape.backward(List.of(loss), List.of(monitor.lossScale()));
        optimizer.step(monitor, loss);
        optimizer.zeroGrad();
        return List.of(loss);
    }

    private <T> T inPrecision(Supplier<T> forward) {
        return autocast == null ? forward.get() : autocast.run(forward);
    }

    @Override
    public void close() {
        if (replayed != null) {
            replayed.close();
        }
        monitor.close();
        optimizer.close();
        student.close();
        teacher.close();
        List.of(logMel, text.ids(), text.types(), text.mask()).forEach(Tensor::close);
    }
}
