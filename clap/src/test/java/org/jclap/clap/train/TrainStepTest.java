package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.Parameter;
import org.jclap.autograd.optim.LossScaler;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.autograd.optim.StepMonitor;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.clap.text.TokenBatch;
import org.jclap.clap.text.VocabularyTrainer;
import org.jclap.clap.text.WordPiece;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A batch in parts has the gradient that it has as a whole. */
final class TrainStepTest {
    private static final int BATCH = 8;
    private static final FrontEnd FRONT_END = new FrontEnd(8000, 256, 64, 32, 50, 4000);
    private static final int SAMPLES = 64 * 36;

    private Backend backend = Backends.open(Backends.AUTO, 2);

    @AfterEach
    void nothingIsLeftInMemory() {
        assertEquals(0, backend.memory().liveBuffers());
        backend.close();
    }

    private static TrainConfig config(String... overrides) {
        List<String> all = new ArrayList<>(List.of("data.pairs=[none.csv]", "loop.batch=" + BATCH));
        all.addAll(List.of(overrides));
        return ConfigFile.of(all);
    }

    private static Batch batch(ClapCheckpoint checkpoint, int clips) {
        SplittableRandom random = new SplittableRandom(3);
        List<Example> examples = new ArrayList<>();
        List<float[]> waves = new ArrayList<>();
        for (int i = 0; i < clips; i++) {
            String caption = "a sound" + " of rain".repeat(i % 3) + (i % 2 == 0 ? " and wind" : " far away");
            examples.add(new Example("e" + i, Path.of("none.wav"), caption, List.of()));
            float[] wave = new float[SAMPLES];
            for (int t = 0; t < SAMPLES; t++) {
                wave[t] = (float) (Math.sin(t * (0.1 + 0.2 * i)) + random.nextDouble(-0.3, 0.3));
            }
            waves.add(wave);
        }
        TokenBatch tokens = checkpoint
                .tokenizer()
                .encode(examples.stream().map(Example::caption).toList(), 16, WordPiece.Padding.LONGEST);
        return new Batch(examples, WaveBatch.of(waves), tokens);
    }

    private ClapCheckpoint checkpoint(double dropout) {
        WordPiece tokenizer = new WordPiece(
                VocabularyTrainer.train(List.of("a sound of rain and wind", "far away", "a sound far away"), 60));
        ClapConfig sizes = new ClapConfig(
                new Cnn14Config(
                        List.of(4, 4, 8, 8, 16, 32), 64, 4, FRONT_END.mels(), FRONT_END.windowSize(), dropout, dropout),
                new BertConfig(tokenizer.vocabulary().size(), 32, 2, 16, 2, 32, dropout, false),
                24,
                dropout);
        return ClapCheckpoint.create(backend, sizes, FRONT_END, 0.3, tokenizer, 16, 5);
    }

    private void run(TrainStep step, Batch batch, long number, double rate) {
        try (Scope _ = Scope.open()) {
            step.run(
                    step.inputs(batch, number).stream()
                            .map(input -> input.on(backend))
                            .toList(),
                    number,
                    rate);
        }
    }

    /** What one step of gradient descent at rate 1 leaves, which shows the gradient: weights and running statistics. */
    private Map<String, float[]> afterStep(TrainConfig config, double dropout) {
        try (ClapCheckpoint checkpoint = checkpoint(dropout)) {
            ContrastiveObjective objective = new ContrastiveObjective(checkpoint, null, config);
            try (Optimizer sgd = Optimizer.sgd(0, objective.parameters());
                    StepMonitor monitor = new StepMonitor(backend, Double.POSITIVE_INFINITY, LossScaler.none());
                    TrainStep step =
                            new TrainStep(config, backend, null, objective, checkpoint.logMel(), sgd, monitor)) {
                step.beginEpoch(0);
                run(step, batch(checkpoint, BATCH), 3, 1);
                assertEquals(0, monitor.report().skipped());
            }
            return values(checkpoint);
        }
    }

    private static Map<String, float[]> values(ClapCheckpoint checkpoint) {
        Map<String, float[]> values = new LinkedHashMap<>();
        checkpoint
                .model()
                .weights()
                .parameters()
                .forEach(p -> values.put(p.name(), p.value().toFloats()));
        checkpoint.model().weights().state().forEach((name, tensor) -> {
            if (name.contains("running")) {
                values.put(name, tensor.toFloats());
            }
        });
        return values;
    }

    // ---------------------------------------------------------------------------------------------- the embedding
    // cache

    /** The frozen audio tower runs as in evaluation: no normalisation depends on which clips are together. */
    @Test
    void theEmbeddingCacheGivesTheGradientOfTheWholeBatch() {
        // Double precision inside ops: what rows of a batch become does not depend on how many there are.
        backend.close();
        backend = Backends.open("reference", 1);
        Map<String, float[]> whole = afterStep(config("freeze.audio=true"), 0);
        Map<String, float[]> cached =
                afterStep(config("freeze.audio=true", "loop.accumulate=4", "loop.embedding_cache=true"), 0);
        Map<String, float[]> parts = afterStep(config("freeze.audio=true", "loop.accumulate=4"), 0);
        double unlike = 0;
        for (String name : whole.keySet()) {
            // Sums over the batch are rounded to F32 after each part; gradients are of the size of 1.
            assertArrayEquals(whole.get(name), cached.get(name), 2e-6f, name);
            for (int i = 0; i < whole.get(name).length; i++) {
                unlike = Math.max(unlike, Math.abs(whole.get(name)[i] - parts.get(name)[i]));
            }
        }
        assertTrue(unlike > 1e-3, "parts that only contrast within themselves learn something else: " + unlike);
    }

    /** With dropout and batch statistics: bit for bit what one graph over all parts gives, as the masks are drawn again. */
    @Test
    void theEmbeddingCacheDrawsTheSameMasksAgain() {
        TrainConfig config = config("loop.accumulate=4", "loop.embedding_cache=true");
        Map<String, float[]> cached = afterStep(config, 0.1);
        Map<String, float[]> graph = afterStepInOneGraph(config, 0.1);
        graph.forEach((name, values) -> assertArrayEquals(values, cached.get(name), name));
    }

    private Map<String, float[]> afterStepInOneGraph(TrainConfig config, double dropout) {
        try (ClapCheckpoint checkpoint = checkpoint(dropout);
                Scope _ = Scope.open()) {
            Clap model = checkpoint.model();
            List<Parameter> parameters = new ContrastiveObjective(checkpoint, null, config).parameters();
            Batch batch = batch(checkpoint, BATCH);
            GradTape tape = new GradTape();
            tape.watch(parameters);
            Tensor loss = tape.record(() -> {
                Tensor logMel = checkpoint.logMel().apply(batch.waves().on(backend));
                TextBatch text = checkpoint.textBatch(batch.tokens());
                List<Tensor> audio = new ArrayList<>();
                List<Tensor> captions = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    Pass pass =
                            Pass.training(Tensor.of(backend, Shape.of(2), config.seed() + i * 0x9E3779B97F4A7C15L, 3L));
                    audio.add(model.embedAudio(Ops.slice(logMel, 0, 2 * i, 2 * i + 2), pass));
                    captions.add(model.embedText(
                            new TextBatch(
                                    Ops.slice(text.ids(), 0, 2 * i, 2 * i + 2),
                                    Ops.slice(text.types(), 0, 2 * i, 2 * i + 2),
                                    Ops.slice(text.mask(), 0, 2 * i, 2 * i + 2)),
                            pass));
                }
                return ContrastiveLoss.hard()
                        .of(Ops.concat(0, audio), Ops.concat(0, captions), model.logitScale(), null);
            });
            tape.backward(loss);
            try (Optimizer sgd = Optimizer.sgd(0, parameters)) {
                sgd.step(1, 1);
                sgd.zeroGrad();
            }
            return values(checkpoint);
        }
    }

    @Test
    void checkpointsChangeNothing() {
        Map<String, float[]> plain = afterStep(config(), 0.1);
        Map<String, float[]> checkpointed = afterStep(config("model.checkpointing=true"), 0.1);
        plain.forEach((name, values) -> assertArrayEquals(values, checkpointed.get(name), name));
    }

    @Test
    void cacheAndCheckpointsNeedLessMemory() {
        long whole = peak(config());
        // The widest block is the first, and has to be held once in any case.
        assertTrue(peak(config("model.checkpointing=true")) < whole);
        assertTrue(peak(config("loop.accumulate=4", "loop.embedding_cache=true")) < 0.6 * whole);
        assertTrue(peak(config("loop.accumulate=4")) < 0.6 * whole);
    }

    private long peak(TrainConfig config) {
        backend.resetPeak();
        afterStep(config, 0.1);
        return backend.memory().peakBytes();
    }

    /** Which would otherwise need more than the step before it, and fail where that did not. */
    @Test
    void evaluationNeedsLessMemoryThanAStepWithCheckpoints() {
        TrainConfig config = config("model.checkpointing=true");
        long step = peak(config);
        try (ClapCheckpoint checkpoint = checkpoint(0.1)) {
            ContrastiveObjective objective = new ContrastiveObjective(checkpoint, null, config);
            try (Optimizer sgd = Optimizer.sgd(0, objective.parameters());
                    StepMonitor monitor = new StepMonitor(backend, Double.POSITIVE_INFINITY, LossScaler.none());
                    TrainStep evaluation =
                            new TrainStep(config, backend, null, objective, checkpoint.logMel(), sgd, monitor);
                    Scope _ = Scope.open()) {
                backend.resetPeak();
                assertTrue(Double.isFinite(
                        evaluation.evaluate(batch(checkpoint, BATCH)).item()));
                long peak = backend.memory().peakBytes();
                assertTrue(peak < 0.65 * step, "%d KiB, a step takes %d".formatted(peak >> 10, step >> 10));
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- accumulation

    /** The mean square of x w over the clips: a mean over examples without normalisation. */
    private static final class Mean implements Objective {
        private final Parameter w;

        Mean(Backend backend) {
            float[] start = new float[SAMPLES];
            for (int i = 0; i < SAMPLES; i++) {
                start[i] = (float) Math.cos(i) / SAMPLES;
            }
            w = new Parameter("w", Tensor.of(backend, Shape.of(SAMPLES, 1), start));
        }

        @Override
        public List<HostTensor> inputs(Batch batch, boolean training, long step) {
            return List.of(
                    HostTensor.of(Shape.of(batch.size(), SAMPLES), batch.waves().values()));
        }

        @Override
        public Tensor loss(List<Tensor> inputs, Tensor logMel, Pass pass, int epoch) {
            Tensor x = inputs.getFirst();
            return Ops.mean(Ops.square(Ops.matmul(x, w.value())));
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(w);
        }

        @Override
        public void beginEpoch(int epoch) {}

        @Override
        public boolean exports(String tensor) {
            return true;
        }

        @Override
        public int leastBatch() {
            return 1;
        }

        @Override
        public boolean needsCaptions() {
            return false;
        }

        @Override
        public void close() {
            w.close();
        }
    }

    @Test
    void partsAddUpToTheGradientOfAMeanOverExamples() {
        List<float[]> weights = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        for (String accumulate : List.of("loop.accumulate=1", "loop.accumulate=4")) {
            try (ClapCheckpoint checkpoint = checkpoint(0);
                    Mean objective = new Mean(backend);
                    Optimizer sgd = Optimizer.sgd(0, objective.parameters());
                    StepMonitor monitor = new StepMonitor(backend, 5, LossScaler.none());
                    TrainStep step = new TrainStep(
                            config(accumulate, "objective=tagging"),
                            backend,
                            null,
                            objective,
                            new LogMel(FRONT_END),
                            sgd,
                            monitor)) {
                run(step, batch(checkpoint, 7), 0, 1e-3);
                weights.add(objective.w.value().toFloats());
                losses.add(monitor.report().loss());
            }
        }
        assertEquals(losses.getFirst(), losses.getLast(), 1e-6 * losses.getFirst());
        assertArrayEquals(weights.getFirst(), weights.getLast(), 1e-6f);
    }

    // ---------------------------------------------------------------------------------------------- precision

    @Test
    void sixteenBitsAreRefusedWhereTheyWouldOnlyBeEmulated() {
        assumeTrue(backend.name().equals("vector"), "only the vector backend refuses");
        assertNull(ModelSetup.autocast(config(), backend));
        String message = assertThrows(UserException.class, () -> ModelSetup.autocast(config("precision=bf16"), backend))
                .getMessage();
        assertTrue(message.contains("precision: bf16") && message.contains("--device cuda"), message);
    }
}
