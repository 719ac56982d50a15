package org.jclap.models.bert;

import java.util.ArrayList;
import java.util.List;
import org.jclap.models.nn.Embedding;
import org.jclap.models.nn.Init;
import org.jclap.models.nn.Linear;
import org.jclap.models.nn.Norm;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;

/**
 * BERT (Devlin et al., arXiv 1810.04805) as in bert-base-uncased: token ids {@code (B, L)} to the last hidden states {@code
 * (B, L, H)}. Normalisation comes after each residual, GELU is exact, padding is masked.
 */
public final class Bert {
    static final double NORM_EPS = 1e-12;
    static final Init.Normal START = new Init.Normal(0.02);
    private static final int TOKEN_TYPES = 2;
    private static final int PADDING_ID = 0;

    private final BertConfig config;
    private final Embedding words;
    private final Embedding positions;
    private final Embedding types;
    private final Norm norm;
    private final int stream;
    private final List<EncoderLayer> layers = new ArrayList<>();

    /** Creates the weights under the published names. */
    public Bert(Weights weights, BertConfig config) {
        this.config = config;
        Weights embeddings = weights.at("embeddings");
        words = new Embedding(embeddings.at("word_embeddings"), config.vocabulary(), config.hidden(), PADDING_ID);
        positions = new Embedding(embeddings.at("position_embeddings"), config.positions(), config.hidden(), -1);
        types = new Embedding(embeddings.at("token_type_embeddings"), TOKEN_TYPES, config.hidden(), -1);
        norm = new Norm(embeddings.at("LayerNorm"), config.hidden(), NORM_EPS);
        stream = weights.nextStream();
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new EncoderLayer(weights.at("encoder.layer." + i), config));
        }
        if (config.pooler()) {
            new Linear(weights.at("pooler.dense"), config.hidden(), config.hidden(), START);
        }
    }

    /** The sizes. */
    public BertConfig config() {
        return config;
    }

    /**
     * The last hidden states {@code (B, L, H)}; the first of each row, [CLS], stands for the text.
     *
     * @param ids token ids, I32 {@code (B, L)}
     * @param tokenTypes segment of each token, I32 {@code (B, L)}
     * @param mask 1 for a token, 0 for padding, F32 {@code (B, L)}
     */
    public Tensor forward(Tensor ids, Tensor tokenTypes, Tensor mask, Pass pass) {
        int length = ids.shape().last();
        if (length > config.positions()) {
            throw new UserException("a text of %d tokens is longer than the %d positions of this model"
                    .formatted(length, config.positions()));
        }
        Tensor sum = Ops.add(Ops.add(words.forward(ids), types.forward(tokenTypes)), positions.first(length));
        Tensor hidden = pass.dropout(norm.forward(sum), config.dropout(), stream);
        for (EncoderLayer layer : layers) {
            Tensor x = hidden;
            hidden = pass.block(() -> layer.forward(x, mask, pass));
        }
        return hidden;
    }
}
