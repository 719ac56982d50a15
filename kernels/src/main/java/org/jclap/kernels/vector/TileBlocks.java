package org.jclap.kernels.vector;

/**
 * How the channels of transformed tiles lie: in blocks of channels, in each tile after tile.
 *
 * @param width channels of a block, whole vectors; of the last block fewer may exist
 * @param tiles of each block
 */
record TileBlocks(int width, int tiles) {
    /** Floats between blocks. */
    int stride() {
        return width * tiles;
    }

    /** Where a channel of the first tile lies. */
    int at(int channel) {
        return channel / width * stride() + channel % width;
    }

    /** Floats of so many channels. */
    int size(int channels) {
        return Math.ceilDiv(channels, width) * stride();
    }
}
