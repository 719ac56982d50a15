package org.jclap.tensor.op;

import java.util.List;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Log-mel spectrograms in decibels, as the CNN14 of PANNs (arXiv 1912.10211) computes them: waves {@code (B, N)}, a window
 * {@code (W)} and a sparse mel bank to {@code (B, 1, T, F)} with {@code T = N / hop + 1}.
 *
 * <p>Frame t is centred on sample {@code t hop} of its wave, which is mirrored at both ends without repeating the outermost
 * sample. It is multiplied by the window and transformed; the squared magnitudes P of its {@code W / 2 + 1} bins are
 * weighted, {@code E = Σ weights[f, i] P[first[f] + i]} for i below {@code count[f]}, and the result is
 * {@code 10 log10(max(E, 1e-10))}.
 *
 * <p>The bank is weights {@code (F, L)} and bands I32 {@code (F, 2)} with the first bin and the number of bins of each
 * band; weights behind that number are not read. A band beyond the spectrum is an error. W is a power of two.
 *
 * @param hop samples from one frame to the next, from 1 to W
 */
public record LogMel(int hop) implements Op {
    /** The floor of the energy, -100 dB. */
    public static final double FLOOR = 1e-10;

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        ShapeException.count(4, this, inputs);
        ShapeException.floating(0, 3, this, inputs);
        Shape waves = inputs.get(0).shape();
        Shape window = inputs.get(1).shape();
        Shape weights = inputs.get(2).shape();
        TensorType bands = inputs.get(3);
        boolean transforms = waves.rank() == 2
                && window.rank() == 1
                && window.size() >= 2
                && Integer.bitCount(window.size()) == 1
                && waves.dim(1) > window.size() / 2
                && hop >= 1
                && hop <= window.size();
        ShapeException.unless(
                transforms, this, inputs, "waves (B, N), a window (W) of a power of two, N > W / 2, hop from 1 to W");
        boolean weighs = weights.rank() == 2
                && bands.dtype() == DType.I32
                && bands.shape().equals(Shape.of(weights.dim(0), 2));
        ShapeException.unless(weighs, this, inputs, "weights (F, L) and bands I32 (F, 2)");
        return List.of(inputs.getFirst().with(Shape.of(waves.dim(0), 1, waves.dim(1) / hop + 1, weights.dim(0))));
    }
}
