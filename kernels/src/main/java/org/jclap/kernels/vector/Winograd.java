package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.WinogradKernel.COLUMNS;
import static org.jclap.kernels.vector.WinogradKernel.ROWS;
import static org.jclap.kernels.vector.WinogradTransforms.TILE;

/**
 * 3x3 convolutions with stride 1 and padding 1 by Winograd's F(4x4, 3x3): V = transformed input, U = transformed
 * filters, {@code M[xi] = V[xi] U[xi]} for the 36 elements xi of a tile, y = M transformed back.
 *
 * <p>Two orders of the same products. While U stays in L3 it is made first, and each task takes some tiles from input to
 * output within its L2. A larger U (it is four times the weights) is never held: V is made first, and each task takes one
 * panel of output channels, transforms its filters piece by piece and uses them for all tiles at once, so that memory
 * sees the weights alone.
 */
final class Winograd {
    /** Above this size, U does not stay in L3. */
    private static final int HELD_FILTERS = 3 << 20;
    /** Floats of V and M that one task may hold in L2. */
    private static final int TASK_FLOATS = 120 << 10;
    /**
     * Blocks of tiles that one task takes, where there are plenty: neighbours share cache lines of the images, and two cores
     * that write next to each other wait for them.
     */
    private static final int TASK_BLOCKS = 8;
    /** Tasks that should be left. */
    private static final int TASKS = 64;
    /** Tiles of one task of the input transform: they share cache lines of V. */
    private static final int NEIGHBOURS = 8;
    /** Floats of V that all tasks share in L3. */
    private static final int SHARED_FLOATS = 2 << 20;
    /** Input channels whose filters are transformed at a time: with V and M of some fifty tiles, they stay in L2. */
    private static final int DEPTH = 128;
    /** Output channels whose filters are transformed at a time. */
    private static final int PANEL = COLUMNS;

    private final Workers workers;

    Winograd(Workers workers) {
        this.workers = workers;
    }

    /** Convolves x {@code (B, H, W, in)} into y {@code (B, H, W, out)}, finished by the epilogue. */
    void convolve(
            int batch,
            int height,
            int width,
            float[] x,
            int xo,
            WinogradFilter filter,
            float[] y,
            int yo,
            Epilogue epilogue) {
        var tiles = new WinogradTiles(batch, height, width);
        var target = new WinogradTiles.Target(y, yo, filter.out(), epilogue);
        if ((long) TILE * filter.in() * filter.paddedOut() <= HELD_FILTERS) {
            byTiles(tiles, x, xo, filter, target);
        } else {
            byFilters(tiles, x, xo, filter, target);
        }
    }

    /** An odd number of cache lines: elements that are a power of two apart would share a set of the L1 cache. */
    static int spread(int floats) {
        return floats | 16;
    }

    private void byTiles(WinogradTiles tiles, float[] x, int xo, WinogradFilter filter, WinogradTiles.Target target) {
        int in = filter.in();
        int out = filter.paddedOut();
        int nextU = spread(in * out);
        var u = Scratch.take(TILE * nextU);
        workers.parallelRanges(out, COLUMNS, (from, to) -> {
            for (var o = from; o < to; o += COUNT) {
                filter.transform(o, 0, in, u, WinogradKernel.group(o, in), nextU);
            }
        });
        int block = Math.clamp(TASK_FLOATS / (TILE * (Lanes.padded(in) + out)), 12, 96) / 12 * 12;
        int blocks = Math.clamp(tiles.count() / block / TASKS, 1, TASK_BLOCKS);
        workers.parallelRanges(tiles.count(), blocks * block, (from, to) -> {
            for (var first = from; first < to; first += block) {
                convolveBlock(tiles, first, Math.min(to, first + block), x, xo, filter, u, nextU, target);
            }
        });
        Scratch.give(u);
    }

    /** The tiles {@code from..to-1} from input to output. */
    private static void convolveBlock(
            WinogradTiles tiles,
            int from,
            int to,
            float[] x,
            int xo,
            WinogradFilter filter,
            float[] u,
            int nextU,
            WinogradTiles.Target target) {
        int in = filter.in();
        int out = filter.paddedOut();
        int rows = Math.ceilDiv(to - from, ROWS) * ROWS;
        var blocks = WinogradKernel.leftOfRows(rows);
        int nextV = spread(blocks.size(in));
        int nextM = spread(rows * out);
        var v = Scratch.take(TILE * nextV);
        var m = Scratch.take(TILE * nextM);
        for (var tile = from; tile < to; tile++) {
            tiles.input(tile, x, xo, in, v, (tile - from) * blocks.width(), blocks, nextV);
        }
        for (var xi = 0; xi < TILE; xi++) {
            for (var i = 0; i < in; i += blocks.width()) {
                WinogradKernel.rows(
                        rows,
                        out,
                        Math.min(blocks.width(), in - i),
                        v,
                        xi * nextV + blocks.at(i),
                        u,
                        xi * nextU + i * COLUMNS,
                        in * COLUMNS,
                        m,
                        xi * nextM,
                        out,
                        i > 0);
            }
        }
        for (var tile = from; tile < to; tile++) {
            tiles.output(tile, m, (tile - from) * out, nextM, target, 0, filter.out());
        }
        Scratch.give(m);
        Scratch.give(v);
    }

    private void byFilters(WinogradTiles tiles, float[] x, int xo, WinogradFilter filter, WinogradTiles.Target target) {
        int limit = Math.max(96, SHARED_FLOATS / (TILE * Lanes.padded(filter.in())));
        int block = Gemm.balanced(tiles.count(), limit, ROWS);
        var blocks = WinogradKernel.leftOfRows(block);
        int nextV = spread(blocks.size(filter.in()));
        var v = Scratch.take(TILE * nextV);
        for (var from = 0; from < tiles.count(); from += block) {
            int first = from;
            int size = Math.min(block, tiles.count() - from);
            workers.parallelRanges(size, NEIGHBOURS, (t0, t1) -> {
                for (var t = t0; t < t1; t++) {
                    tiles.input(first + t, x, xo, filter.in(), v, t * blocks.width(), blocks, nextV);
                }
            });
            workers.parallelFor(
                    Math.ceilDiv(filter.paddedOut(), PANEL),
                    panel -> applyPanel(tiles, first, size, v, nextV, blocks, filter, panel * PANEL, target));
        }
        Scratch.give(v);
    }

    /** The outputs of one panel of channels, for {@code size} tiles from {@code first}. */
    private static void applyPanel(
            WinogradTiles tiles,
            int first,
            int size,
            float[] v,
            int nextV,
            TileBlocks blocks,
            WinogradFilter filter,
            int o,
            WinogradTiles.Target target) {
        int rows = Math.ceilDiv(size, ROWS) * ROWS;
        int panel = Math.min(PANEL, filter.paddedOut() - o);
        int nextU = spread(DEPTH * PANEL);
        int nextM = spread(rows * PANEL);
        var u = Scratch.take(TILE * nextU);
        var m = Scratch.take(TILE * nextM);
        for (var i = 0; i < filter.in(); i += DEPTH) {
            int depth = Math.min(DEPTH, filter.in() - i);
            for (var group = 0; group < panel; group += COUNT) {
                filter.transform(o + group, i, i + depth, u, WinogradKernel.group(group, DEPTH), nextU);
            }
            for (var xi = 0; xi < TILE; xi++) {
                WinogradKernel.rows(
                        rows,
                        panel,
                        depth,
                        v,
                        xi * nextV + blocks.at(i),
                        u,
                        xi * nextU,
                        DEPTH * COLUMNS,
                        m,
                        xi * nextM,
                        PANEL,
                        i > 0);
            }
        }
        int end = Math.min(o + panel, filter.out());
        for (var t = 0; t < size; t++) {
            tiles.output(first + t, m, t * PANEL, nextM, target, o, end);
        }
        Scratch.give(m);
        Scratch.give(u);
    }
}
