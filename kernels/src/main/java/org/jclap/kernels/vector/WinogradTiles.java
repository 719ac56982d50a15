package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;

import java.util.Arrays;

/**
 * The 4x4 tiles of a batch of channels-last images {@code (B, H, W, C)}, and the ways in and out of them. Pieces that
 * cross the border of the image or the end of the channels go through a small buffer.
 */
record WinogradTiles(int batch, int height, int width) {
    /** Images {@code (B, H, W, channels)} from {@code yo} on, whose pixels the epilogue finishes. */
    @SuppressWarnings("ArrayRecordComponent")
    record Target(float[] y, int yo, int channels, Epilogue epilogue) {}

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
     * Transforms the input of one tile: {@code P^T x P}, channel c of element xi to {@code v[vo + xi * xiStride +
     * blocks.at(c)]}, zero beyond the last channel.
     */
    void input(int tile, float[] x, int xo, int channels, float[] v, int vo, TileBlocks blocks, int xiStride) {
        var buffer = Scratch.take(WinogradTransforms.BUFFER);
        int top = top(tile) - 1;
        int left = left(tile) - 1;
        int corner = xo + ((image(tile) * height + top) * width + left) * channels;
        if (channels % COUNT == 0 && top >= 0 && left >= 0 && top + 6 <= height && left + 6 <= width) {
            WinogradTransforms.input(channels, x, corner, width * channels, channels, buffer, v, vo, xiStride, blocks);
        } else {
            int padded = Lanes.padded(channels);
            var patch = Scratch.take(36 * padded);
            read(x, corner, channels, top, left, 6, patch);
            WinogradTransforms.input(padded, patch, 0, 6 * padded, padded, buffer, v, vo, xiStride, blocks);
            Scratch.give(patch);
        }
        Scratch.give(buffer);
    }

    /** Transforms the gradient of the output of one tile, {@code Q dy Q^T}, laid out as by {@link #input}. */
    void outputGradient(
            int tile, float[] dy, int dyo, int channels, float[] z, int zo, TileBlocks blocks, int xiStride) {
        var buffer = Scratch.take(WinogradTransforms.BUFFER);
        int top = top(tile);
        int left = left(tile);
        int corner = dyo + ((image(tile) * height + top) * width + left) * channels;
        if (channels % COUNT == 0 && top + 4 <= height && left + 4 <= width) {
            WinogradTransforms.outputGradient(
                    channels, dy, corner, width * channels, channels, buffer, z, zo, xiStride, blocks);
        } else {
            int padded = Lanes.padded(channels);
            var patch = Scratch.take(16 * padded);
            read(dy, corner, channels, top, left, 4, patch);
            WinogradTransforms.outputGradient(padded, patch, 0, 4 * padded, padded, buffer, z, zo, xiStride, blocks);
            Scratch.give(patch);
        }
        Scratch.give(buffer);
    }

    /**
     * Transforms the products of one tile back, and writes and finishes channels {@code c0..c1-1} of the output: element
     * xi of channel c is {@code m[mo + xi * xiStride + c - c0]}, readable up to whole vectors.
     */
    void output(int tile, float[] m, int mo, int xiStride, Target target, int c0, int c1) {
        float[] y = target.y();
        int channels = target.channels();
        var buffer = Scratch.take(WinogradTransforms.BUFFER);
        int top = top(tile);
        int left = left(tile);
        int rows = Math.min(4, height - top);
        int columns = Math.min(4, width - left);
        int pixel = (image(tile) * height + top) * width + left;
        int corner = target.yo() + pixel * channels + c0;
        int size = c1 - c0;
        if (rows == 4 && columns == 4 && size % COUNT == 0) {
            WinogradTransforms.output(size, m, mo, xiStride, buffer, y, corner, width * channels, channels);
        } else {
            int padded = Lanes.padded(size);
            var patch = Scratch.take(16 * padded);
            WinogradTransforms.output(padded, m, mo, xiStride, buffer, patch, 0, 4 * padded, padded);
            for (var i = 0; i < rows; i++) {
                for (var j = 0; j < columns; j++) {
                    int to = corner + (i * width + j) * channels;
                    System.arraycopy(patch, (4 * i + j) * padded, y, to, size);
                }
            }
            Scratch.give(patch);
        }
        for (var i = 0; i < rows; i++) {
            int row = pixel + i * width;
            target.epilogue().apply(y, target.yo(), channels, row, row + columns, c0, c1);
        }
        Scratch.give(buffer);
    }

    /** Copies a piece of {@code side x side} pixels, with zeros around the image and behind the last channel. */
    private void read(float[] x, int corner, int channels, int top, int left, int side, float[] patch) {
        int padded = Lanes.padded(channels);
        for (var i = 0; i < side; i++) {
            for (var j = 0; j < side; j++) {
                int to = (i * side + j) * padded;
                boolean inside = top + i >= 0 && top + i < height && left + j >= 0 && left + j < width;
                int size = inside ? channels : 0;
                System.arraycopy(x, inside ? corner + (i * width + j) * channels : 0, patch, to, size);
                Arrays.fill(patch, to + size, to + padded, 0f);
            }
        }
    }
}
