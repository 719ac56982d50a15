package org.jclap.models.cnn14;

import java.util.ArrayList;
import java.util.List;
import org.jclap.models.nn.ChannelNorm;
import org.jclap.models.nn.Init;
import org.jclap.models.nn.Linear;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * CNN14 of PANNs (Kong et al., arXiv 1912.10211): log-mel {@code (B, 1, T, F)} to an embedding {@code (B, E)} and tagging
 * logits {@code (B, classes)}.
 *
 * <p>Inside, images are channels-last {@code (B, T, F, C)}. With one channel that is the same memory as {@code (B, 1, T,
 * F)}, so nothing is transposed anywhere; and {@code bn0}, which normalises mel bands, sees them as channels of {@code (B,
 * T, F)}.
 */
public final class Cnn14 {
    private static final int HALVINGS = 5;

    private final Cnn14Config config;
    private final Tensor melBank;
    private final ChannelNorm bn0;
    private final List<ConvBlock> blocks = new ArrayList<>();
    private final Linear fc1;
    private final Linear tagging;
    private final int firstStream;

    /** What CNN14 gives: the embedding after its dropout, and the logits of the tagging head. */
    public record Output(Tensor embedding, Tensor logits) {}

    /** Creates the weights under the published names. The mel bank starts at zero: see {@link #melBank}. */
    public Cnn14(Weights weights, Cnn14Config config) {
        this.config = config;
        FrontEndMatrices.create(weights.at("spectrogram_extractor.stft"), config.window());
        melBank =
                weights.buffer("logmel_extractor.melW", Shape.of(config.window() / 2 + 1, config.mels()), DType.F32, 0);
        bn0 = new ChannelNorm(weights.at("bn0"), config.mels(), false);
        int in = 1;
        for (int i = 0; i < config.channels().size(); i++) {
            int out = config.channels().get(i);
            blocks.add(new ConvBlock(weights.at("conv_block" + (i + 1)), in, out));
            in = out;
        }
        fc1 = linear(weights.at("fc1"), in, config.embedding());
        tagging = linear(weights.at("fc_audioset"), config.embedding(), config.classes());
        firstStream = weights.nextStream();
        for (int i = 0; i <= blocks.size(); i++) {
            weights.nextStream();
        }
    }

    private static Linear linear(Weights weights, int in, int out) {
        return new Linear(weights, in, out, Init.xavier(Shape.of(out, in)));
    }

    /** The sizes. */
    public Cnn14Config config() {
        return config;
    }

    /**
     * The mel filterbank {@code (window / 2 + 1, mels)} that the weights were trained with. It is part of a checkpoint, and
     * whoever computes the input must use it.
     */
    public Tensor melBank() {
        return melBank;
    }

    /** log-mel {@code (B, 1, T, F)} to embedding {@code (B, E)} and logits {@code (B', classes)}. */
    public Output forward(Tensor logMel, Pass pass) {
        return forward(logMel, pass, null);
    }

    /** As {@link #forward(Tensor, Pass)}, with an augmentation of the normalised spectrogram; mixup halves the batch. */
    public Output forward(Tensor logMel, Pass pass, @Nullable Augmentation augmentation) {
        Tensor x = bn0.forward(Ops.reshape(logMel, images(logMel.shape())), pass);
        if (augmentation != null) {
            x = augmentation.apply(x);
        }
        x = Ops.reshape(x, x.shape().append(1));
        for (int i = 0; i < blocks.size(); i++) {
            x = block(i, x, pass);
        }
        Tensor overMels = Ops.mean(x, 2, false);
        Tensor pooled = Ops.add(Ops.max(overMels, 1, false), Ops.mean(overMels, 1, false));
        int head = firstStream + blocks.size();
        Tensor hidden = Ops.relu(fc1.forward(pass.dropout(pooled, config.headDropout(), head)));
        return new Output(pass.dropout(hidden, config.headDropout(), head + 1), tagging.forward(hidden));
    }

    private Tensor block(int i, Tensor x, Pass pass) {
        return pass.block(() -> pass.dropout(
                blocks.get(i).forward(x, i < HALVINGS ? 2 : 1, pass), config.blockDropout(), firstStream + i));
    }

    /** Checks {@code (B, 1, T, F)} and returns {@code (B, T, F)}. */
    private Shape images(Shape logMel) {
        boolean fits = logMel.rank() == 4 && logMel.dim(1) == 1 && logMel.dim(3) == config.mels();
        if (!fits) {
            throw new IllegalArgumentException(
                    "CNN14 takes log-mel (B, 1, T, %d), got %s".formatted(config.mels(), logMel));
        }
        int least = 1 << HALVINGS;
        if (logMel.dim(2) < least || config.mels() < least) {
            throw new UserException(
                    "CNN14 halves time and mel bands five times: it needs at least %d frames and bands, got %d and %d; use longer clips"
                            .formatted(least, logMel.dim(2), config.mels()));
        }
        return logMel.without(1, 2);
    }
}
