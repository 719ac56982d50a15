package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.MicroKernel.COLUMNS;

import java.util.Arrays;

/**
 * The 4x4 tiles of a batch of channels-last images {@code (B, H, W, C)}, and the ways in and out of them. Pieces that
 * cross the border of the image or the end of the channels go through a small buffer.
 */
record WinogradTiles(int batch, int height, int width) {
    int perRow() {
        return Math.ceilDiv(width, 4);
    }

    int count() {
        return batch * Math.ceilDiv(height, 4) * perRow();
    }

    private int top(int tile) {
        return tile / perRow() % Math.ceilDiv(height, 4) * 4;
    }

    private int left(int tile) {
        return tile % perRow() * 4;
    }

    private int image(int tile) {
        return tile / (Math.ceilDiv(height, 4) * perRow());
    }

    /**
     * Transforms the input of one tile: {@code P^T x P} of channels {@code c..c+COUNT-1} to {@code v[vo + (c / COUNT) *
     * groupStride + xi * xiStride]}, zero beyond the last channel.
     */
    void input(int tile, float[] x, int xo, int channels, float[] v, int vo, int groupStride, int xiStride) {
        var patch = Scratch.take(36 * COUNT);
        var half = Scratch.take(36 * COUNT);
        int top = top(tile) - 1;
        int left = left(tile) - 1;
        int corner = xo + ((image(tile) * height + top) * width + left) * channels;
        boolean inside = top >= 0 && left >= 0 && top + 6 <= height && left + 6 <= width;
        int rowStride = width * channels;
        for (var c = 0; c < channels; c += COUNT) {
            int to = vo + c / COUNT * groupStride;
            if (inside && c + COUNT <= channels) {
                WinogradTransforms.input(x, corner + c, rowStride, channels, half, v, to, xiStride);
            } else {
                read(x, corner + c, channels, top, left, 6, Math.min(COUNT, channels - c), patch);
                WinogradTransforms.input(patch, 0, 6 * COUNT, COUNT, half, v, to, xiStride);
            }
        }
        Scratch.give(half);
        Scratch.give(patch);
    }

    /**
     * Transforms the gradient of the output of one tile: {@code Q dy Q^T} of channel c to {@code z[zo + (c / COLUMNS) *
     * panelStride + xi * xiStride + c % COLUMNS]}, zero up to the end of the last vector.
     */
    void outputGradient(int tile, float[] dy, int dyo, int channels, float[] z, int zo, int panelStride, int xiStride) {
        var patch = Scratch.take(16 * COUNT);
        var half = Scratch.take(24 * COUNT);
        int top = top(tile);
        int left = left(tile);
        int corner = dyo + ((image(tile) * height + top) * width + left) * channels;
        boolean inside = top + 4 <= height && left + 4 <= width;
        for (var c = 0; c < channels; c += COUNT) {
            int to = zo + c / COLUMNS * panelStride + c % COLUMNS;
            if (inside && c + COUNT <= channels) {
                WinogradTransforms.outputGradient(dy, corner + c, width * channels, channels, half, z, to, xiStride);
            } else {
                read(dy, corner + c, channels, top, left, 4, Math.min(COUNT, channels - c), patch);
                WinogradTransforms.outputGradient(patch, 0, 4 * COUNT, COUNT, half, z, to, xiStride);
            }
        }
        Scratch.give(half);
        Scratch.give(patch);
    }

    /**
     * Transforms the products of one tile back and writes channels {@code c0..c1-1} of the output: element xi of
     * channel c is {@code m[mo + xi * xiStride + c - c0]}, readable up to whole vectors.
     */
    void output(int tile, float[] m, int mo, int xiStride, float[] y, int yo, int channels, int c0, int c1) {
        var patch = Scratch.take(16 * COUNT);
        var half = Scratch.take(24 * COUNT);
        int top = top(tile);
        int left = left(tile);
        int rows = Math.min(4, height - top);
        int columns = Math.min(4, width - left);
        int corner = yo + ((image(tile) * height + top) * width + left) * channels;
        for (var c = c0; c < c1; c += COUNT) {
            if (rows == 4 && columns == 4 && c + COUNT <= c1) {
                WinogradTransforms.output(m, mo + c - c0, xiStride, half, y, corner + c, width * channels, channels);
            } else {
                WinogradTransforms.output(m, mo + c - c0, xiStride, half, patch, 0, 4 * COUNT, COUNT);
                int size = Math.min(COUNT, c1 - c);
                for (var i = 0; i < rows; i++) {
                    for (var j = 0; j < columns; j++) {
                        int to = corner + (i * width + j) * channels + c;
                        System.arraycopy(patch, (4 * i + j) * COUNT, y, to, size);
                    }
                }
            }
        }
        Scratch.give(half);
        Scratch.give(patch);
    }

    /** Copies a piece of {@code side x side} pixels and {@code size} channels, with zeros around the image. */
    private void read(float[] x, int corner, int channels, int top, int left, int side, int size, float[] patch) {
        Arrays.fill(patch, 0, side * side * COUNT, 0f);
        for (var i = Math.max(0, -top); i < Math.min(side, height - top); i++) {
            for (var j = Math.max(0, -left); j < Math.min(side, width - left); j++) {
                System.arraycopy(x, corner + (i * width + j) * channels, patch, (side * i + j) * COUNT, size);
            }
        }
    }
}
