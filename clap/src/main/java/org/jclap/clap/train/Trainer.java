package org.jclap.clap.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jclap.autograd.optim.LearningRate;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.train.TrainConfig.Criterion;
import org.jclap.tensor.Autocast;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * Runs a training: epochs of steps, validation, checkpoints, logs. A run that was stopped anywhere goes on from its last
 * saved state and ends with the same weights, bit for bit, as one that was not.
 */
public final class Trainer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Trainer.class.getName());

    private final TrainConfig config;
    private final Progress progress;
    private final RunDirectory run;
    private final TrainingData data;
    private final BadAudio bad;
    private final ClapCheckpoint checkpoint;
    private final Objective objective;
    private final Optimizer optimizer;
    private final BatchLoader loader;
    private final BatchSender sender;
    private final StepMonitor monitor;
    private final TrainStep step;
    private final RunLog log;
    private final @Nullable ZeroShotProbe probe;
    private final Deque<Runnable> opened = new ArrayDeque<>();

    private final List<Double> trainLosses = new ArrayList<>();
    private final List<Double> validationLosses = new ArrayList<>();
    private LearningRate schedule;
    private RunState state;
    private double lastLoss = Double.NaN;

    /** Steps since the last report. */
    private int tried;

    /**
     * Reads the data, creates or restores the model, and opens the run directory.
     *
     * @param resume goes on with the run in the directory, if there is one
     */
    public Trainer(TrainConfig config, Backend backend, Progress progress, boolean resume) {
        this.config = config;
        this.progress = progress;
        Autocast autocast = ModelSetup.autocast(config, backend);
        run = new RunDirectory(Path.of(config.run()));
        TrainingData all = TrainingData.read(config);
        bad = new BadAudio(all.files().size(), config.data().maxBadShare());
        data = all.readable(bad);
        requireBatches();
        run.open(config, resume);
        run.describe(config, data, backend.description());
        try {
            checkpoint = ModelSetup.create(config, data, backend, resume ? run.state() : null);
            opened.push(checkpoint::close);
            objective = ModelSetup.objective(config, checkpoint);
            opened.push(objective::close);
            optimizer = new Optimizer(ModelSetup.rule(config.optimizer()), objective.parameters());
            opened.push(optimizer::close);
            monitor = ModelSetup.monitor(config, backend);
            opened.push(monitor::close);
            step = new TrainStep(config, backend, autocast, objective, checkpoint.logMel(), optimizer, monitor);
            opened.push(step::close);
            boolean goesOn = resume && Files.exists(run.state());
            state = goesOn ? RunState.load(run.state(), checkpoint, optimizer) : RunState.start();
            if (state.monitor() != null) {
                monitor.load(state.monitor());
            }
            schedule = state.plateau() != null ? state.plateau() : ModelSetup.schedule(config, totalSteps());
            log = new RunLog(run.path(), state.step());
            opened.push(log::close);
            loader = loader();
            opened.push(loader::close);
            sender = new BatchSender(backend);
            opened.push(sender::close);
            probe = ZeroShotProbe.of(config);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void requireBatches() {
        int batch = config.loop().batch();
        if (data.train().size() < batch) {
            throw new UserException(
                    "%d training examples are fewer than one batch of %d: lower loop.batch or add data (data.validation_share %s, data.subset %s)"
                            .formatted(
                                    data.train().size(),
                                    batch,
                                    config.data().validationShare(),
                                    config.data().subset()));
        }
        if (!data.curated().isEmpty() && data.curated().size() < batch) {
            throw new UserException("%d curated pairs are fewer than one batch of %d"
                    .formatted(data.curated().size(), batch));
        }
    }

    private BatchLoader loader() {
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = config.data().threads() > 0 ? config.data().threads() : Math.max(1, processors - 1);
        AudioCache cache =
                new AudioCache(config.audio().sampleRate(), (long) config.data().cacheMegabytes() << 20);
        return new BatchLoader(
                cache, checkpoint.samples(), checkpoint.tokenizer(), checkpoint.maxLength(), bad, threads);
    }

    private long totalSteps() {
        long all = (long) config.loop().epochs()
                * (data.train().size() / config.loop().batch());
        return config.loop().maxSteps() > 0 ? Math.min(all, config.loop().maxSteps()) : all;
    }

    // ---------------------------------------------------------------------------------------------- the loop

    /** Trains to the end of the configuration. */
    public TrainResult run() {
        while (state.epoch() < config.loop().epochs() && state.step() < totalSteps()) {
            step.beginEpoch(state.epoch());
            trainEpoch();
            endEpoch();
        }
        run.skipped(bad);
        return new TrainResult(
                run.best(),
                state.step(),
                trainLosses,
                validationLosses,
                monitor.report().skipped(),
                bad.reasons().size());
    }

    private void trainEpoch() {
        int epoch = state.epoch();
        List<List<Example>> plan = EpochPlan.training(
                data.train(),
                data.curated(),
                config.data().curationProb(),
                config.loop().batch(),
                config.seed(),
                epoch);
        BatchLoader.Cut cut = new BatchLoader.Cut(Crop.parse(config.audio().crop()), config.seed(), epoch);
        String name = "epoch %d/%d".formatted(epoch + 1, config.loop().epochs());
        Iterable<Batch> batches = loader.load(plan, state.batch(), cut, objective.needsCaptions());
        long first = state.step();
        try (Progress.Task task = progress.begin(name, "steps", plan.size());
                BatchSender.Batches sent = sender.send(
                        batches, (batch, number) -> isStep(batch) ? step.inputs(batch, first + number) : List.of())) {
            task.advance(state.batch());
            while (state.step() < totalSteps() && trainBatch(sent)) {
                task.advance(1, Double.isNaN(lastLoss) ? "" : "loss %.4f".formatted(lastLoss));
                saveWithinEpoch(plan.size());
            }
        }
    }

    private boolean isStep(Batch batch) {
        return batch.size() >= objective.leastBatch();
    }

    /** One step, if the batch is large enough for it; false when there is no batch. */
    private boolean trainBatch(BatchSender.Batches batches) {
        try (Scope _ = Scope.open();
                BatchSender.Sent sent = batches.next()) {
            if (sent == null) {
                return false;
            }
            if (isStep(sent.batch())) {
                step.run(sent.take(), state.step(), schedule.at(state.step()));
                tried++;
                if (state.step() % config.loop().logEvery() == 0) {
                    logStep();
                }
            }
            state = state.advanced();
            return true;
        }
    }

    /** Waits for the device: called where something is written down, not in every step. */
    private StepMonitor.Report observe() {
        StepMonitor.Report report = monitor.takeLosses();
        report.requireNoMoreInARow(config.loop().nonFinitePatience());
        state = state.observed(report, tried);
        tried = 0;
        lastLoss = report.loss();
        return report;
    }

    private void logStep() {
        StepMonitor.Report report = observe();
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", report.loss());
        values.put("gradient_norm", report.norm());
        values.put("learning_rate", schedule.at(state.step()));
        values.put("skipped_steps", (double) report.skipped());
        if (config.precision() == TrainConfig.Precision.F16) {
            values.put("loss_scale", report.scale());
        }
        log.record(RunLog.TRAIN, state.epoch(), state.step(), values);
    }

    private void saveWithinEpoch(int batches) {
        int every = config.checkpoint().everySteps();
        if (every > 0 && state.step() % every == 0 && state.batch() < batches) {
            observe();
            state.save(run.state(), checkpoint, optimizer);
        }
    }

    // ---------------------------------------------------------------------------------------------- end of an epoch

    private void endEpoch() {
        step.endEpoch();
        observe();
        int epoch = state.epoch() + 1;
        double trainLoss = state.meanLoss();
        double validationLoss = validate();
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("train_loss", trainLoss);
        values.put("loss", validationLoss);
        if (probe != null) {
            values.put("zeroshot_accuracy", probe.accuracy(checkpoint));
        }
        log.record("validation", epoch, state.step(), values);
        LOG.log(System.Logger.Level.INFO, "epoch {0}: {1}", epoch, text(values));
        trainLosses.add(trainLoss);
        validationLosses.add(validationLoss);
        schedule = schedule.afterEpoch(epoch, Double.isNaN(validationLoss) ? trainLoss : validationLoss);
        List<RunState.Kept> best = keep(epoch, score(values));
        LearningRate.ReduceOnPlateau plateau = schedule instanceof LearningRate.ReduceOnPlateau p ? p : null;
        state = new RunState(epoch, 0, state.step(), 0, 0, Map.of(), state.monitor(), plateau, best);
        state.save(run.state(), checkpoint, optimizer);
        deleteAllBut(best);
    }

    private static String text(Map<String, Double> values) {
        return values.entrySet().stream()
                .map(value -> "%s %.4f"
                        .formatted(
                                value.getKey().equals("loss") ? "validation loss" : value.getKey(), value.getValue()))
                .collect(Collectors.joining(", "))
                .replace('_', ' ');
    }

    /** The mean loss of the held-out pairs; NaN when there are none. */
    private double validate() {
        List<List<Example>> plan = EpochPlan.evaluation(
                data.validation(), config.loop().batch() / config.loop().losses(), objective.leastBatch());
        BatchLoader.Cut cut = new BatchLoader.Cut(Crop.VALIDATION, config.seed(), 0);
        double sum = 0;
        int count = 0;
        for (Batch batch : loader.load(plan, 0, cut, objective.needsCaptions())) {
            if (isStep(batch)) {
                try (Scope _ = Scope.open()) {
                    sum += batch.size() * step.evaluate(batch).item();
                    count += batch.size();
                }
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private double score(Map<String, Double> values) {
        if (config.checkpoint().by() == Criterion.ZEROSHOT) {
            return -values.getOrDefault("zeroshot_accuracy", 0.0);
        }
        double validation = values.getOrDefault("loss", Double.NaN);
        return Double.isNaN(validation) ? values.getOrDefault("train_loss", 0.0) : validation;
    }

    /** Writes this epoch's checkpoint when it is among the best, and returns those that are kept. */
    private List<RunState.Kept> keep(int epoch, double score) {
        Path file = run.checkpoint(epoch);
        List<RunState.Kept> ranked = new ArrayList<>(state.best());
        ranked.add(new RunState.Kept(String.valueOf(file.getFileName()), score));
        ranked.sort(Comparator.comparingDouble(RunState.Kept::score));
        List<RunState.Kept> kept =
                List.copyOf(ranked.subList(0, Math.min(config.checkpoint().keep(), ranked.size())));
        if (kept.stream().anyMatch(k -> file.endsWith(k.file()))) {
            checkpoint.save(
                    file,
                    Map.of("epoch", Integer.toString(epoch), "score", Double.toString(score)),
                    objective::exports);
        }
        if (file.endsWith(kept.getFirst().file())) {
            AtomicFile.write(run.best(), out -> Files.copy(file, out));
        }
        return kept;
    }

    /** Only after the state is safe: until then a resumed run may still need a checkpoint that fell out. */
    private void deleteAllBut(List<RunState.Kept> kept) {
        for (int epoch = 1; epoch <= state.epoch(); epoch++) {
            Path file = run.checkpoint(epoch);
            if (kept.stream().noneMatch(k -> file.endsWith(k.file()))) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.WARNING, "cannot delete {0}: {1}", file, e.getMessage());
                }
            }
        }
    }

    /** Closes what was opened, the last first. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            opened.pop().run();
        }
    }
}
