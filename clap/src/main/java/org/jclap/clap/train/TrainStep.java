package org.jclap.clap.train;

import java.util.List;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.audio.LogMel;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * One step of a training: the loss of a batch, its gradients, the update. The host uploads the batch and what changes from
 * step to step, and never waits for the device; how steps went is in the {@link StepMonitor}.
 */
final class TrainStep implements AutoCloseable {
    private final Objective objective;
    private final LogMel logMel;
    private final Optimizer optimizer;
    private final StepMonitor monitor;
    private final long seed;
    private final Tensor random;

    TrainStep(
            TrainConfig config,
            Backend backend,
            Objective objective,
            LogMel logMel,
            Optimizer optimizer,
            StepMonitor monitor) {
        this.objective = objective;
        this.logMel = logMel;
        this.optimizer = optimizer;
        this.monitor = monitor;
        seed = config.seed();
        random = Tensor.zeros(backend, Shape.of(2), DType.I64).persistent();
    }

    /** A step that is not admitted by the monitor changes nothing but the running statistics. */
    void run(Batch batch, int epoch, long step, double rate) {
        try (Scope _ = Scope.open()) {
            feed(step, rate);
            Tensor loss = backward(batch, epoch, step);
            optimizer.step(monitor, loss);
            optimizer.zeroGrad();
        }
    }

    /** Uploads what changes from step to step. */
    private void feed(long step, double rate) {
        HostStorage host = HostStorage.wrap(DType.I64, new long[] {seed, step}, 2);
        random.backend().upload(host, 0, random.storage(), random.offset(), 2);
        optimizer.setLearningRate(rate);
    }

    private Tensor backward(Batch batch, int epoch, long step) {
        GradTape tape = new GradTape();
        tape.watch(objective.parameters());
        Tensor loss = tape.record(() -> loss(batch, Pass.training(random), epoch, step));
        tape.backward(List.of(loss), List.of(monitor.lossScale()));
        return loss;
    }

    /** The loss of a batch, {@code (1)}. */
    Tensor loss(Batch batch, Pass pass, int epoch, long step) {
        Tensor spectrograms = logMel.apply(batch.waves().on(random.backend()));
        return objective.loss(batch, spectrograms, pass, epoch, step);
    }

    @Override
    public void close() {
        random.close();
    }
}
