package org.jclap.bench;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jclap.models.bert.Bert;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.cnn14.Cnn14;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Tensor;

/** The models without gradients, with running statistics. */
final class InferenceCases {
    private InferenceCases() {}

    static List<BenchCase> all() {
        return List.of(
                cnn14("infer/cnn14 base 4 x 5 s", Cnn14Config.base(), 4, TrainCases.FRAMES),
                bert("infer/bert base 4 x 100 tokens", 4, 100, _ -> {}),
                bert("infer/bert base 4 x 100 tokens, constant weights", 4, 100, Weights::makeConstant),
                bert("infer/bert base 1 x 20 tokens", 1, 20, _ -> {}),
                bert("infer/bert base 1 x 20 tokens, constant weights", 1, 20, Weights::makeConstant));
    }

    private static BenchCase cnn14(String name, Cnn14Config config, int batch, int frames) {
        var work = ModelWork.inference(ModelWork.cnn14(config, batch, frames), ModelWork.parameters(config));
        return new BenchCase(name, work, stage -> {
            var weights = new Weights(stage.backend(), stage.seed());
            var model = new Cnn14(weights, config);
            var logMel = stage.uniform(batch, 1, frames, config.mels());
            return new Inference(
                    weights, () -> model.forward(logMel, Pass.evaluation()).embedding());
        });
    }

    private static BenchCase bert(String name, int batch, int length, Consumer<Weights> preparation) {
        var config = BertConfig.base();
        var work = ModelWork.inference(ModelWork.bert(config, batch, length), ModelWork.parameters(config));
        return new BenchCase(name, work, stage -> {
            var weights = new Weights(stage.backend(), stage.seed());
            var model = new Bert(weights, config);
            preparation.accept(weights);
            var text = TrainCases.text(stage, config, batch, length);
            return new Inference(
                    weights, () -> model.forward(text.ids(), text.types(), text.mask(), Pass.evaluation()));
        });
    }

    private record Inference(Weights weights, Supplier<Tensor> forward) implements Workload {
        @Override
        public List<Tensor> run() {
            return List.of(forward.get());
        }

        @Override
        public void close() {
            weights.close();
        }
    }
}
