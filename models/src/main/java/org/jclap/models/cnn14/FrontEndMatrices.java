package org.jclap.models.cnn14;

import org.jclap.models.nn.Weights;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * The frozen matrices of the published front end, which computes the short-time Fourier transform as a convolution: rows
 * of the discrete Fourier transform times the periodic Hann window, {@code (window / 2 + 1, 1, window)}. jclap computes the
 * same with a fast transform; the matrices are kept so that checkpoints have every published name.
 */
final class FrontEndMatrices {
    private FrontEndMatrices() {}

    static void create(Weights weights, int window) {
        upload(weights.at("conv_real"), window, true);
        upload(weights.at("conv_imag"), window, false);
    }

    private static void upload(Weights weights, int window, boolean real) {
        Shape shape = Shape.of(window / 2 + 1, 1, window);
        Tensor buffer = weights.buffer("weight", shape, DType.F32, 0);
        float[] values = matrix(window, real);
        HostStorage host = HostStorage.wrap(DType.F32, values, values.length);
        weights.backend().upload(host, 0, buffer.storage(), buffer.offset(), values.length);
    }

    private static float[] matrix(int window, boolean real) {
        float[] values = new float[(window / 2 + 1) * window];
        for (int k = 0; k <= window / 2; k++) {
            for (int n = 0; n < window; n++) {
                // The product is reduced first: the angle stays exact for large k and n.
                double angle = 2 * Math.PI * ((long) k * n % window) / window;
                double hann = 0.5 - 0.5 * Math.cos(2 * Math.PI * n / window);
                values[k * window + n] = (float) (hann * (real ? Math.cos(angle) : -Math.sin(angle)));
            }
        }
        return values;
    }
}
