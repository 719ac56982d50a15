package org.jclap.bench;

import java.util.List;
import java.util.function.Function;
import org.jclap.autograd.GradTape;
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

/** Whole training steps: forward with dropout, loss, backward, Adam. */
final class TrainCases {
    /** 5 s at 44.1 kHz with a hop of 320. */
    private static final int FRAMES = 690;

    private TrainCases() {}

    static List<BenchCase> all() {
        return List.of(
                cnn14("train/cnn14 base 4 x 5 s", Cnn14Config.base(), 4, FRAMES),
                bert("train/bert base 4 x 100 tokens", BertConfig.base(), 4, 100),
                clap("train/clap tiny 16 x 5 s, 32 tokens", ClapConfig.tiny(), 16, FRAMES, 32));
    }

    /** Tagging with binary cross-entropy, as CNN14 is pretrained. */
    private static BenchCase cnn14(String name, Cnn14Config config, int batch, int frames) {
        double head = 2.0 * batch * config.embedding() * config.classes();
        var work = ModelWork.training(ModelWork.cnn14(config, batch, frames) + head);
        return new BenchCase(name, work, stage -> {
            var weights = new Weights(stage.backend(), stage.seed());
            var model = new Cnn14(weights, config);
            var logMel = stage.uniform(batch, 1, frames, config.mels());
            var tags = Tensor.zeros(stage.backend(), Shape.of(batch, config.classes()), DType.F32);
            return new Step(
                    weights,
                    stage.seed(),
                    pass -> Ops.binaryCrossEntropy(model.forward(logMel, pass).logits(), tags));
        });
    }

    /** The loss is a stand-in that costs nothing: BERT here has no head of its own. */
    private static BenchCase bert(String name, BertConfig config, int batch, int length) {
        var work = ModelWork.training(ModelWork.bert(config, batch, length));
        return new BenchCase(name, work, stage -> {
            var weights = new Weights(stage.backend(), stage.seed());
            var model = new Bert(weights, config);
            var text = text(stage, config, batch, length);
            return new Step(
                    weights,
                    stage.seed(),
                    pass -> Ops.mean(Ops.square(model.forward(text.ids(), text.types(), text.mask(), pass))));
        });
    }

    private static BenchCase clap(String name, ClapConfig config, int batch, int frames, int length) {
        var work = ModelWork.training(ModelWork.clap(config, batch, frames, length));
        return new BenchCase(name, work, stage -> {
            var model = new Clap(stage.backend(), config, stage.seed());
            var logMel = stage.uniform(batch, 1, frames, config.audio().mels());
            var text = text(stage, config.text(), batch, length);
            var loss = ContrastiveLoss.hard();
            return new Step(
                    model.weights(),
                    stage.seed(),
                    pass -> loss.of(
                            model.embedAudio(logMel, pass), model.embedText(text, pass), model.logitScale(), null));
        });
    }

    private static TextBatch text(Stage stage, BertConfig config, int batch, int length) {
        var shape = Shape.of(batch, length);
        var mask = Ops.fill(Tensor.empty(stage.backend(), shape, DType.F32), 1);
        var types = Tensor.zeros(stage.backend(), shape, DType.I32);
        return new TextBatch(stage.ids(config.vocabulary(), batch, length), types, mask);
    }

    private static final class Step implements Workload {
        private static final double RATE = 1e-5;

        private final Weights weights;
        private final long seed;
        private final Function<Pass, Tensor> loss;
        private final Optimizer optimizer;
        private long step;

        Step(Weights weights, long seed, Function<Pass, Tensor> loss) {
            this.weights = weights;
            this.seed = seed;
            this.loss = loss;
            optimizer = Optimizer.adam(weights.parameters());
        }

        @Override
        public void run() {
            var pass = Pass.training(Tensor.of(weights.backend(), Shape.of(2), seed, step++));
            var tape = new GradTape();
            tape.watch(weights.parameters());
            tape.backward(tape.record(() -> loss.apply(pass)));
            optimizer.step(RATE, 1);
            optimizer.zeroGrad();
        }

        @Override
        public void close() {
            optimizer.close();
            weights.close();
        }
    }
}
