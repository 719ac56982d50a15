package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Winograd.spread;
import static org.jclap.kernels.vector.WinogradTransforms.TILE;

import java.util.Arrays;

/**
 * The weight gradient of a 3x3 convolution in Winograd's F(4x4, 3x3): {@code dU[xi] = V[xi]^T Z[xi]} summed over the
 * tiles, with V the transformed input and Z the transformed gradient of the output, then {@code dg = G^T dU G}.
 *
 * <p>V and Z are made for some tiles at a time, so that they fit in L3. While dU fits beside them, it is summed over all
 * tiles, one xi per task, and transformed at the end. A larger dU is never held: each task owns some channels, whose dU
 * stays in its L2 and is folded into the nine taps at once. Parts are summed in the order of the tiles.
 */
final class WinogradFilterGradient {
    /** Floats of V and Z that all tasks share in L3. */
    private static final int SHARED_FLOATS = 3 << 20;
    /** Above this size, dU does not stay in L3. */
    private static final int HELD_FILTERS = 3 << 20;
    /** Tiles of a product: some channels of V and of Z stay in L1. */
    private static final int TILES = 192;
    /** Input and output channels of a task, in whole vectors. */
    private static final int CHANNELS = 64;

    private final Workers workers;

    WinogradFilterGradient(Workers workers) {
        this.workers = workers;
    }

    /** dw {@code (out, in, 3, 3)} from x {@code (B, H, W, in)} and dy {@code (B, H, W, out)}. */
    void compute(ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
        var tiles = new WinogradTiles(s.batch(), s.height(), s.width());
        if (tiles.count() == 0) {
            Arrays.fill(dw, dwo, dwo + s.outChannels() * s.inChannels() * 9, 0f);
            return;
        }
        var taps = new Taps(s.inChannels(), s.outChannels(), dw, dwo);
        int in = Lanes.padded(s.inChannels());
        int out = Math.ceilDiv(s.outChannels(), WinogradKernel.COLUMNS) * WinogradKernel.COLUMNS;
        int block = Gemm.balanced(tiles.count(), Math.clamp(SHARED_FLOATS / (TILE * (in + out)), 16, TILES), 1);
        int nextV = spread(block * in);
        int nextZ = spread(block * out);
        int nextU = spread(in * out);
        boolean held = (long) TILE * in * out <= HELD_FILTERS;
        var v = Scratch.take(TILE * nextV);
        var z = Scratch.take(TILE * nextZ);
        var u = Scratch.take(held ? TILE * nextU : 0);
        for (var from = 0; from < tiles.count(); from += block) {
            int first = from;
            int size = Math.min(block, tiles.count() - from);
            workers.parallelFor(size, t -> {
                tiles.input(first + t, x, xo, s.inChannels(), v, t * COUNT, size * COUNT, nextV);
                tiles.outputGradient(first + t, dy, dyo, s.outChannels(), z, t * COUNT, size * COUNT, nextZ);
            });
            var factors = new Factors(size, in, out, v, nextV, z, nextZ);
            if (held) {
                factors.sumByElements(workers, u, nextU, from > 0);
            } else {
                factors.foldByChannels(workers, taps, from > 0);
            }
        }
        if (held) {
            workers.parallelFor(
                    Math.ceilDiv(in, Taps.INPUTS),
                    task -> taps.fold(
                            u, task * Taps.INPUTS * out, out, nextU, task * Taps.INPUTS, Taps.INPUTS, 0, out, false));
        }
        Scratch.give(u);
        Scratch.give(z);
        Scratch.give(v);
    }

    /**
     * V of {@code size} tiles as (xi, in / COUNT, tile, COUNT), and Z likewise. What is left over in the padding of Z only
     * reaches columns of dU that nobody reads.
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Factors(int size, int in, int out, float[] v, int nextV, float[] z, int nextZ) {
        /** Writes or adds the product of some channels for one xi. */
        private void multiply(int xi, int i, int inputs, int o, int outputs, float[] u, int uo, int ldu, boolean add) {
            WinogradKernel.transposed(
                    inputs,
                    outputs,
                    size,
                    v,
                    xi * nextV + i * size,
                    size * COUNT,
                    z,
                    xi * nextZ + o * size,
                    size * COUNT,
                    u,
                    uo,
                    ldu,
                    add);
        }

        void sumByElements(Workers workers, float[] u, int nextU, boolean add) {
            int panels = Math.ceilDiv(out, CHANNELS);
            workers.parallelFor(TILE * panels, task -> {
                int xi = task / panels;
                int o = task % panels * CHANNELS;
                multiply(xi, 0, in, o, Math.min(CHANNELS, out - o), u, xi * nextU + o, out, add);
            });
        }

        void foldByChannels(Workers workers, Taps taps, boolean add) {
            int groups = Math.ceilDiv(in, CHANNELS);
            workers.parallelFor(groups * Math.ceilDiv(out, CHANNELS), task -> {
                int i = task % groups * CHANNELS;
                int o = task / groups * CHANNELS;
                int inputs = Math.min(CHANNELS, in - i);
                int outputs = Math.min(CHANNELS, out - o);
                int nextU = spread(CHANNELS * CHANNELS);
                var u = Scratch.take(TILE * nextU);
                for (var xi = 0; xi < TILE; xi++) {
                    multiply(xi, i, inputs, o, outputs, u, xi * nextU, CHANNELS, false);
                }
                taps.fold(u, 0, CHANNELS, nextU, i, inputs, o, outputs, add);
                Scratch.give(u);
            });
        }
    }

    /** The gradient {@code (out, in, 3, 3)} of the filters. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Taps(int in, int out, float[] dw, int offset) {
        /** Inputs whose taps are made together: those of one output are next to each other. */
        static final int INPUTS = 8;
        /** Outputs whose taps are made together, in whole vectors. */
        static final int OUTPUTS = 64;

        /**
         * Writes or adds {@code G^T dU G} to the taps from {@code inputs} inputs to {@code outputs} outputs, as far as these
         * exist; element xi of the first pair is at {@code uo + xi * xiStride}, and inputs are {@code ldu} apart.
         */
        void fold(float[] u, int uo, int ldu, int xiStride, int i0, int inputs, int o0, int outputs, boolean add) {
            var buffer = Scratch.take(18 * OUTPUTS);
            var taps = Scratch.take(9 * INPUTS * OUTPUTS);
            int lastIn = Math.min(i0 + inputs, in);
            int lastOut = Math.min(o0 + outputs, out);
            for (var o = o0; o < lastOut; o += OUTPUTS) {
                int lanes = Math.min(OUTPUTS, lastOut - o);
                for (var i = i0; i < lastIn; i += INPUTS) {
                    int lines = Math.min(INPUTS, lastIn - i);
                    for (var q = 0; q < lines; q++) {
                        int from = uo + (i - i0 + q) * ldu + o - o0;
                        WinogradTransforms.filterGradient(
                                Lanes.padded(lanes), u, from, xiStride, buffer, taps, q * 9 * OUTPUTS, OUTPUTS);
                    }
                    scatter(taps, i, lines, o, lanes, add);
                }
            }
            Scratch.give(taps);
            Scratch.give(buffer);
        }

        private void scatter(float[] taps, int i, int inputs, int o, int outputs, boolean add) {
            for (var lane = 0; lane < outputs; lane++) {
                int to = offset + ((o + lane) * in + i) * 9;
                for (var t = 0; t < 9 * inputs; t++) {
                    float tap = taps[t * OUTPUTS + lane];
                    dw[to + t] = add ? dw[to + t] + tap : tap;
                }
            }
        }
    }
}
