package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.MicroKernel.COLUMNS;
import static org.jclap.kernels.vector.MicroKernel.ROWS;
import static org.jclap.kernels.vector.WinogradTransforms.TILE;

/**
 * 3x3 convolutions with stride 1 and padding 1 by Winograd's F(4x4, 3x3): V = transformed input, U = transformed
 * filters, {@code M[xi] = V[xi] U[xi]} for the 36 elements xi of a tile, y = M transformed back.
 *
 * <p>Two orders of the same products. While U is small it is made first, and each task takes some tiles from input to
 * output within its L2. When U is large (it is four times the weights) it is never held: V is made first, and each task
 * takes one panel of output channels, transforms its filters piece by piece and uses them for all tiles at once, so
 * that memory sees the weights alone.
 */
final class Winograd {
    /** Above this size, U does not stay in the caches. */
    private static final int SMALL_FILTERS = 1 << 20;
    /** Floats of V and M that one task may hold in L2. */
    private static final int TASK_FLOATS = 160 << 10;
    /** Floats of V that all tasks share in L3. */
    private static final int SHARED_FLOATS = 2 << 20;
    /** Input channels whose filters are transformed at a time. */
    private static final int DEPTH = 64;

    private final Workers workers;

    Winograd(Workers workers) {
        this.workers = workers;
    }

    /** Convolves x {@code (B, H, W, in)} into y {@code (B, H, W, out)}. */
    void convolve(int batch, int height, int width, float[] x, int xo, float[] y, int yo, WinogradFilter filter) {
        var tiles = new WinogradTiles(batch, height, width);
        if ((long) TILE * filter.in() * filter.paddedOut() <= SMALL_FILTERS) {
            byTiles(tiles, x, xo, y, yo, filter);
        } else {
            byFilters(tiles, x, xo, y, yo, filter);
        }
    }

    private void byTiles(WinogradTiles tiles, float[] x, int xo, float[] y, int yo, WinogradFilter filter) {
        int in = filter.in();
        int out = filter.paddedOut();
        var u = Scratch.take(TILE * in * out);
        workers.parallelFor(
                out / COLUMNS, task -> filter.transform(task * COLUMNS, 0, in, u, task * COLUMNS * in, in * out));
        int ldv = Lanes.padded(in);
        int block = Math.clamp(TASK_FLOATS / (TILE * (ldv + out)), 2 * ROWS, 16 * ROWS) / ROWS * ROWS;
        workers.parallelRanges(tiles.count(), block, (from, to) -> {
            int rows = Math.ceilDiv(to - from, ROWS) * ROWS;
            var v = Scratch.take(TILE * rows * ldv);
            var m = Scratch.take(TILE * rows * out);
            for (var tile = from; tile < to; tile++) {
                tiles.input(tile, x, xo, in, v, (tile - from) * ldv, Lanes.COUNT, rows * ldv);
            }
            for (var xi = 0; xi < TILE; xi++) {
                for (var o = 0; o < out; o += COLUMNS) {
                    for (var row = 0; row < rows; row += ROWS) {
                        MicroKernel.rows(
                                in,
                                v,
                                (xi * rows + row) * ldv,
                                ldv,
                                u,
                                (xi * out + o) * in,
                                m,
                                (xi * rows + row) * out + o,
                                out,
                                false);
                    }
                }
            }
            for (var tile = from; tile < to; tile++) {
                tiles.output(tile, m, (tile - from) * out, rows * out, y, yo, filter.out(), 0, filter.out());
            }
            Scratch.give(m);
            Scratch.give(v);
        });
        Scratch.give(u);
    }

    private void byFilters(WinogradTiles tiles, float[] x, int xo, float[] y, int yo, WinogradFilter filter) {
        int ldv = Lanes.padded(filter.in());
        int limit = Math.clamp(SHARED_FLOATS / (TILE * ldv), 8 * ROWS, 32 * ROWS);
        int block = Gemm.balanced(tiles.count(), limit, ROWS);
        var v = Scratch.take(TILE * block * ldv);
        for (var from = 0; from < tiles.count(); from += block) {
            int first = from;
            int size = Math.min(block, tiles.count() - from);
            int rows = Math.ceilDiv(size, ROWS) * ROWS;
            workers.parallelFor(
                    size, t -> tiles.input(first + t, x, xo, filter.in(), v, t * ldv, Lanes.COUNT, rows * ldv));
            workers.parallelFor(
                    filter.paddedOut() / COLUMNS,
                    panel -> applyPanel(tiles, first, size, v, ldv, filter, panel * COLUMNS, y, yo));
        }
        Scratch.give(v);
    }

    /** The outputs of one panel of channels, for {@code size} tiles from {@code first}. */
    private static void applyPanel(
            WinogradTiles tiles,
            int first,
            int size,
            float[] v,
            int ldv,
            WinogradFilter filter,
            int o,
            float[] y,
            int yo) {
        int rows = Math.ceilDiv(size, ROWS) * ROWS;
        var u = Scratch.take(TILE * DEPTH * COLUMNS);
        var m = Scratch.take(TILE * rows * COLUMNS);
        for (var i = 0; i < filter.in(); i += DEPTH) {
            int depth = Math.min(DEPTH, filter.in() - i);
            filter.transform(o, i, i + depth, u, 0, DEPTH * COLUMNS);
            for (var xi = 0; xi < TILE; xi++) {
                for (var row = 0; row < rows; row += ROWS) {
                    MicroKernel.rows(
                            depth,
                            v,
                            (xi * rows + row) * ldv + i,
                            ldv,
                            u,
                            xi * DEPTH * COLUMNS,
                            m,
                            (xi * rows + row) * COLUMNS,
                            COLUMNS,
                            i > 0);
                }
            }
        }
        int end = Math.min(o + COLUMNS, filter.out());
        for (var t = 0; t < size; t++) {
            tiles.output(first + t, m, t * COLUMNS, rows * COLUMNS, y, yo, filter.out(), o, end);
        }
        Scratch.give(m);
        Scratch.give(u);
    }
}
