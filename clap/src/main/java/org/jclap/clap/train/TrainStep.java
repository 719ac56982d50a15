package org.jclap.clap.train;

import java.util.ArrayList;
import java.util.List;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.RepeatedWork;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * One step of a training: the loss of a batch, its gradients, the update. The host uploads the batch and what changes from
 * step to step, and never waits for the device; how steps went is in the {@link StepMonitor}.
 */
final class TrainStep implements AutoCloseable {
    /** Shapes of batches for which the backend may keep a recording of the step: captions differ in length. */
    private static final int SHAPES = 16;

    private final Objective objective;
    private final LogMel logMel;
    private final Optimizer optimizer;
    private final StepMonitor monitor;
    private final long seed;
    private final Tensor random;
    private final RepeatedWork work;
    private int epoch;

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
        work = new RepeatedWork(backend, SHAPES, this::work);
    }

    /** Decides what learns from now on. */
    void beginEpoch(int number) {
        epoch = number;
        objective.beginEpoch(number);
    }

    /** Gives up the memory of recorded steps, which the next epoch may not repeat. */
    void endEpoch() {
        work.clear();
    }

    /** What a step needs of a batch: the waves {@code (B, N)}, then what the objective reads. */
    List<HostTensor> inputs(Batch batch, long step) {
        return inputs(batch, true, step);
    }

    private List<HostTensor> inputs(Batch batch, boolean training, long step) {
        WaveBatch waves = batch.waves();
        List<HostTensor> inputs = new ArrayList<>();
        inputs.add(HostTensor.of(Shape.of(waves.clips(), waves.samples()), waves.values()));
        inputs.addAll(objective.inputs(batch, training, step));
        return inputs;
    }

    /** A step that is not admitted by the monitor changes nothing but the running statistics. */
    void run(List<Tensor> inputs, long step, double rate) {
        feed(step, rate);
        work.apply(withLogMel(inputs));
    }

    /** What is the same in every step but for the values of its inputs. */
    private List<Tensor> work(List<Tensor> inputs) {
        optimizer.zeroGrad();
        Tensor loss = backward(inputs);
        optimizer.step(monitor, loss);
        optimizer.zeroGrad();
        return List.of(loss);
    }

    /** The waves replaced by their spectrograms, whose constants are uploaded. */
    private List<Tensor> withLogMel(List<Tensor> inputs) {
        List<Tensor> replaced = new ArrayList<>(inputs);
        replaced.set(0, logMel.apply(inputs.getFirst()));
        return replaced;
    }

    /** Uploads what changes from step to step. */
    private void feed(long step, double rate) {
        HostStorage host = HostStorage.wrap(DType.I64, new long[] {seed, step}, 2);
        random.backend().upload(host, 0, random.storage(), random.offset(), 2);
        optimizer.setLearningRate(rate);
    }

    private Tensor backward(List<Tensor> inputs) {
        GradTape tape = new GradTape();
        tape.watch(objective.parameters());
        Tensor loss = tape.record(() -> loss(inputs, Pass.training(random)));
        tape.backward(List.of(loss), List.of(monitor.lossScale()));
        return loss;
    }

    private Tensor loss(List<Tensor> inputs, Pass pass) {
        return objective.loss(inputs.subList(1, inputs.size()), inputs.getFirst(), pass, epoch);
    }

    /** The loss of a batch in evaluation, {@code (1)}. */
    Tensor evaluate(Batch batch) {
        List<Tensor> inputs = inputs(batch, false, 0).stream()
                .map(input -> input.on(random.backend()))
                .toList();
        return loss(withLogMel(inputs), Pass.evaluation());
    }

    @Override
    public void close() {
        work.close();
        random.close();
    }
}
