package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.MicroKernel.COLUMNS;
import static org.jclap.kernels.vector.MicroKernel.ROWS;
import static org.jclap.kernels.vector.WinogradTransforms.TILE;

import java.util.Arrays;

/**
 * The weight gradient of a 3x3 convolution in Winograd's F(4x4, 3x3): {@code dU[xi] = V[xi]^T Z[xi]} summed over the
 * tiles, with V the transformed input and Z the transformed gradient of the output, then {@code dg = G^T dU G}.
 *
 * <p>V and Z are made for some tiles at a time, so that they fit in L3; each task then owns a group of input channels
 * and a panel of output channels, whose dU stays in its L2 and is folded into the nine taps at once. The parts are
 * summed in the order of the tiles.
 */
final class WinogradFilterGradient {
    /** Floats of V and Z that all tasks share in L3. */
    private static final int SHARED_FLOATS = 4 << 20;
    /** Input channels of a task, in whole vectors. */
    private static final int CHANNELS = Math.max(32, COUNT);

    private final Workers workers;

    WinogradFilterGradient(Workers workers) {
        this.workers = workers;
    }

    /** dw {@code (out, in, 3, 3)} from x {@code (B, H, W, in)} and dy {@code (B, H, W, out)}. */
    void compute(ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
        var tiles = new WinogradTiles(s.batch(), s.height(), s.width());
        int in = Lanes.padded(s.inChannels());
        int out = Math.ceilDiv(s.outChannels(), COLUMNS) * COLUMNS;
        int limit = Math.max(16, SHARED_FLOATS / (TILE * (in + out)));
        int block = Gemm.balanced(tiles.count(), limit, 1);
        var v = Scratch.take(TILE * block * in);
        var z = Scratch.take(TILE * block * out);
        Arrays.fill(dw, dwo, dwo + s.outChannels() * s.inChannels() * 9, 0f);
        int groups = Math.ceilDiv(in, CHANNELS);
        for (var from = 0; from < tiles.count(); from += block) {
            int first = from;
            int size = Math.min(block, tiles.count() - from);
            workers.parallelFor(size, t -> {
                // V as (xi, in / COUNT, tile, COUNT) and Z as (xi, out / COLUMNS, tile, COLUMNS): both are panels. What
                // is
                // left over in the padding of Z only reaches columns of dU that nobody reads.
                tiles.input(first + t, x, xo, s.inChannels(), v, t * COUNT, size * COUNT, size * in);
                tiles.outputGradient(first + t, dy, dyo, s.outChannels(), z, t * COLUMNS, size * COLUMNS, size * out);
            });
            workers.parallelFor(groups * (out / COLUMNS), task -> {
                int i = task % groups * CHANNELS;
                int o = task / groups * COLUMNS;
                accumulate(s, v, z, size, in, out, i, Math.min(in, i + CHANNELS), o, dw, dwo);
            });
        }
        Scratch.give(z);
        Scratch.give(v);
    }

    private static void accumulate(
            ConvShape s, float[] v, float[] z, int size, int in, int out, int i0, int i1, int o, float[] dw, int dwo) {
        var u = Scratch.take(TILE * CHANNELS * COLUMNS);
        for (var xi = 0; xi < TILE; xi++) {
            for (var i = i0; i < i1; i += ROWS) {
                int from = (xi * in + i / COUNT * COUNT) * size + i % COUNT;
                MicroKernel.panels(
                        size,
                        v,
                        from,
                        z,
                        (xi * out + o) * size,
                        1f,
                        u,
                        (xi * CHANNELS + i - i0) * COLUMNS,
                        COLUMNS,
                        false);
            }
        }
        fold(s, u, i0, Math.min(i1, s.inChannels()), o, dw, dwo);
        Scratch.give(u);
    }

    /** Adds {@code G^T dU G} to the taps of inputs {@code i0..i1-1} and the panel of outputs from o. */
    private static void fold(ConvShape s, float[] u, int i0, int i1, int o, float[] dw, int dwo) {
        var half = Scratch.take(18 * COUNT);
        var taps = Scratch.take(9 * COUNT);
        int end = Math.min(o + COLUMNS, s.outChannels());
        for (var i = i0; i < i1; i++) {
            for (var from = o; from < end; from += COUNT) {
                WinogradTransforms.filterGradient(u, (i - i0) * COLUMNS + from - o, CHANNELS * COLUMNS, half, taps);
                for (var lane = 0; lane < Math.min(COUNT, end - from); lane++) {
                    int to = dwo + ((from + lane) * s.inChannels() + i) * 9;
                    for (var t = 0; t < 9; t++) {
                        dw[to + t] += taps[t * COUNT + lane];
                    }
                }
            }
        }
        Scratch.give(taps);
        Scratch.give(half);
    }
}
