package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;

import java.util.Arrays;

/**
 * The weights of a 3x3 convolution as the Winograd transform reads them: tap t from input i to output o is {@code
 * weights[offset + o * outStride + i * inStride + (flipped ? 8 - t : t)]}.
 *
 * @param in channels that are summed over
 * @param out channels that are produced
 * @param flipped whether the filter is turned by half a circle, which makes the gradient of x a convolution of that of
 * y
 */
@SuppressWarnings("ArrayRecordComponent")
record WinogradFilter(float[] weights, int offset, int in, int out, int inStride, int outStride, boolean flipped) {
    static WinogradFilter forward(ConvShape s, float[] weights, int offset) {
        return new WinogradFilter(weights, offset, s.inChannels(), s.outChannels(), 9, 9 * s.inChannels(), false);
    }

    static WinogradFilter backward(ConvShape s, float[] weights, int offset) {
        return new WinogradFilter(weights, offset, s.outChannels(), s.inChannels(), 9 * s.inChannels(), 9, true);
    }

    /** Output channels in whole panels. */
    int paddedOut() {
        return Math.ceilDiv(out, MicroKernel.COLUMNS) * MicroKernel.COLUMNS;
    }

    /**
     * Transforms the filters from inputs {@code i0..i1-1} to the panel of outputs that begins at {@code o}: {@code U =
     * G g G^T}, element (xi, i) of the panel to {@code u[at + xi * xiStride + (i - i0) * COLUMNS]}; zero beyond the
     * last output.
     */
    void transform(int o, int i0, int i1, float[] u, int at, int xiStride) {
        var taps = Scratch.take(9 * COUNT);
        var half = Scratch.take(18 * COUNT);
        for (var i = i0; i < i1; i++) {
            for (var lane = 0; lane < MicroKernel.COLUMNS; lane += COUNT) {
                gather(o + lane, i, taps);
                WinogradTransforms.filter(taps, half, u, at + (i - i0) * MicroKernel.COLUMNS + lane, xiStride);
            }
        }
        Scratch.give(half);
        Scratch.give(taps);
    }

    /** The nine taps of {@code COUNT} outputs from o, tap-major. */
    private void gather(int o, int i, float[] taps) {
        int valid = Math.clamp(out - o, 0, COUNT);
        if (valid < COUNT) {
            Arrays.fill(taps, 0, 9 * COUNT, 0f);
        }
        int step = flipped ? -1 : 1;
        int first = offset + i * inStride + o * outStride + (flipped ? 8 : 0);
        for (var lane = 0; lane < valid; lane++) {
            int from = first + lane * outStride;
            for (var t = 0; t < 9; t++) {
                taps[t * COUNT + lane] = weights[from + t * step];
            }
        }
    }
}
