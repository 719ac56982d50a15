package org.jclap.bench;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.Parameter;
import org.jclap.autograd.optim.Optimizer;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.models.bert.Bert;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.cnn14.Cnn14;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Whole training steps: forward with dropout or without, loss, backward, Adam. */
public final class TrainCases {
    /** 5 s at 44.1 kHz with a hop of 320. */
    static final int FRAMES = 690;

    private TrainCases() {}

    static List<BenchCase> all() {
        return List.of(
                cnn14("train/cnn14 base 4 x 5 s", Cnn14Config.base(), 4, FRAMES, true),
                cnn14("train/cnn14 base 4 x 5 s, no dropout", Cnn14Config.base(), 4, FRAMES, false),
                bert("train/bert base 4 x 100 tokens", BertConfig.base(), 4, 100, true),
                bert("train/bert base 4 x 100 tokens, no dropout", BertConfig.base(), 4, 100, false),
                clap("train/clap tiny 16 x 5 s, 32 tokens", ClapConfig.tiny(), 16, FRAMES, 32, true),
                clap("train/clap base 4 x 5 s, 100 tokens, no dropout", ClapConfig.base(), 4, FRAMES, 100, false));
    }

    /** Tagging with binary cross-entropy, as CNN14 is pretrained. */
    private static BenchCase cnn14(String name, Cnn14Config config, int batch, int frames, boolean dropout) {
        double head = 2.0 * batch * config.embedding() * config.classes();
        var work = ModelWork.training(ModelWork.cnn14(config, batch, frames) + head, ModelWork.parameters(config));
        return new BenchCase(name, work, stage -> {
            var weights = new Weights(stage.backend(), stage.seed());
            var model = new Cnn14(weights, config);
            var logMel = stage.uniform(batch, 1, frames, config.mels());
            var tags = Tensor.zeros(stage.backend(), Shape.of(batch, config.classes()), DType.F32);
            return new Step(
                    weights,
                    passes(stage, dropout),
                    pass -> Ops.binaryCrossEntropy(model.forward(logMel, pass).logits(), tags));
        });
    }

    /** The loss is a stand-in that costs nothing: BERT here has no head of its own. */
    private static BenchCase bert(String name, BertConfig config, int batch, int length, boolean dropout) {
        var work = ModelWork.training(ModelWork.bert(config, batch, length), ModelWork.parameters(config));
        return new BenchCase(name, work, stage -> {
            var weights = new Weights(stage.backend(), stage.seed());
            var model = new Bert(weights, config);
            var text = text(stage, config, batch, length);
            return new Step(
                    weights,
                    passes(stage, dropout),
                    pass -> Ops.mean(Ops.square(model.forward(text.ids(), text.types(), text.mask(), pass))));
        });
    }

    /** Both towers with the hard contrastive loss. */
    public static BenchCase clap(String name, ClapConfig config, int batch, int frames, int length, boolean dropout) {
        var work = ModelWork.training(ModelWork.clap(config, batch, frames, length), ModelWork.parameters(config));
        return new BenchCase(name, work, stage -> {
            var model = new Clap(stage.backend(), config, stage.seed());
            var logMel = stage.uniform(batch, 1, frames, config.audio().mels());
            var text = text(stage, config.text(), batch, length);
            var loss = ContrastiveLoss.hard();
            return new Step(
                    model.weights(),
                    passes(stage, dropout),
                    pass -> loss.of(
                            model.embedAudio(logMel, pass), model.embedText(text, pass), model.logitScale(), null));
        });
    }

    /** A pass for each step, counted from 0. */
    private static LongFunction<Pass> passes(Stage stage, boolean dropout) {
        return dropout
                ? step -> Pass.training(Tensor.of(stage.backend(), Shape.of(2), stage.seed(), step))
                : _ -> Pass.trainingWithoutDropout();
    }

    static TextBatch text(Stage stage, BertConfig config, int batch, int length) {
        var shape = Shape.of(batch, length);
        var mask = Ops.fill(Tensor.empty(stage.backend(), shape, DType.F32), 1);
        var types = Tensor.zeros(stage.backend(), shape, DType.I32);
        return new TextBatch(stage.ids(config.vocabulary(), batch, length), types, mask);
    }

    private static final class Step implements Workload {
        private static final double RATE = 1e-5;

        private final Weights weights;
        private final LongFunction<Pass> passes;
        private final Function<Pass, Tensor> loss;
        private final Optimizer optimizer;
        private long step;

        Step(Weights weights, LongFunction<Pass> passes, Function<Pass, Tensor> loss) {
            this.weights = weights;
            this.passes = passes;
            this.loss = loss;
            optimizer = Optimizer.adam(weights.parameters());
        }

        /** The loss, and the gradients of the parameters that have one; those live until the next step. */
        @Override
        public List<Tensor> run() {
            optimizer.zeroGrad();
            var pass = passes.apply(step++);
            var tape = new GradTape();
            tape.watch(weights.parameters());
            var value = tape.record(() -> loss.apply(pass));
            tape.backward(value);
            optimizer.step(RATE, 1);
            var gradients = weights.parameters().stream().map(Parameter::grad);
            return Stream.concat(Stream.of(value), gradients)
                    .filter(Objects::nonNull)
                    .toList();
        }

        @Override
        public void close() {
            optimizer.close();
            weights.close();
        }
    }
}
