package org.jclap.clap.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.autograd.optim.LearningRate;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.Safetensors;
import org.jspecify.annotations.Nullable;

/**
 * Where a run is: everything besides the weights and the optimizer's moments that the next step depends on. Batches, crops
 * and dropout are functions of the seed, the epoch and the step, so there is no random state to keep.
 *
 * @param epoch the epoch under way, from 0
 * @param batch the next batch of it
 * @param step the next step of the run
 * @param lossSum the sum of the training losses of this epoch so far
 * @param taken the steps that it sums up: those that were not skipped
 * @param steps the optimizer's step count of each parameter
 * @param monitor how the steps went, and the loss scale; null before the first report
 * @param plateau what a plateau schedule has learned; null for the others
 * @param best the kept checkpoints, best first
 */
record RunState(
        int epoch,
        int batch,
        long step,
        double lossSum,
        int taken,
        Map<String, Long> steps,
        StepMonitor.@Nullable Report monitor,
        LearningRate.@Nullable ReduceOnPlateau plateau,
        List<Kept> best) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String MOMENT = "optimizer.";
    private static final String PROGRESS = "progress";

    /** A checkpoint of an epoch: smaller scores are better. */
    record Kept(String file, double score) {}

    RunState {
        steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
        best = List.copyOf(best);
    }

    static RunState start() {
        return new RunState(0, 0, 0, 0, 0, Map.of(), null, null, List.of());
    }

    /** After one more batch. */
    RunState advanced() {
        return new RunState(epoch, batch + 1, step + 1, lossSum, taken, steps, monitor, plateau, best);
    }

    /** With the losses of a report on {@code tried} steps more. */
    RunState observed(StepMonitor.Report report, int tried) {
        long skipped = report.skipped() - (monitor == null ? 0 : monitor.skipped());
        return new RunState(
                epoch,
                batch,
                step,
                lossSum + report.lossSum(),
                taken + tried - (int) skipped,
                steps,
                report,
                plateau,
                best);
    }

    /** The mean training loss of this epoch; NaN when no step was taken. */
    double meanLoss() {
        return lossSum / taken;
    }

    /** Writes weights, moments and progress into one file, atomically: a killed run finds the old or the new one. */
    void save(Path file, ClapCheckpoint checkpoint, Optimizer optimizer) {
        Optimizer.State moments = optimizer.state();
        List<Safetensors.Item> items = new ArrayList<>(checkpoint.items());
        moments.moments().forEach((name, tensor) -> items.add(Safetensors.Item.of(MOMENT + name, tensor)));
        Map<String, String> metadata = checkpoint.metadata();
        try {
            metadata.put(PROGRESS, JSON.writeValueAsString(withSteps(moments.steps())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        Safetensors.write(file, metadata, items);
    }

    /** Reads what {@link #save} wrote, into a checkpoint and an optimizer that fit. */
    static RunState load(Path path, ClapCheckpoint checkpoint, Optimizer optimizer) {
        Safetensors file = Safetensors.read(path);
        RunState state;
        try {
            state = JSON.readValue(file.metadata().getOrDefault(PROGRESS, ""), RunState.class);
        } catch (JsonProcessingException e) {
            throw new UserException(path + ": is not the state of a run: " + e.getOriginalMessage(), e);
        }
        checkpoint.restore(file, _ -> true);
        Map<String, Tensor> moments = new LinkedHashMap<>();
        for (String name : file.names()) {
            if (name.startsWith(MOMENT)) {
                moments.put(
                        name.substring(MOMENT.length()),
                        file.load(checkpoint.model().weights().backend(), name));
            }
        }
        try {
            optimizer.load(new Optimizer.State(moments, state.steps()));
        } finally {
            moments.values().forEach(Tensor::close);
        }
        return state;
    }

    private RunState withSteps(Map<String, Long> counts) {
        return new RunState(epoch, batch, step, lossSum, taken, counts, monitor, plateau, best);
    }
}
