// Softmax and layer normalisation over the last axis of (rows, channels).
//
// Geometry: one warp per row, eight rows a block, up to 1024 channels; above that one block of 256 threads per row. Rows are
// read from memory once and again from the cache. Sums are F32, in one fixed order.
//
// Cost per element of w bytes: softmax forward 2w, backward 3w; layer norm forward 2w, residual 4w, backward 3w for dx and 2w
// for dw and db; 5 to 15 operations. All are bound by memory. A thread reads an element at a time, so of the bandwidth 0.8 is
// expected in F32 and 0.5 in halves, whose lines are 64 bytes a warp; a row longer than what L1 keeps is read again from L2.
#include "common.cuh"
#include "philox.cuh"
#include "reduce.cuh"

__device__ __forceinline__ int own_row() { return blockIdx.x * blockDim.y + threadIdx.y; }

// ------------------------------------------------------------------------------------------------ softmax

// y = e^(x - max) / sum, or x - max - ln sum. Each thread keeps the largest value it has seen and a sum relative to it; then
// all sums are brought to the largest of the row.
template <bool LOG, class T>
__device__ __forceinline__ void softmax(const T* x, T* y, int rows, int channels) {
    int row = own_row();
    if (row >= rows) return;
    x += (size_t)row * channels;
    y += (size_t)row * channels;
    float largest = -INFINITY, sum = 0.0f;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        float value = to_float(x[c]);
        if (value > largest) {
            sum *= expf(largest - value);
            largest = value;
        }
        // Also what is not larger because it is NaN; equal infinities would differ by NaN.
        sum += value == largest ? 1.0f : expf(value - largest);
    }
    float top = row_reduce<Max>(largest);
    sum = row_reduce<Sum>(largest == top ? sum : sum * expf(largest - top));
    float shift = LOG ? top + logf(sum) : top, factor = LOG ? 1.0f : 1.0f / sum;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        float value = to_float(x[c]) - shift;
        y[c] = from_float<T>(LOG ? value : expf(value) * factor);
    }
}

// dx = y (dy - sum dy y), or dy - e^y sum dy.
template <bool LOG, class T>
__device__ __forceinline__ void softmax_backward(const T* y, const T* dy, T* dx, int rows, int channels) {
    int row = own_row();
    if (row >= rows) return;
    y += (size_t)row * channels;
    dy += (size_t)row * channels;
    dx += (size_t)row * channels;
    float sum = 0.0f;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) sum += to_float(dy[c]) * (LOG ? 1.0f : to_float(y[c]));
    sum = row_reduce<Sum>(sum);
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        float result = to_float(y[c]), gradient = to_float(dy[c]);
        dx[c] = from_float<T>(LOG ? gradient - expf(result) * sum : result * (gradient - sum));
    }
}

// ------------------------------------------------------------------------------------------------ layer normalisation

// y = (s - mean) rstd w + b, rstd = 1 / sqrt(var + eps) with the biased variance, as the mean of squared differences, which
// keeps its digits when the mean is large. s is in memory.
template <class T>
__device__ __forceinline__ void normalise(const T* s, const float* w, const float* b, T* y, float* mean_of,
                                          float* rstd_of, int row, int channels, float eps) {
    float sum = 0.0f;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) sum += to_float(s[c]);
    float mean = row_reduce<Sum>(sum) / channels;
    float squares = 0.0f;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        float difference = to_float(s[c]) - mean;
        squares += difference * difference;
    }
    float rstd = 1.0f / sqrtf(row_reduce<Sum>(squares) / channels + eps);
    for (int c = threadIdx.x; c < channels; c += blockDim.x)
        y[c] = from_float<T>((to_float(s[c]) - mean) * rstd * w[c] + b[c]);
    if (threadIdx.x == 0) {
        mean_of[row] = mean;
        rstd_of[row] = rstd;
    }
}

template <class T>
__device__ __forceinline__ void layer_norm(const T* x, const float* w, const float* b, T* y, float* mean, float* rstd,
                                           int rows, int channels, float eps) {
    int row = own_row();
    if (row >= rows) return;
    size_t first = (size_t)row * channels;
    normalise(x + first, w, b, y + first, mean, rstd, row, channels, eps);
}

// s = x + dropout(r), then as above; a thread reads back only what it has written itself.
template <class T>
__device__ __forceinline__ void layer_norm_residual(const T* x, const T* r, const float* w, const float* b, T* y, T* s,
                                                    float* mean, float* rstd, int rows, int channels, float eps, const DropoutMask& mask) {
    int row = own_row();
    if (row >= rows) return;
    size_t first = (size_t)row * channels;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        size_t i = first + c;
        s[i] = from_float<T>(to_float(x[i]) + drop_at(mask, (unsigned)i, to_float(r[i])));
    }
    normalise(s + first, w, b, y + first, mean, rstd, row, channels, eps);
}

// With n = (x - mean) rstd and g = w dy: dx = rstd (g - mean(g) - n mean(g n)).
template <class T>
__device__ __forceinline__ void layer_norm_backward(const T* x, const float* w, const float* mean_of, const float* rstd_of,
                                                    const T* dy, T* dx, int rows, int channels) {
    int row = own_row();
    if (row >= rows) return;
    x += (size_t)row * channels;
    dy += (size_t)row * channels;
    dx += (size_t)row * channels;
    float mean = mean_of[row], rstd = rstd_of[row], sum_g = 0.0f, sum_gn = 0.0f;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        float g = w[c] * to_float(dy[c]);
        sum_g += g;
        sum_gn += g * (to_float(x[c]) - mean) * rstd;
    }
    float mean_g = row_reduce<Sum>(sum_g) / channels, mean_gn = row_reduce<Sum>(sum_gn) / channels;
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        float n = (to_float(x[c]) - mean) * rstd;
        dx[c] = from_float<T>(rstd * (w[c] * to_float(dy[c]) - mean_g - n * mean_gn));
    }
}

// Parts of dw = sum dy n and db = sum dy over the rows of a chunk, (chunks, channels) each; a reduction adds them up.
// Geometry: grid (chunks, ceil(channels / 32)), 32 x 8 threads, x along channels, y along rows.
template <class T>
__device__ __forceinline__ void layer_norm_parameters(const T* x, const float* mean, const float* rstd, const T* dy,
                                                      float* dw, float* db, int rows, int channels, int chunk) {
    __shared__ float parts_w[8][33], parts_b[8][33];
    int channel = blockIdx.y * 32 + threadIdx.x;
    int begin = blockIdx.x * chunk, end = min(rows, begin + chunk);
    float sum_w = 0.0f, sum_b = 0.0f;
    if (channel < channels)
        for (int row = begin + threadIdx.y; row < end; row += blockDim.y) {
            size_t i = (size_t)row * channels + channel;
            float gradient = to_float(dy[i]);
            sum_w += gradient * (to_float(x[i]) - mean[row]) * rstd[row];
            sum_b += gradient;
        }
    parts_w[threadIdx.y][threadIdx.x] = sum_w;
    parts_b[threadIdx.y][threadIdx.x] = sum_b;
    __syncthreads();
    if (threadIdx.y == 0 && channel < channels) {
        for (int k = 1; k < 8; k++) {
            sum_w += parts_w[k][threadIdx.x];
            sum_b += parts_b[k][threadIdx.x];
        }
        dw[(size_t)blockIdx.x * channels + channel] = sum_w;
        db[(size_t)blockIdx.x * channels + channel] = sum_b;
    }
}

#define NORMALISATION(T)                                                                                              \
    extern "C" __global__ void softmax_##T(const T* x, T* y, int rows, int channels) {                                \
        softmax<false>(x, y, rows, channels);                                                                         \
    }                                                                                                                 \
    extern "C" __global__ void log_softmax_##T(const T* x, T* y, int rows, int channels) {                            \
        softmax<true>(x, y, rows, channels);                                                                          \
    }                                                                                                                 \
    extern "C" __global__ void softmax_backward_##T(const T* y, const T* dy, T* dx, int rows, int channels) {         \
        softmax_backward<false>(y, dy, dx, rows, channels);                                                           \
    }                                                                                                                 \
    extern "C" __global__ void log_softmax_backward_##T(const T* y, const T* dy, T* dx, int rows, int channels) {     \
        softmax_backward<true>(y, dy, dx, rows, channels);                                                            \
    }                                                                                                                 \
    extern "C" __global__ void layer_norm_##T(const T* x, const float* w, const float* b, T* y, float* mean,          \
                                              float* rstd, int rows, int channels, float eps) {                       \
        layer_norm(x, w, b, y, mean, rstd, rows, channels, eps);                                                      \
    }                                                                                                                 \
    extern "C" __global__ void layer_norm_residual_##T(const T* x, const T* r, const float* w, const float* b, T* y,  \
                                                       T* s, float* mean, float* rstd, int rows, int channels,        \
                                                       float eps, DropoutMask mask) {                                 \
        layer_norm_residual(x, r, w, b, y, s, mean, rstd, rows, channels, eps, mask);                                 \
    }                                                                                                                 \
    extern "C" __global__ void layer_norm_backward_##T(const T* x, const float* w, const float* mean,                 \
                                                       const float* rstd, const T* dy, T* dx, int rows, int channels) {               \
        layer_norm_backward(x, w, mean, rstd, dy, dx, rows, channels);                                                \
    }                                                                                                                 \
    extern "C" __global__ void layer_norm_parameters_##T(const T* x, const float* mean, const float* rstd,            \
                                                         const T* dy, float* dw, float* db, int rows, int channels, int chunk) {   \
        layer_norm_parameters(x, mean, rstd, dy, dw, db, rows, channels, chunk);                                      \
    }
FOR_FLOATING(NORMALISATION)
