package org.jclap.models.bert;

import java.util.ArrayList;
import java.util.List;
import org.jclap.models.nn.Linear;
import org.jclap.models.nn.Norm;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;

/** One layer of a transformer encoder: self-attention and a two-layer network, each with a residual and a normalisation. */
final class EncoderLayer {
    private final BertConfig config;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear attentionOutput;
    private final Norm attentionNorm;
    private final Linear intermediate;
    private final Linear output;
    private final Norm outputNorm;
    private final int attentionStream;
    private final int attentionOutputStream;
    private final int outputStream;

    EncoderLayer(Weights weights, BertConfig config) {
        this.config = config;
        int hidden = config.hidden();
        query = linear(weights, "attention.self.query", hidden, hidden);
        key = linear(weights, "attention.self.key", hidden, hidden);
        value = linear(weights, "attention.self.value", hidden, hidden);
        attentionOutput = linear(weights, "attention.output.dense", hidden, hidden);
        attentionNorm = new Norm(weights.at("attention.output.LayerNorm"), hidden, Bert.NORM_EPS);
        intermediate = linear(weights, "intermediate.dense", hidden, config.intermediate());
        output = linear(weights, "output.dense", config.intermediate(), hidden);
        outputNorm = new Norm(weights.at("output.LayerNorm"), hidden, Bert.NORM_EPS);
        attentionStream = weights.nextStream();
        attentionOutputStream = weights.nextStream();
        outputStream = weights.nextStream();
    }

    private static Linear linear(Weights weights, String name, int in, int out) {
        return new Linear(weights.at(name), in, out, Bert.START);
    }

    /** {@code (B, L, H)} to {@code (B, L, H)}. */
    Tensor forward(Tensor x, Tensor mask, Pass pass) {
        Tensor context = attend(query.forward(x), key.forward(x), value.forward(x), mask, pass);
        Tensor attended = attentionNorm.residual(
                x, attentionOutput.forward(context), pass, config.dropout(), attentionOutputStream);
        Tensor fed = output.forward(intermediate.forwardGelu(attended));
        return outputNorm.residual(attended, fed, pass, config.dropout(), outputStream);
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, Tensor mask, Pass pass) {
        float rate = pass.rate(config.dropout());
        List<Tensor> inputs = new ArrayList<>(List.of(q, k, v, mask));
        if (rate > 0) {
            inputs.add(pass.randomState());
        }
        return Tensor.applyAll(new Attention.Forward(config.heads(), rate, attentionStream), inputs)
                .getFirst();
    }
}
