// Average pooling of channels-last images (B, H, W, C), with windows side by side; what remains at the end of an axis is in no
// window.
//
// Geometry: 256 threads a block, each with one pack of channels of the result, or one channel where packs would straddle
// pixels; grid to fit. Neighbouring threads have neighbouring channels, so reads and writes are coalesced.
//
// Cost: the larger image once, the smaller once, one operation per element of the larger: for windows of 2 x 2, 1.25 w bytes
// per element of w bytes. Both directions are bound by memory, and should reach 0.85 of its bandwidth with packs: four divisions
// a pack are hidden behind it.
#include "common.cuh"

// The mirror of PoolingOps.Windows.
struct Windows {
    int height, width, channels;        // of the larger image
    int window_height, window_width;
    int pooled_height, pooled_width;    // of the smaller image
};

// A pixel of B images, and the channel that a thread begins at.
struct Place {
    int image, row, column, channel;
};

__device__ __forceinline__ Place place(unsigned i, int height, int width, int channels) {
    unsigned pixel = i / channels, line = pixel / width;
    return {(int)(line / height), (int)(line % height), (int)(pixel % width), (int)(i % channels)};
}

__device__ __forceinline__ size_t index(int image, int row, int column, int channel, int height, int width, int channels) {
    return (((size_t)image * height + row) * width + column) * channels + channel;
}

// y = the mean of each window; n elements of y.
template <int WIDTH, class T>
__device__ __forceinline__ void pool(const T* x, T* y, unsigned n, const Windows& size) {
    size_t i = thread_index() * WIDTH;
    if (i >= n) return;
    Place at = place((unsigned)i, size.pooled_height, size.pooled_width, size.channels);
    float sum[WIDTH] = {};
    for (int r = 0; r < size.window_height; r++)
        for (int c = 0; c < size.window_width; c++) {
            size_t from = index(at.image, at.row * size.window_height + r, at.column * size.window_width + c, at.channel,
                                size.height, size.width, size.channels);
            Pack<T, WIDTH> pack = load<Pack<T, WIDTH>>(x, from, from + WIDTH);
            for (int k = 0; k < WIDTH; k++) sum[k] += to_float(pack.at[k]);
        }
    float share = 1.0f / (size.window_height * size.window_width);
    Pack<T, WIDTH> mean;
    for (int k = 0; k < WIDTH; k++) mean.at[k] = from_float<T>(sum[k] * share);
    store(y, i, n, mean);
}

// dx = each window's gradient, shared out evenly; n elements of dx. Pixels of one window read dy from the cache.
template <int WIDTH, class T>
__device__ __forceinline__ void pool_backward(const T* dy, T* dx, unsigned n, const Windows& size) {
    size_t i = thread_index() * WIDTH;
    if (i >= n) return;
    Place at = place((unsigned)i, size.height, size.width, size.channels);
    int row = at.row / size.window_height, column = at.column / size.window_width;
    Pack<T, WIDTH> gradient = {};
    if (row < size.pooled_height && column < size.pooled_width) {
        size_t from = index(at.image, row, column, at.channel, size.pooled_height, size.pooled_width, size.channels);
        gradient = load<Pack<T, WIDTH>>(dy, from, from + WIDTH);
        float share = 1.0f / (size.window_height * size.window_width);
        for (int k = 0; k < WIDTH; k++) gradient.at[k] = from_float<T>(to_float(gradient.at[k]) * share);
    }
    store(dx, i, n, gradient);
}

// Packs where they lie within pixels; PoolingOps starts as many threads.
#define POOLING(T)                                                                                                    \
    extern "C" __global__ void pool_##T(const T* x, T* y, unsigned n, Windows size) {                                 \
        if (size.channels % Pack<T>::size == 0) {                                                                     \
            pool<Pack<T>::size>(x, y, n, size);                                                                       \
        } else {                                                                                                      \
            pool<1>(x, y, n, size);                                                                                   \
        }                                                                                                             \
    }                                                                                                                 \
    extern "C" __global__ void pool_backward_##T(const T* dy, T* dx, unsigned n, Windows size) {                      \
        if (size.channels % Pack<T>::size == 0) {                                                                     \
            pool_backward<Pack<T>::size>(dy, dx, n, size);                                                            \
        } else {                                                                                                      \
            pool_backward<1>(dy, dx, n, size);                                                                        \
        }                                                                                                             \
    }
FOR_FLOATING(POOLING)
