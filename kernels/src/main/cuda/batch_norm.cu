// Batch normalisation of channels-last (rows, channels), each channel over all rows, with a ReLU in the same pass: training,
// inference, and the gradients of training. Rows may be the pixels of images whose result, with ReLU, is average-pooled and
// never stored.
//
// Sums over rows take two stages: 32 x 8 threads, grid (chunks, ceil(channels / 32)), x along channels, y along the rows of a
// chunk; then 32 x 32 threads, grid ceil(channels / 32), over the results of the chunks, (chunks, channels) in F32. Chunks
// depend on the shape alone and every sum has one order: results are the same each time. What then happens to elements: 256
// threads a block, each with one pack of channels (one channel where packs would straddle rows) and every so many rows, so
// that what belongs to a channel is read once a thread. Where the result is pooled, a row of a sum of gradients and of the
// normalisation is a window.
//
// Cost per element of w bytes: training 3w (x for the moments; x and y), inference 2w, backward 5w (x, dy; x, dy, dx), with
// ReLU 7w as y is read twice; with windows of 2 x 2 training 2.25w and backward 3.5w, as y is not read; 3 to 9 operations. All
// are bound by memory, of whose bandwidth the passes over elements should reach 0.9 and the sums, which read an element at a
// time, 0.8 in F32 and 0.5 in halves. What belongs to channels is F32.
#include "windows.cuh"

#define CHANNELS 32  // of one block that sums
#define MAX_LINES 32

__device__ __forceinline__ int own_channel() { return blockIdx.x * CHANNELS + threadIdx.x; }

// ------------------------------------------------------------------------------------------------ moments

// Number, mean and sum of squared deviations from it of some values.
struct Moments {
    float n, mean, squares;
};

// Of both sets together (Chan, Golub, LeVeque, 1983), which keeps its digits when the mean is large.
__device__ __forceinline__ Moments merge(const Moments& a, const Moments& b) {
    float n = a.n + b.n;
    if (n == 0.0f) return a;
    float share = b.n / n, delta = b.mean - a.mean;
    return {n, a.mean + delta * share, a.squares + b.squares + delta * delta * a.n * share};
}

// Of the lines of a block; the first line has the result.
__device__ __forceinline__ Moments merge_lines(Moments own) {
    __shared__ Moments lines[MAX_LINES][CHANNELS + 1];
    lines[threadIdx.y][threadIdx.x] = own;
    __syncthreads();
    if (threadIdx.y == 0)
        for (int k = 1; k < blockDim.y; k++) own = merge(own, lines[k][threadIdx.x]);
    return own;
}

// Of the rows of a chunk. A thread subtracts its first value, so that the squares stay as small as the deviations, and
// nothing is divided before the end.
template <class T>
__device__ __forceinline__ void moments(const T* x, float* means, float* squares, int rows, int channels, int chunk) {
    int channel = blockIdx.y * CHANNELS + threadIdx.x;
    int begin = blockIdx.x * chunk, end = begin + min(chunk, rows - begin);
    begin += threadIdx.y;
    Moments own = {};
    if (channel < channels && begin < end) {
        float first = to_float(x[(size_t)begin * channels + channel]), sum = 0.0f, sum_squares = 0.0f;
#pragma unroll 4
        for (int row = begin; row < end; row += blockDim.y) {
            float deviation = to_float(x[(size_t)row * channels + channel]) - first;
            sum += deviation;
            sum_squares += deviation * deviation;
        }
        own.n = (end - begin + blockDim.y - 1) / blockDim.y;
        float mean = sum / own.n, rest = sum_squares - sum * mean;
        own.mean = first + mean;
        own.squares = rest < 0.0f ? 0.0f : rest;
    }
    own = merge_lines(own);
    if (threadIdx.y == 0 && channel < channels) {
        means[(size_t)blockIdx.x * channels + channel] = own.mean;
        squares[(size_t)blockIdx.x * channels + channel] = own.squares;
    }
}

// The chunks' moments to those of the batch: mean and rstd = 1 / sqrt(biased variance + eps); the running averages move by
// momentum, the variance towards the unbiased one.
__device__ __forceinline__ void statistics(const float* means, const float* squares, float* running_mean,
                                           float* running_variance, float* mean, float* rstd, int rows, int channels,
                                           int chunk, float eps, float momentum) {
    int channel = own_channel();
    Moments own = {};
    if (channel < channels)
        for (int i = threadIdx.y; (i64)i * chunk < rows; i += blockDim.y) {
            size_t at = (size_t)i * channels + channel;
            own = merge(own, {(float)min(chunk, rows - i * chunk), means[at], squares[at]});
        }
    own = merge_lines(own);
    if (threadIdx.y != 0 || channel >= channels) return;
    float factor = 1.0f / sqrtf(own.squares / max(rows, 1) + eps);
    mean[channel] = own.mean;
    rstd[channel] = factor;
    running_mean[channel] = (1.0f - momentum) * running_mean[channel] + momentum * own.mean;
    running_variance[channel] = (1.0f - momentum) * running_variance[channel] + momentum * (own.squares / (rows - 1));
}

// ------------------------------------------------------------------------------------------------ normalisation

// The packs of WIDTH elements of one thread: they begin at the same channel, as whole rows lie between them.
template <int WIDTH>
struct Walk {
    size_t first, stride, end;
    int channel;

    __device__ __forceinline__ Walk(int rows, int channels) {
        unsigned packs = channels / WIDTH, walkers = gridDim.x * blockDim.x / packs * packs;
        end = (size_t)rows * channels;
        first = thread_index() < walkers ? thread_index() * WIDTH : end;
        stride = (size_t)walkers * WIDTH;
        channel = thread_index() % packs * WIDTH;
    }
};

__device__ __forceinline__ float rectify(float x, bool relu) { return relu && x < 0.0f ? 0.0f : x; }

// y = (x - mean) rstd w + b for neighbouring channels; rounded the same way wherever it is used, so that backward finds the
// sign of forward.
template <int WIDTH>
struct Map {
    float centre[WIDTH], scale[WIDTH], shift[WIDTH];

    __device__ __forceinline__ void set(int k, float w, float b, float mean, float rstd) {
        centre[k] = mean;
        scale[k] = rstd * w;
        shift[k] = b;
    }

    __device__ __forceinline__ float operator()(int k, float x) const {
        return __fmaf_rn(x - centre[k], scale[k], shift[k]);
    }
};

// y = (x - mean) rstd w + b. With VARIANCE, what is given is the variance, not rstd.
template <int WIDTH, bool VARIANCE, class T>
__device__ __forceinline__ void normalise(const T* x, const float* w, const float* b, const float* mean, const float* spread,
                                          T* y, int rows, int channels, float eps, bool relu) {
    Walk<WIDTH> walk(rows, channels);
    if (walk.first >= walk.end) return;
    Map<WIDTH> map;
    for (int k = 0; k < WIDTH; k++) {
        int c = walk.channel + k;
        map.set(k, w[c], b[c], mean[c], VARIANCE ? 1.0f / sqrtf(spread[c] + eps) : spread[c]);
    }
#pragma unroll 2
    for (size_t i = walk.first; i < walk.end; i += walk.stride) {
        Pack<T, WIDTH> pack = load<Pack<T, WIDTH>>(x, i, walk.end);
        for (int k = 0; k < WIDTH; k++) pack.at[k] = from_float<T>(rectify(map(k, to_float(pack.at[k])), relu));
        store(y, i, walk.end, pack);
    }
}

// The means of windows of max((x - mean) rstd w + b, 0).
template <int WIDTH, class T>
__device__ __forceinline__ void normalise_windows(const T* x, const float* w, const float* b, const float* mean,
                                                  const float* rstd, T* y, int windows, int channels, const Windows& size) {
    Walk<WIDTH> walk(windows, channels);
    if (walk.first >= walk.end) return;
    Map<WIDTH> map;
    for (int k = 0; k < WIDTH; k++) {
        int c = walk.channel + k;
        map.set(k, w[c], b[c], mean[c], rstd[c]);
    }
    float share = size.share();
    for (size_t i = walk.first; i < walk.end; i += walk.stride) {
        float sum[WIDTH] = {};
        for_window((unsigned)i / channels, walk.channel, size, [&](size_t from) {
            Pack<T, WIDTH> pack = load<Pack<T, WIDTH>>(x, from, from + WIDTH);
            for (int k = 0; k < WIDTH; k++) sum[k] += rectify(map(k, to_float(pack.at[k])), true);
        });
        Pack<T, WIDTH> result;
        for (int k = 0; k < WIDTH; k++) result.at[k] = from_float<T>(sum[k] * share);
        store(y, i, walk.end, result);
    }
}

// ------------------------------------------------------------------------------------------------ gradients

// Two sums over the lines of a block; the first line has the results.
__device__ __forceinline__ void sum_lines(float& a, float& b) {
    __shared__ float lines_a[MAX_LINES][CHANNELS + 1], lines_b[MAX_LINES][CHANNELS + 1];
    lines_a[threadIdx.y][threadIdx.x] = a;
    lines_b[threadIdx.y][threadIdx.x] = b;
    __syncthreads();
    if (threadIdx.y == 0)
        for (int k = 1; k < blockDim.y; k++) {
            a += lines_a[k][threadIdx.x];
            b += lines_b[k][threadIdx.x];
        }
}

// The gradient g where it arrives row by row: dy, or 0 where ReLU has stopped it, which y shows.
template <class T>
struct RowGradients {
    const T *x, *y, *dy;
    bool relu;

    // Adds a row's g (x - mean) and g to sums; i is the index of its channel.
    __device__ __forceinline__ void add(int, int, size_t i, float mean, float& sum_gh, float& sum_g) const {
        float g = !relu || to_float(y[i]) > 0.0f ? to_float(dy[i]) : 0.0f;
        sum_gh += g * (to_float(x[i]) - mean);
        sum_g += g;
    }

    // Those of a pack of x.
    template <int WIDTH>
    __device__ __forceinline__ void get(size_t i, size_t end, const Pack<T, WIDTH>&, const Map<WIDTH>&, float* g) const {
        Pack<T, WIDTH> pack = load<Pack<T, WIDTH>>(dy, i, end);
        Pack<T, WIDTH> result = relu ? load<Pack<T, WIDTH>>(y, i, end) : pack;
        for (int k = 0; k < WIDTH; k++) g[k] = !relu || to_float(result.at[k]) > 0.0f ? to_float(pack.at[k]) : 0.0f;
    }
};

// The same where it arrives window by window: a share of dy, or 0 where x is mapped to a result that ReLU stops, and where no
// window is. The map of `add` is that of the thread's channel.
template <class T>
struct WindowGradients {
    const T *x, *dy;
    Windows size;
    Map<1> map;

    __device__ __forceinline__ void add(int window, int channel, size_t i, float mean, float& sum_gh, float& sum_g) const {
        float g = to_float(dy[i]) * size.share();
        for_window(window, channel, size, [&](size_t at) {
            float value = to_float(x[at]);
            if (map(0, value) > 0.0f) {
                sum_gh += g * (value - mean);
                sum_g += g;
            }
        });
    }

    template <int WIDTH>
    __device__ __forceinline__ void get(size_t i, size_t, const Pack<T, WIDTH>& pack, const Map<WIDTH>& own, float* g) const {
        size_t from;
        Pack<T, WIDTH> gradient = {};
        if (covering((unsigned)i / size.channels, (unsigned)i % size.channels, size, from))
            gradient = load<Pack<T, WIDTH>>(dy, from, from + WIDTH);
        for (int k = 0; k < WIDTH; k++)
            g[k] = own(k, to_float(pack.at[k])) > 0.0f ? to_float(gradient.at[k]) * size.share() : 0.0f;
    }
};

// With h = (x - mean) rstd: the sums of g h and of g over the rows of dy of a chunk.
template <class Gradients>
__device__ __forceinline__ void gradient_sums(const Gradients& gradients, const float* mean_of, const float* rstd_of,
                                              float* sums_gh, float* sums_g, int rows, int channels, int chunk) {
    int channel = blockIdx.y * CHANNELS + threadIdx.x;
    int begin = blockIdx.x * chunk, end = begin + min(chunk, rows - begin);
    float sum_gh = 0.0f, sum_g = 0.0f;
    if (channel < channels) {
        float mean = mean_of[channel];
#pragma unroll 4
        for (int row = begin + threadIdx.y; row < end; row += blockDim.y)
            gradients.add(row, channel, (size_t)row * channels + channel, mean, sum_gh, sum_g);
        sum_gh *= rstd_of[channel];
    }
    sum_lines(sum_gh, sum_g);
    if (threadIdx.y != 0 || channel >= channels) return;
    sums_gh[(size_t)blockIdx.x * channels + channel] = sum_gh;
    sums_g[(size_t)blockIdx.x * channels + channel] = sum_g;
}

template <class T>
__device__ __forceinline__ void window_gradient_sums(const T* x, const float* w, const float* b, const float* mean,
                                                     const float* rstd, const T* dy, float* sums_gh, float* sums_g,
                                                     int windows, int channels, int chunk, const Windows& size) {
    int channel = blockIdx.y * CHANNELS + threadIdx.x;
    WindowGradients<T> gradients = {x, dy, size};
    if (channel < channels) gradients.map.set(0, w[channel], b[channel], mean[channel], rstd[channel]);
    gradient_sums(gradients, mean, rstd, sums_gh, sums_g, windows, channels, chunk);
}

// The chunks' sums to dw = sum g h and db = sum g.
__device__ __forceinline__ void parameter_gradients(const float* sums_gh, const float* sums_g, float* dw, float* db,
                                                    int chunks, int channels) {
    int channel = own_channel();
    float sum_gh = 0.0f, sum_g = 0.0f;
    if (channel < channels)
        for (int i = threadIdx.y; i < chunks; i += blockDim.y) {
            sum_gh += sums_gh[(size_t)i * channels + channel];
            sum_g += sums_g[(size_t)i * channels + channel];
        }
    sum_lines(sum_gh, sum_g);
    if (threadIdx.y != 0 || channel >= channels) return;
    dw[channel] = sum_gh;
    db[channel] = sum_g;
}

// dx = w rstd (g - db / rows - h dw / rows). b is null where the gradients do not ask for the map's results.
template <int WIDTH, class T, class Gradients>
__device__ __forceinline__ void input_gradient(const Gradients& gradients, const T* x, const float* w, const float* b,
                                               const float* mean, const float* rstd, const float* dw, const float* db,
                                               T* dx, int rows, int channels) {
    Walk<WIDTH> walk(rows, channels);
    if (walk.first >= walk.end) return;
    Map<WIDTH> map;
    float slope[WIDTH], mean_g[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
        int c = walk.channel + k;
        map.set(k, w[c], b ? b[c] : 0.0f, mean[c], rstd[c]);
        slope[k] = rstd[c] * dw[c] / rows;
        mean_g[k] = db[c] / rows;
    }
    for (size_t i = walk.first; i < walk.end; i += walk.stride) {
        Pack<T, WIDTH> pack = load<Pack<T, WIDTH>>(x, i, walk.end);
        float g[WIDTH];
        gradients.get(i, walk.end, pack, map, g);
        for (int k = 0; k < WIDTH; k++) {
            float deviation = to_float(pack.at[k]) - map.centre[k];
            pack.at[k] = from_float<T>(map.scale[k] * (g[k] - mean_g[k] - deviation * slope[k]));
        }
        store(dx, i, walk.end, pack);
    }
}

// ------------------------------------------------------------------------------------------------ entries

// Packs where they lie within rows.
#define BY_WIDTH(T, CALL)                               \
    if (channels % Pack<T>::size == 0) {                \
        enum { WIDTH = Pack<T>::size };                 \
        CALL;                                           \
    } else {                                            \
        enum { WIDTH = 1 };                             \
        CALL;                                           \
    }

#define ALL_LINES extern "C" __global__ void __launch_bounds__(CHANNELS * MAX_LINES)

ALL_LINES statistics_f32(const float* means, const float* squares, float* running_mean, float* running_variance,
                         float* mean, float* rstd, int rows, int channels, int chunk, float eps, float momentum) {
    statistics(means, squares, running_mean, running_variance, mean, rstd, rows, channels, chunk, eps, momentum);
}

ALL_LINES parameter_gradients_f32(const float* sums_gh, const float* sums_g, float* dw, float* db, int chunks,
                                  int channels) {
    parameter_gradients(sums_gh, sums_g, dw, db, chunks, channels);
}

#define BATCH_NORM(T)                                                                                                 \
    extern "C" __global__ void moments_##T(const T* x, float* means, float* squares, int rows, int channels,          \
                                           int chunk) {                                                               \
        moments(x, means, squares, rows, channels, chunk);                                                            \
    }                                                                                                                 \
    extern "C" __global__ void training_##T(const T* x, const float* w, const float* b, const float* mean,            \
                                            const float* rstd, T* y, int rows, int channels, int relu) {              \
        BY_WIDTH(T, (normalise<WIDTH, false>(x, w, b, mean, rstd, y, rows, channels, 0.0f, relu)))                    \
    }                                                                                                                 \
    extern "C" __global__ void inference_##T(const T* x, const float* w, const float* b, const float* mean,           \
                                             const float* variance, T* y, int rows, int channels, int relu,           \
                                             float eps) {                                                             \
        BY_WIDTH(T, (normalise<WIDTH, true>(x, w, b, mean, variance, y, rows, channels, eps, relu)))                  \
    }                                                                                                                 \
    extern "C" __global__ void pooled_training_##T(const T* x, const float* w, const float* b, const float* mean,     \
                                                   const float* rstd, T* y, int windows, int channels,                \
                                                   Windows size) {                                                    \
        BY_WIDTH(T, (normalise_windows<WIDTH>(x, w, b, mean, rstd, y, windows, channels, size)))                      \
    }                                                                                                                 \
    extern "C" __global__ void gradient_sums_##T(const T* x, const float* mean, const float* rstd, const T* y,        \
                                                 const T* dy, float* sums_gh, float* sums_g, int rows, int channels,  \
                                                 int chunk, int relu) {                                               \
        RowGradients<T> gradients = {x, y, dy, relu != 0};                                                            \
        gradient_sums(gradients, mean, rstd, sums_gh, sums_g, rows, channels, chunk);                                 \
    }                                                                                                                 \
    extern "C" __global__ void pooled_gradient_sums_##T(const T* x, const float* w, const float* b,                   \
                                                        const float* mean, const float* rstd, const T* dy,            \
                                                        float* sums_gh, float* sums_g, int windows, int channels,     \
                                                        int chunk, Windows size) {                                    \
        window_gradient_sums(x, w, b, mean, rstd, dy, sums_gh, sums_g, windows, channels, chunk, size);               \
    }                                                                                                                 \
    extern "C" __global__ void input_gradient_##T(const T* x, const float* w, const float* mean, const float* rstd,   \
                                                  const T* y, const T* dy, const float* dw, const float* db, T* dx,   \
                                                  int rows, int channels, int relu) {                                 \
        RowGradients<T> gradients = {x, y, dy, relu != 0};                                                            \
        BY_WIDTH(T, (input_gradient<WIDTH>(gradients, x, w, nullptr, mean, rstd, dw, db, dx, rows, channels)))        \
    }                                                                                                                 \
    extern "C" __global__ void pooled_input_gradient_##T(const T* x, const float* w, const float* b,                  \
                                                         const float* mean, const float* rstd, const T* dy,           \
                                                         const float* dw, const float* db, T* dx, int rows,           \
                                                         int channels, Windows size) {                                \
        WindowGradients<T> gradients = {x, dy, size};                                                                 \
        BY_WIDTH(T, (input_gradient<WIDTH>(gradients, x, w, b, mean, rstd, dw, db, dx, rows, channels)))              \
    }
FOR_FLOATING(BATCH_NORM)
