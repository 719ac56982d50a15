// Average pooling of channels-last images (B, H, W, C), with windows side by side; what remains at the end of an axis is in no
// window.
//
// Geometry: 256 threads a block, each with one pack of channels of the result, or one channel where packs would straddle
// pixels; grid to fit. Neighbouring threads have neighbouring channels, so reads and writes are coalesced.
//
// Cost: the larger image once, the smaller once, one operation per element of the larger: for windows of 2 x 2, 1.25 w bytes
// per element of w bytes. Both directions are bound by memory, and should reach 0.85 of its bandwidth with packs: four divisions
// a pack are hidden behind it.
#include "windows.cuh"

// y = the mean of each window; n elements of y.
template <int WIDTH, class T>
__device__ __forceinline__ void pool(const T* x, T* y, unsigned n, const Windows& size) {
    size_t i = thread_index() * WIDTH;
    if (i >= n) return;
    unsigned pixel = (unsigned)i / size.channels, channel = (unsigned)i % size.channels;
    float sum[WIDTH] = {};
    for_window(pixel, channel, size, [&](size_t from) {
        Pack<T, WIDTH> pack = load<Pack<T, WIDTH>>(x, from, from + WIDTH);
        for (int k = 0; k < WIDTH; k++) sum[k] += to_float(pack.at[k]);
    });
    float share = size.share();
    Pack<T, WIDTH> mean;
    for (int k = 0; k < WIDTH; k++) mean.at[k] = from_float<T>(sum[k] * share);
    store(y, i, n, mean);
}

// dx = each window's gradient, shared out evenly; n elements of dx. Pixels of one window read dy from the cache.
template <int WIDTH, class T>
__device__ __forceinline__ void pool_backward(const T* dy, T* dx, unsigned n, const Windows& size) {
    size_t i = thread_index() * WIDTH;
    if (i >= n) return;
    size_t from;
    Pack<T, WIDTH> gradient = {};
    if (covering((unsigned)i / size.channels, (unsigned)i % size.channels, size, from)) {
        gradient = load<Pack<T, WIDTH>>(dy, from, from + WIDTH);
        float share = size.share();
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
