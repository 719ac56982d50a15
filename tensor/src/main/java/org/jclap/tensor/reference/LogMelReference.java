package org.jclap.tensor.reference;

import java.util.List;
import java.util.Objects;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LogMel;

/** Log-mel spectrograms by the Fourier transform's definition. */
final class LogMelReference {
    private final int hop;
    private final double[] waves;
    private final double[] window;
    private final double[] weights;
    private final Elements bands;
    private final int samples;
    private final int width;

    /** exp(-2 pi i j / W) for j in [0, W). */
    private final double[] cos;

    private final double[] sin;

    private LogMelReference(LogMel op, List<Tensor> in) {
        hop = op.hop();
        waves = Elements.copy(in.get(0));
        window = Elements.copy(in.get(1));
        weights = Elements.copy(in.get(2));
        bands = Elements.of(in.get(3));
        samples = in.get(0).shape().dim(1);
        width = in.get(2).shape().dim(1);
        cos = new double[window.length];
        sin = new double[window.length];
        for (int j = 0; j < window.length; j++) {
            cos[j] = Math.cos(2 * Math.PI * j / window.length);
            sin[j] = -Math.sin(2 * Math.PI * j / window.length);
        }
    }

    static void forward(LogMel op, List<Tensor> in, Tensor out) {
        var transform = new LogMelReference(op, in);
        Elements y = Elements.of(out);
        int frames = out.shape().dim(2);
        int mels = out.shape().dim(3);
        for (int i = 0; i < out.shape().dim(0) * frames; i++) {
            double[] power = transform.power(i / frames, i % frames);
            for (int f = 0; f < mels; f++) {
                y.set(i * mels + f, 10 * Math.log10(Math.max(transform.energy(f, power), LogMel.FLOOR)));
            }
        }
    }

    /** The squared magnitudes of the bins of one frame. */
    private double[] power(int clip, int frame) {
        int size = window.length;
        double[] x = new double[size];
        for (int j = 0; j < size; j++) {
            x[j] = window[j] * waves[clip * samples + mirrored(frame * hop + j - size / 2)];
        }
        double[] power = new double[size / 2 + 1];
        for (int k = 0; k < power.length; k++) {
            double re = 0;
            double im = 0;
            // The angle's index is k j modulo the size, which is a power of two.
            for (int j = 0, angle = 0; j < size; j++, angle = (angle + k) & (size - 1)) {
                re += x[j] * cos[angle];
                im += x[j] * sin[angle];
            }
            power[k] = re * re + im * im;
        }
        return power;
    }

    private int mirrored(int i) {
        int inside = Math.abs(i);
        return inside < samples ? inside : 2 * (samples - 1) - inside;
    }

    private double energy(int band, double[] power) {
        int first = (int) bands.get(2 * band);
        int count = (int) bands.get(2 * band + 1);
        Objects.checkFromIndexSize(first, count, power.length);
        Objects.checkFromIndexSize(0, count, width);
        double energy = 0;
        for (int i = 0; i < count; i++) {
            energy += weights[band * width + i] * power[first + i];
        }
        return energy;
    }
}
