package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;

import java.util.Arrays;

/**
 * The weights of a 3x3 convolution as the Winograd transform reads them: tap t from input i to output o is {@code
 * weights[offset + o * outStride + i * inStride + (flipped ? 8 - t : t)]}; one of the strides is 9.
 *
 * @param in channels that are summed over
 * @param out channels that are produced
 * @param flipped whether the filter is turned by half a circle, which makes the gradient of x a convolution of that of
 * y
 */
@SuppressWarnings("ArrayRecordComponent")
record WinogradFilter(float[] weights, int offset, int in, int out, int inStride, int outStride, boolean flipped) {
    /** Inputs whose filters are gathered together: one output's are a run of memory that is worth a prefetch. */
    private static final int GATHERED = 32;
    /** Inputs whose filters are transformed together. */
    private static final int INPUTS = 8;

    static WinogradFilter forward(ConvShape s, float[] weights, int offset) {
        return new WinogradFilter(weights, offset, s.inChannels(), s.outChannels(), 9, 9 * s.inChannels(), false);
    }

    static WinogradFilter backward(ConvShape s, float[] weights, int offset) {
        return new WinogradFilter(weights, offset, s.outChannels(), s.inChannels(), 9 * s.inChannels(), 9, true);
    }

    /** Output channels in whole panels. */
    int paddedOut() {
        return Math.ceilDiv(out, WinogradKernel.COLUMNS) * WinogradKernel.COLUMNS;
    }

    /**
     * Transforms the filters from inputs {@code i0..i1-1} to the {@code COUNT} outputs that begin at {@code o}: {@code U =
     * G g G^T}, element (xi, i) to {@code u[at + xi * xiStride + (i - i0) * COLUMNS]}, as a column of vectors in a
     * group of {@link WinogradKernel}; zero beyond the last output.
     */
    void transform(int o, int i0, int i1, float[] u, int at, int xiStride) {
        var taps = Scratch.take(9 * GATHERED * COUNT);
        var buffer = Scratch.take(18 * INPUTS * COUNT);
        int first = flipped ? 8 * COUNT : 0;
        int step = flipped ? -COUNT : COUNT;
        for (var i = i0; i < i1; i += GATHERED) {
            int gathered = Math.min(GATHERED, i1 - i);
            gather(o, i, gathered, taps);
            for (var q = 0; q < gathered; q += INPUTS) {
                int inputs = Math.min(INPUTS, gathered - q);
                int next = WinogradKernel.COLUMNS;
                int to = at + (i - i0 + q) * next;
                WinogradTransforms.filter(
                        inputs, taps, 9 * q * COUNT + first, step, 9 * COUNT, buffer, u, to, xiStride, next);
            }
        }
        Scratch.give(buffer);
        Scratch.give(taps);
    }

    /** The taps (input, tap, output) of {@code COUNT} outputs from o, read in the order in which they lie in memory. */
    private void gather(int o, int i, int inputs, float[] taps) {
        int outputs = Math.clamp(out - o, 0, COUNT);
        int first = offset + i * inStride + o * outStride;
        if (inStride == 9) {
            // An output's taps are one run of memory: a row of a matrix to be transposed.
            new Matrix(weights, first, outStride, 1).asLeft().pack(0, outputs, COUNT, 0, 9 * inputs, taps, 0);
            return;
        }
        if (outputs < COUNT) {
            Arrays.fill(taps, 0, 9 * inputs * COUNT, 0f);
        }
        for (var input = 0; input < inputs; input++) {
            spread(first + input * inStride, outputs, taps, 9 * input * COUNT);
        }
    }

    /** One input's taps, nine for each output, to nine vectors of outputs. */
    private void spread(int from, int outputs, float[] taps, int at) {
        for (var lane = 0; lane < outputs; lane++) {
            for (var t = 0; t < 9; t++) {
                taps[at + t * COUNT + lane] = weights[from + lane * 9 + t];
            }
        }
    }
}
