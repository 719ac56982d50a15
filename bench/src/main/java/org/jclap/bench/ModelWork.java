package org.jclap.bench;

import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14Config;

/** The products and convolutions of a model's forward pass, and its parameters, counted from its sizes. */
final class ModelWork {
    /** The backward pass computes two products of the same size for each of the forward pass. */
    private static final int PASSES = 3;

    private static final int UPDATE_PASSES = 7;

    private ModelWork() {}

    /** A training step with Adam: parameters and two moments are read and written, gradients written. */
    static Work training(double forward, double parameters) {
        return Work.flops(PASSES * forward).plus(Work.floats(UPDATE_PASSES * parameters));
    }

    /** Without gradients: each parameter is read once. */
    static Work inference(double forward, double parameters) {
        return Work.flops(forward).plus(Work.floats(parameters));
    }

    /** The weights of convolutions and layers. */
    static double parameters(Cnn14Config config) {
        double in = 1;
        double count = 0;
        for (double out : config.channels()) {
            count += 9 * out * (in + out);
            in = out;
        }
        return count + config.embedding() * (in + config.classes());
    }

    /** The weights of layers and embeddings. */
    static double parameters(BertConfig config) {
        double hidden = config.hidden();
        double layer = 4 * hidden * hidden + 2 * hidden * config.intermediate();
        return config.layers() * layer + hidden * (config.vocabulary() + config.positions());
    }

    /** Those of both towers and their projections. */
    static double parameters(ClapConfig config) {
        return parameters(config.audio()) + parameters(config.text()) + projections(config);
    }

    private static double projections(ClapConfig config) {
        double width = config.projection();
        return width * (config.audio().embedding() + config.text().hidden() + 2 * width);
    }

    /** Log-mel {@code (B, 1, T, F)} to the embedding {@code (B, E)}. */
    static double cnn14(Cnn14Config config, int batch, int frames) {
        int height = frames;
        int width = config.mels();
        double in = 1;
        double flops = 0;
        for (double out : config.channels()) {
            flops += 2 * 9 * (double) height * width * out * (in + out);
            // The last block is not pooled, but nothing follows it.
            height /= 2;
            width /= 2;
            in = out;
        }
        return batch * (flops + 2 * in * config.embedding());
    }

    /** Ids {@code (B, L)} to hidden states. */
    static double bert(BertConfig config, int batch, int length) {
        double hidden = config.hidden();
        double layers = 4 * hidden * hidden + 2 * hidden * config.intermediate();
        double attention = 2 * hidden * length;
        return 2.0 * batch * length * config.layers() * (layers + attention);
    }

    /** Both towers with their projections. */
    static double clap(ClapConfig config, int batch, int frames, int length) {
        return cnn14(config.audio(), batch, frames)
                + bert(config.text(), batch, length)
                + 2 * batch * projections(config);
    }
}
