// Windows side by side on channels-last images (B, H, W, C); what remains at the end of an axis is in no window.
#pragma once
#include "common.cuh"

// The mirror of PoolingOps.windows.
struct Windows {
    int height, width, channels;        // of the larger image
    int window_height, window_width;
    int pooled_height, pooled_width;    // of the smaller image

    // Of each pixel in the mean of its window.
    __device__ __forceinline__ float share() const { return 1.0f / (window_height * window_width); }
};

// A pixel of B images.
struct Place {
    int image, row, column;
};

__device__ __forceinline__ Place place(unsigned pixel, int height, int width) {
    unsigned line = pixel / width;
    return {(int)(line / height), (int)(line % height), (int)(pixel % width)};
}

__device__ __forceinline__ size_t index(int image, int row, int column, int channel, int height, int width, int channels) {
    return (((size_t)image * height + row) * width + column) * channels + channel;
}

// Calls body(index) for one channel of each pixel of the larger image in the window of a pixel of the smaller one. The usual
// window is written out, so that its loads are on their way together.
template <class Body>
__device__ __forceinline__ void for_window(unsigned pixel, int channel, const Windows& size, const Body& body) {
    Place at = place(pixel, size.pooled_height, size.pooled_width);
    size_t first = index(at.image, at.row * size.window_height, at.column * size.window_width, channel, size.height,
                         size.width, size.channels);
    size_t line = (size_t)size.width * size.channels;
    if (size.window_height == 2 && size.window_width == 2) {
#pragma unroll
        for (int k = 0; k < 4; k++) body(first + k / 2 * line + k % 2 * size.channels);
        return;
    }
    for (int r = 0; r < size.window_height; r++)
        for (int c = 0; c < size.window_width; c++) body(first + r * line + (size_t)c * size.channels);
}

// Whether a window covers a pixel of the larger image, and then the index of that window's channel in the smaller one.
__device__ __forceinline__ bool covering(unsigned pixel, int channel, const Windows& size, size_t& window) {
    Place at = place(pixel, size.height, size.width);
    int row = at.row / size.window_height, column = at.column / size.window_width;
    if (row >= size.pooled_height || column >= size.pooled_width) return false;
    window = index(at.image, row, column, channel, size.pooled_height, size.pooled_width, size.channels);
    return true;
}
