package org.jclap.clap.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.RepeatedWork;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * One step of a training: the loss of a batch, its gradients, the update. The host uploads the batch and what changes from
 * step to step, and never waits for the device; how steps went is in the {@link StepMonitor}.
 */
final class TrainStep implements AutoCloseable {
    /** Shapes of batches for which the backend may keep a recording of the step: captions differ in length. */
    private static final int SHAPES = 16;

    /** 2^64 divided by the golden ratio: seeds of parts differ in many bits. */
    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final Objective objective;
    private final LogMel logMel;
    private final Optimizer optimizer;
    private final StepMonitor monitor;
    private final TrainConfig config;
    private final @Nullable Autocast autocast;
    private final Tensor random;
    private final RepeatedWork work;
    private int epoch;

    /** @param autocast the policy of mixed precision; null for F32 */
    TrainStep(
            TrainConfig config,
            Backend backend,
            @Nullable Autocast autocast,
            Objective objective,
            LogMel logMel,
            Optimizer optimizer,
            StepMonitor monitor) {
        this.config = config;
        this.autocast = autocast;
        this.objective = objective;
        this.logMel = logMel;
        this.optimizer = optimizer;
        this.monitor = monitor;
        random = Tensor.zeros(backend, Shape.of(config.loop().accumulate(), 2), DType.I64)
                .persistent();
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
        Tensor loss = gradients(inputs);
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

    /** Uploads what changes from step to step: the rate, and the random state of each part, whose masks are its own. */
    private void feed(long step, double rate) {
        long[] states = new long[random.size()];
        for (int part = 0; 2 * part < states.length; part++) {
            states[2 * part] = config.seed() + part * ODD;
            states[2 * part + 1] = step;
        }
        HostStorage host = HostStorage.wrap(DType.I64, states, states.length);
        random.backend().upload(host, 0, random.storage(), random.offset(), states.length);
        optimizer.setLearningRate(rate);
    }

    // ---------------------------------------------------------------------------------------------- parts

    /** Adds up the gradients of the parts that have a loss of their own; returns the mean loss {@code (1)} of the examples. */
    private Tensor gradients(List<Tensor> inputs) {
        Pass pass = Pass.training(random).checkpointing(config.model().checkpointing());
        int clips = clips(inputs.getFirst());
        // With mixup some inputs have a row for two clips, which stay together.
        int unit = inputs.stream().anyMatch(input -> 2 * clips(input) == clips) ? 2 : 1;
        int parts = Math.min(config.loop().losses(), clips / Math.max(unit, objective.leastBatch()));
        if (parts == 1) {
            return backward(inputs, config.loop().embeddingCache() ? pass : pass.part(0), 1);
        }
        List<Tensor> losses = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            int from = i * (clips / unit) / parts;
            int to = (i + 1) * (clips / unit) / parts;
            double share = (double) (to - from) * unit / clips;
            try (Scope scope = Scope.open()) {
                List<Tensor> part = inputs.stream()
                        .map(input -> rows(input, clips / unit, from, to))
                        .toList();
                losses.add(scope.keep(Ops.scale(backward(part, pass.part(i), share), share)));
            }
        }
        return Ops.sum(Ops.concat(0, losses));
    }

    private static int clips(Tensor input) {
        return input.shape().dim(0);
    }

    /** The rows of an input that belong to the units {@code [from, to)} of all. */
    private static Tensor rows(Tensor input, int units, int from, int to) {
        int rows = clips(input) / units;
        return Ops.slice(input, 0, from * rows, to * rows);
    }

    /** Adds {@code share} times the gradients of a loss, which is returned, under the loss scale. */
    private Tensor backward(List<Tensor> inputs, Pass pass, double share) {
        GradTape tape = new GradTape();
        tape.watch(objective.parameters());
        Supplier<Tensor> forward = () -> loss(inputs, pass);
        Tensor loss = tape.record(autocast == null ? forward : () -> autocast.run(forward));
        Tensor scale = monitor.lossScale();
        tape.backward(List.of(loss), List.of(share == 1 ? scale : Ops.scale(scale, share)));
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
