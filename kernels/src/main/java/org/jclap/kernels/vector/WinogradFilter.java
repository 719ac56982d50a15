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

    /** Inputs whose filters are transformed together: their buffers stay in the L1 cache. */
    private static final int INPUTS = 8;

    /** Output channels in whole panels. */
    int paddedOut() {
        return Math.ceilDiv(out, WinogradKernel.COLUMNS) * WinogradKernel.COLUMNS;
    }

    /**
     * Transforms the filters from inputs {@code i0..i1-1} to the {@code COUNT} outputs that begin at {@code o}: {@code U =
     * G g G^T}, element (xi, i) to {@code u[at + xi * xiStride + (i - i0) * COUNT]}; zero beyond the last output.
     */
    void transform(int o, int i0, int i1, float[] u, int at, int xiStride) {
        var taps = Scratch.take(9 * INPUTS * COUNT);
        var buffer = Scratch.take(18 * INPUTS * COUNT);
        for (var i = i0; i < i1; i += INPUTS) {
            int inputs = Math.min(INPUTS, i1 - i);
            gather(o, i, inputs, taps);
            WinogradTransforms.filter(inputs * COUNT, taps, buffer, u, at + (i - i0) * COUNT, xiStride);
        }
        Scratch.give(buffer);
        Scratch.give(taps);
    }

    /** The taps (tap, input, output) of {@code COUNT} outputs from o; in the order in which they lie in memory. */
    private void gather(int o, int i, int inputs, float[] taps) {
        int outputs = Math.clamp(out - o, 0, COUNT);
        if (outputs < COUNT) {
            Arrays.fill(taps, 0, 9 * inputs * COUNT, 0f);
        }
        int first = offset + i * inStride + o * outStride;
        if (inStride < outStride) {
            for (var lane = 0; lane < outputs; lane++) {
                for (var q = 0; q < inputs; q++) {
                    nine(first + q * inStride + lane * outStride, taps, q * COUNT + lane, inputs * COUNT);
                }
            }
        } else {
            for (var q = 0; q < inputs; q++) {
                for (var lane = 0; lane < outputs; lane++) {
                    nine(first + q * inStride + lane * outStride, taps, q * COUNT + lane, inputs * COUNT);
                }
            }
        }
    }

    private void nine(int from, float[] taps, int to, int stride) {
        for (var t = 0; t < 9; t++) {
            taps[to + (flipped ? 8 - t : t) * stride] = weights[from + t];
        }
    }
}
