package org.jclap.models.clap;

import org.jclap.autograd.Parameter;
import org.jclap.models.bert.Bert;
import org.jclap.models.cnn14.Cnn14;
import org.jclap.models.nn.Init;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/**
 * CLAP (Elizalde et al., arXiv 2206.04769): CNN14 and BERT, each followed by a projection into a common space {@code (B,
 * D)}, and a learned logit scale. Names of weights equal the published checkpoint's.
 */
public final class Clap implements AutoCloseable {
    /** ln(1 / 0.07), the start of the logit scale (arXiv 2103.00020). */
    private static final float LOGIT_SCALE_START = (float) Math.log(1 / 0.07);

    private final ClapConfig config;
    private final Weights weights;
    private final Parameter logitScale;
    private final Cnn14 audioBase;
    private final Projection audioProjection;
    private final Bert textBase;
    private final Projection textProjection;

    /** Creates every weight, chosen by {@code seed}. */
    public Clap(Backend backend, ClapConfig config, long seed) {
        this(new Weights(backend, seed), config);
    }

    /** Creates every weight in an empty collection, which the model takes over. */
    public Clap(Weights weights, ClapConfig config) {
        this.config = config;
        this.weights = weights;
        logitScale = weights.parameter("logit_scale", Shape.of(), new Init.Constant(LOGIT_SCALE_START));
        audioBase = new Cnn14(weights.at("audio_encoder.base"), config.audio());
        audioProjection = new Projection(
                weights.at("audio_encoder.projection"),
                config.audio().embedding(),
                config.projection(),
                config.projectionDropout());
        textBase = new Bert(weights.at("caption_encoder.base"), config.text());
        textProjection = new Projection(
                weights.at("caption_encoder.projection"),
                config.text().hidden(),
                config.projection(),
                config.projectionDropout());
    }

    /** The sizes. */
    public ClapConfig config() {
        return config;
    }

    /** Every weight by name. */
    public Weights weights() {
        return weights;
    }

    /** The logarithm of the factor on cosine similarities, a scalar. */
    public Tensor logitScale() {
        return logitScale.value();
    }

    /** The audio encoder. */
    public Cnn14 audioBase() {
        return audioBase;
    }

    /** The text encoder. */
    public Bert textBase() {
        return textBase;
    }

    /** CNN14 embeddings {@code (B, E)} to L2-normalised audio embeddings {@code (B, D)}. */
    public Tensor projectAudio(Tensor embedding, Pass pass) {
        return Ops.normalize(audioProjection.forward(embedding, pass));
    }

    /** The [CLS] state {@code (B, H)} of BERT. */
    public Tensor cls(TextBatch text, Pass pass) {
        return Ops.select(textBase.forward(text.ids(), text.types(), text.mask(), pass), 1, 0);
    }

    /** [CLS] states {@code (B, H)} to L2-normalised text embeddings {@code (B, D)}. */
    public Tensor projectText(Tensor cls, Pass pass) {
        return Ops.normalize(textProjection.forward(cls, pass));
    }

    /** Log-mel {@code (B, 1, T, F)} to L2-normalised audio embeddings {@code (B, D)}. */
    public Tensor embedAudio(Tensor logMel, Pass pass) {
        return projectAudio(audioBase.forward(logMel, pass).embedding(), pass);
    }

    /** Token ids to L2-normalised text embeddings {@code (B, D)}. */
    public Tensor embedText(TextBatch text, Pass pass) {
        return projectText(cls(text, pass), pass);
    }

    @Override
    public void close() {
        weights.close();
    }
}
