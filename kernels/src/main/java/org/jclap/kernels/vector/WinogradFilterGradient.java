package org.jclap.kernels.vector;

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
    /** Tiles of V and Z at most. */
    private static final int TILES = Lanes.COUNT < 16 ? 96 : 192;
    /** Tiles of a product: some channels stay in L1, fewer tiles where these lie a block apart and share its sets. */
    private static final int DEPTH = Lanes.COUNT < 16 ? 48 : 192;

    /** Tiles of one task of the transforms: neighbours share cache lines. */
    private static final int NEIGHBOURS = 8;

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
        var whole = WinogradKernel.ofTransposed(block);
        int nextV = spread(whole.size(in));
        int nextZ = spread(whole.size(out));
        int nextU = spread(in * out);
        boolean held = (long) TILE * in * out <= HELD_FILTERS;
        var v = Scratch.take(TILE * nextV);
        var z = Scratch.take(TILE * nextZ);
        var u = Scratch.take(held ? TILE * nextU : 0);
        for (var from = 0; from < tiles.count(); from += block) {
            int first = from;
            int size = Math.min(block, tiles.count() - from);
            var blocks = WinogradKernel.ofTransposed(size);
            workers.parallelRanges(size, NEIGHBOURS, (t0, t1) -> {
                for (var t = t0; t < t1; t++) {
                    tiles.input(first + t, x, xo, s.inChannels(), v, t * blocks.width(), blocks, nextV);
                }
                for (var t = t0; t < t1; t++) {
                    tiles.outputGradient(first + t, dy, dyo, s.outChannels(), z, t * blocks.width(), blocks, nextZ);
                }
            });
            var factors = new Factors(blocks, in, out, v, nextV, z, nextZ);
            if (held) {
                factors.sumByElements(workers, u, nextU, from > 0);
            } else {
                factors.foldByChannels(workers, taps, from > 0);
            }
        }
        if (held) {
            workers.parallelFor(Math.ceilDiv(in, Taps.INPUTS), task -> {
                int i = task * Taps.INPUTS;
                taps.fold(u, i * WinogradKernel.COLUMNS, in, nextU, i, Taps.INPUTS, 0, out, false);
            });
        }
        Scratch.give(u);
        Scratch.give(z);
        Scratch.give(v);
    }

    /**
     * V and Z of some tiles, in blocks of channels for each xi. What is left over in the padding of Z only reaches columns
     * of dU that nobody reads.
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Factors(TileBlocks blocks, int in, int out, float[] v, int nextV, float[] z, int nextZ) {
        /** Writes or adds the product of some channels for one xi. */
        private void multiply(int xi, int i, int inputs, int o, int outputs, float[] u, int uo, boolean add) {
            int depth = Gemm.balanced(blocks.tiles(), DEPTH, 1);
            for (var t = 0; t < blocks.tiles(); t += depth) {
                WinogradKernel.transposed(
                        inputs,
                        outputs,
                        Math.min(depth, blocks.tiles() - t),
                        blocks,
                        v,
                        xi * nextV + blocks.at(i) + t * blocks.width(),
                        z,
                        xi * nextZ + blocks.at(o) + t * blocks.width(),
                        u,
                        uo,
                        add || t > 0);
            }
        }

        void sumByElements(Workers workers, float[] u, int nextU, boolean add) {
            int panels = Math.ceilDiv(out, WinogradKernel.CHANNELS);
            workers.parallelFor(TILE * panels, task -> {
                int xi = task / panels;
                int o = task % panels * WinogradKernel.CHANNELS;
                multiply(xi, 0, in, o, Math.min(WinogradKernel.CHANNELS, out - o), u, xi * nextU + o * in, add);
            });
        }

        void foldByChannels(Workers workers, Taps taps, boolean add) {
            int groups = Math.ceilDiv(in, WinogradKernel.CHANNELS);
            workers.parallelFor(groups * Math.ceilDiv(out, WinogradKernel.CHANNELS), task -> {
                int i = task % groups * WinogradKernel.CHANNELS;
                int o = task / groups * WinogradKernel.CHANNELS;
                int inputs = Math.min(WinogradKernel.CHANNELS, in - i);
                int outputs = Math.min(WinogradKernel.CHANNELS, out - o);
                int nextU = spread(inputs * WinogradKernel.CHANNELS);
                var u = Scratch.take(TILE * nextU);
                for (var xi = 0; xi < TILE; xi++) {
                    multiply(xi, i, inputs, o, outputs, u, xi * nextU, false);
                }
                taps.fold(u, 0, inputs, nextU, i, inputs, o, outputs, add);
                Scratch.give(u);
            });
        }
    }

    /** The gradient {@code (out, in, 3, 3)} of the filters. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Taps(int in, int out, float[] dw, int offset) {
        /** Inputs whose taps are made together: those of one output are next to each other. */
        static final int INPUTS = 8;

        /** Floats of the taps that are made together: of so many inputs, and of a panel of outputs. */
        private static final int LINE = INPUTS * WinogradKernel.COLUMNS;

        /**
         * Writes or adds {@code G^T dU G} to the taps from {@code inputs} inputs to {@code outputs} outputs, as far as these
         * exist. Element xi of the first pair is at {@code uo + xi * xiStride}; dU lies in panels of outputs with {@code
         * rows} inputs each.
         */
        void fold(float[] u, int uo, int rows, int xiStride, int i0, int inputs, int o0, int outputs, boolean add) {
            var buffer = Scratch.take(18 * LINE);
            var taps = Scratch.take(9 * LINE);
            int lastIn = Math.min(i0 + inputs, in);
            int lastOut = Math.min(o0 + outputs, out);
            for (var o = o0; o < lastOut; o += WinogradKernel.COLUMNS) {
                for (var i = i0; i < lastIn; i += INPUTS) {
                    int lines = Math.min(INPUTS, lastIn - i);
                    int from = uo + (o - o0) * rows + (i - i0) * WinogradKernel.COLUMNS;
                    WinogradTransforms.filterGradient(
                            lines * WinogradKernel.COLUMNS, u, from, xiStride, buffer, taps, 0, LINE);
                    scatter(taps, i, lines, o, Math.min(WinogradKernel.COLUMNS, lastOut - o), add);
                }
            }
            Scratch.give(taps);
            Scratch.give(buffer);
        }

        /** Taps as (tap, input, output) to the order of the weights. */
        private void scatter(float[] taps, int i, int inputs, int o, int outputs, boolean add) {
            for (var lane = 0; lane < outputs; lane++) {
                int to = offset + ((o + lane) * in + i) * 9;
                for (var q = 0; q < inputs; q++) {
                    for (var t = 0; t < 9; t++) {
                        float tap = taps[t * LINE + q * WinogradKernel.COLUMNS + lane];
                        dw[to + q * 9 + t] = add ? dw[to + q * 9 + t] + tap : tap;
                    }
                }
            }
        }
    }
}
