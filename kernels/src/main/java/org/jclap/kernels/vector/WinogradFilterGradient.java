package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Winograd.spread;
import static org.jclap.kernels.vector.WinogradTransforms.TILE;

import java.util.Arrays;

/**
 * The weight gradient of a 3x3 convolution in Winograd's F(4x4, 3x3): {@code dU[xi] = V[xi]^T Z[xi]} summed over the
 * tiles, with V the transformed input and Z the transformed gradient of the output, then {@code dg = G^T dU G}.
 *
 * <p>Two orders of the same products. While some copies of dU are small, the tiles are cut into as many parts, and each task
 * takes one from the images to its own dU: what one core writes no other reads before the end, for between cores that share
 * no L3, as many of a server do not, V and Z would cost more than the products. A larger dU is never held: V and Z are made
 * for some tiles that all tasks share, and each task owns some channels, whose dU stays in its L2 and is folded into the
 * nine taps at once. Parts are summed in the order of the tiles, and there are as many on any number of threads.
 */
final class WinogradFilterGradient {
    /** Parts of the tiles, each with a dU of its own. */
    private static final int MOST_PARTS = 16;
    /** Fewer parts than these would leave threads without work. */
    private static final int FEWEST_PARTS = 8;
    /** Floats of the dU of all parts. */
    private static final int PARTS_FLOATS = 20 << 20;
    /** Tiles of V and Z in a part: they stay near, and dU is read and written once for all of them. */
    private static final int PART_TILES = 96;
    /** Floats of V and Z that all tasks share in L3. */
    private static final int SHARED_FLOATS = 3 << 20;
    /** Tiles of V and Z at most. */
    private static final int SHARED_TILES = Lanes.COUNT < 16 ? 96 : 192;
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
        var images = new Images(s, x, xo, dy, dyo);
        if (images.tiles().count() == 0) {
            Arrays.fill(dw, dwo, dwo + s.outChannels() * s.inChannels() * 9, 0f);
            return;
        }
        var taps = new Taps(s.inChannels(), s.outChannels(), dw, dwo);
        long parts = PARTS_FLOATS / ((long) TILE * images.in() * images.out());
        if (parts >= FEWEST_PARTS) {
            byTiles(images, (int) Math.min(parts, MOST_PARTS), taps);
        } else {
            byChannels(images, taps);
        }
    }

    private void byTiles(Images images, int mostParts, Taps taps) {
        int count = images.tiles().count();
        int part = Math.ceilDiv(count, mostParts);
        int parts = Math.ceilDiv(count, part);
        int block = Gemm.balanced(part, PART_TILES, 1);
        int nextU = spread(images.in() * images.out());
        var u = Scratch.take(parts * TILE * nextU);
        workers.parallelRanges(count, part, (from, to) -> {
            int own = from / part * TILE * nextU;
            var factors = Factors.take(images, block);
            for (var first = from; first < to; first += block) {
                var some = factors.withTiles(Math.min(block, to - first));
                some.transform(images, first, 0, some.blocks().tiles());
                for (var xi = 0; xi < TILE; xi++) {
                    some.multiply(xi, 0, images.in(), 0, images.out(), u, own + xi * nextU, first > from);
                }
            }
            factors.give();
        });
        workers.parallelFor(TILE, xi -> {
            for (var p = 1; p < parts; p++) {
                int other = (p * TILE + xi) * nextU;
                Binary.ADD.run(u, xi * nextU, u, other, u, xi * nextU, images.in() * images.out());
            }
        });
        workers.parallelFor(Math.ceilDiv(images.in(), Taps.INPUTS), task -> {
            int i = task * Taps.INPUTS;
            int first = i * WinogradKernel.COLUMNS;
            taps.fold(u, first, images.in(), nextU, i, Taps.INPUTS, 0, images.out(), false);
        });
        Scratch.give(u);
    }

    private void byChannels(Images images, Taps taps) {
        int count = images.tiles().count();
        int most = Math.clamp(SHARED_FLOATS / (TILE * (images.in() + images.out())), 16, SHARED_TILES);
        int block = Gemm.balanced(count, most, 1);
        var factors = Factors.take(images, block);
        for (var from = 0; from < count; from += block) {
            int first = from;
            var some = factors.withTiles(Math.min(block, count - from));
            workers.parallelRanges(
                    some.blocks().tiles(), NEIGHBOURS, (t0, t1) -> some.transform(images, first, t0, t1));
            some.foldByChannels(workers, taps, from > 0);
        }
        factors.give();
    }

    /** What is convolved, tile by tile. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Images(ConvShape shape, float[] x, int xo, float[] dy, int dyo) {
        WinogradTiles tiles() {
            return new WinogradTiles(shape.batch(), shape.height(), shape.width());
        }

        /** Channels of V. */
        int in() {
            return Lanes.padded(shape.inChannels());
        }

        /** Channels of Z. */
        int out() {
            return Math.ceilDiv(shape.outChannels(), WinogradKernel.COLUMNS) * WinogradKernel.COLUMNS;
        }
    }

    /**
     * V and Z of some tiles, in blocks of channels for each xi. What is left over in the padding of Z only reaches columns
     * of dU that nobody reads.
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Factors(TileBlocks blocks, int in, int out, float[] v, int nextV, float[] z, int nextZ) {
        /** Room for so many tiles, to be given back. */
        static Factors take(Images images, int tiles) {
            var blocks = WinogradKernel.ofTransposed(tiles);
            int nextV = spread(blocks.size(images.in()));
            int nextZ = spread(blocks.size(images.out()));
            var v = Scratch.take(TILE * nextV);
            var z = Scratch.take(TILE * nextZ);
            return new Factors(blocks, images.in(), images.out(), v, nextV, z, nextZ);
        }

        void give() {
            Scratch.give(z);
            Scratch.give(v);
        }

        /** The same room for fewer tiles. */
        Factors withTiles(int tiles) {
            return new Factors(WinogradKernel.ofTransposed(tiles), in, out, v, nextV, z, nextZ);
        }

        /** Transforms the tiles {@code t0..t1-1} of those that begin with number {@code first}. */
        void transform(Images images, int first, int t0, int t1) {
            var tiles = images.tiles();
            int width = blocks.width();
            for (var t = t0; t < t1; t++) {
                tiles.input(
                        first + t, images.x(), images.xo(), images.shape().inChannels(), v, t * width, blocks, nextV);
            }
            for (var t = t0; t < t1; t++) {
                tiles.outputGradient(
                        first + t,
                        images.dy(),
                        images.dyo(),
                        images.shape().outChannels(),
                        z,
                        t * width,
                        blocks,
                        nextZ);
            }
        }

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
