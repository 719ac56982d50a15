// The contrastive loss between its matrix products, see org.jclap.tensor.op.Contrastive. ContrastiveOps.java computes the
// logits (N, N) in tiles of at most 2048 x 2048, which stay in L2; these kernels reduce a tile, or make its gradient in place.
// No float atomics, and tiles follow each other in the stream: results are the same each time. All is F32, as losses are:
// embeddings of 16 bits are widened before and their gradients rounded after, the loss and the statistics stay as they are.
//
//   rows        a line is a row of the tile, the audio's side: grid (ceil(rows / 8)), 32 x 8 threads, a warp a row
//   columns     a line is a column, the text's side: grid (ceil(columns / 32)), 32 x 32 threads; neighbouring threads read
//               neighbouring columns, then each warp merges one column's 32 parts by way of shared memory
//   gradient    geometry of rows
//   log_sums, finish    a thread a line: grid (ceil(N / 256), 2), y is the side
//
// Cost per element of a tile, hard labels: rows and columns read 4 bytes each for one exponential and 8 operations; the
// gradient reads and writes 4 bytes for 2 exponentials and 15 operations. Soft labels read 4 bytes more a side, with one
// logarithm, and one exponential when softened. Bound by L2; the products before, 2 D operations an element, cost more.
#include "common.cuh"
#include "reduce.cuh"

// rows x columns at (row, column) of the N x N matrix; held row by row without gaps.
struct Tile {
    int row, rows, column, columns, n;
};

// From a product of embeddings to a logit, or to a teacher's similarity over the temperature.
struct Values {
    const float* log_scale;  // s, whose exponential is the factor; null where `factor` is
    float factor, largest;
    __device__ __forceinline__ float scale() const { return log_scale ? expf(*log_scale) : factor; }
};
__device__ __forceinline__ float clamped(float x, float largest) { return x > largest ? largest : x; }

// ------------------------------------------------------------------------------------------------ labels

enum Kind { NONE, HARD, PLAIN, NORMALISED, SOFTENED };

// One side's labels max(0, (1 - beta) I + beta G) in a tile.
struct Labels {
    const float* similarities;  // of the teacher, in this tile
    const float* normalisers;   // of each line
    float beta, inverse_temperature;

    template <Kind KIND>
    __device__ __forceinline__ float at(size_t i, bool diagonal, int line) const {
        if (KIND == NONE) return 0.0f;
        if (KIND == HARD) return diagonal ? 1.0f : 0.0f;
        float g = similarities[i];
        if (KIND == SOFTENED) g = expf(g * inverse_temperature - normalisers[line]);
        float t = beta * g + (diagonal ? 1.0f - beta : 0.0f);
        if (t <= 0.0f) return 0.0f;
        return KIND == NORMALISED ? t / normalisers[line] : t;
    }
};

// ------------------------------------------------------------------------------------------------ forward

// What is gathered along a line of logits S with labels t: the log-sum-exp of S as a maximum and a sum, Σ t, Σ t ln t, Σ t S.
struct Part {
    enum { FIELDS = 5 };
    float max, sum, total, entropy, cross;

    static __device__ __forceinline__ Part empty() { return {-3e38f, 0.0f, 0.0f, 0.0f, 0.0f}; }

    __device__ __forceinline__ void add(float value, float label) {
        bool larger = value > max;
        float ratio = expf(larger ? max - value : value - max);
        sum = larger ? sum * ratio + 1.0f : sum + ratio;
        max = larger ? value : max;
        total += label;
        if (label != 0.0f) {
            entropy += label * logf(label);
            cross += label * value;
        }
    }
    __device__ __forceinline__ void merge(const Part& other) {
        float larger = other.max > max ? other.max : max;
        sum = sum * expf(max - larger) + other.sum * expf(other.max - larger);
        max = larger;
        total += other.total;
        entropy += other.entropy;
        cross += other.cross;
    }
    __device__ __forceinline__ void merge_warp() {
        for (int distance = 16; distance > 0; distance >>= 1)
            merge({__shfl_down_sync(ALL_LANES, max, distance), __shfl_down_sync(ALL_LANES, sum, distance),
                   __shfl_down_sync(ALL_LANES, total, distance), __shfl_down_sync(ALL_LANES, entropy, distance),
                   __shfl_down_sync(ALL_LANES, cross, distance)});
    }
    // From and to (5, N), strides in floats.
    static __device__ __forceinline__ Part read(const float* x, size_t stride) {
        return {x[0], x[stride], x[2 * stride], x[3 * stride], x[4 * stride]};
    }
    __device__ __forceinline__ void write(float* x, size_t stride) const {
        x[0] = max, x[stride] = sum, x[2 * stride] = total, x[3 * stride] = entropy, x[4 * stride] = cross;
    }
};

// lines (5, N): a line's first tile starts it, the others are merged into it.
__device__ __forceinline__ void put(float* lines, int n, int line, const Part& part, int first) {
    Part whole = part;
    if (!first) {
        whole = Part::read(lines + line, n);
        whole.merge(part);
    }
    whole.write(lines + line, n);
}

template <Kind KIND>
__device__ __forceinline__ void rows(const float* x, const Values& values, const Labels& labels, float* lines,
                                     const Tile& tile, int first) {
    int r = blockIdx.x * 8 + threadIdx.y, line = tile.row + r;
    if (r >= tile.rows) return;
    float scale = values.scale();
    Part part = Part::empty();
    for (int c = threadIdx.x; c < tile.columns; c += 32) {
        size_t i = (size_t)r * tile.columns + c;
        part.add(clamped(x[i] * scale, values.largest), labels.at<KIND>(i, line == tile.column + c, line));
    }
    part.merge_warp();
    if (threadIdx.x == 0) put(lines, tile.n, line, part, first);
}

template <Kind KIND>
__device__ __forceinline__ void columns(const float* x, const Values& values, const Labels& labels, float* lines,
                                        const Tile& tile, int first) {
    __shared__ float parts[Part::FIELDS][32][33];
    int c = blockIdx.x * 32 + threadIdx.x;
    float scale = values.scale();
    Part part = Part::empty();
    if (c < tile.columns)
        for (int r = threadIdx.y; r < tile.rows; r += 32) {
            size_t i = (size_t)r * tile.columns + c;
            int line = tile.column + c;
            part.add(clamped(x[i] * scale, values.largest), labels.at<KIND>(i, line == tile.row + r, line));
        }
    part.write(&parts[0][threadIdx.y][threadIdx.x], 32 * 33);
    __syncthreads();
    part = Part::read(&parts[0][threadIdx.x][threadIdx.y], 32 * 33);
    part.merge_warp();
    c = blockIdx.x * 32 + threadIdx.y;
    if (threadIdx.x == 0 && c < tile.columns) put(lines, tile.n, tile.column + c, part, first);
}

#define LINES(NAME, KIND)                                                                                            \
    extern "C" __global__ void rows_##NAME(const float* x, Values values, Labels labels, float* lines, Tile tile,    \
                                           int first) {                                                              \
        rows<KIND>(x, values, labels, lines, tile, first);                                                           \
    }                                                                                                                \
    extern "C" __global__ void __launch_bounds__(1024)                                                               \
        columns_##NAME(const float* x, Values values, Labels labels, float* lines, Tile tile, int first) {           \
        columns<KIND>(x, values, labels, lines, tile, first);                                                        \
    }
LINES(teacher, NONE)
LINES(hard, HARD)
LINES(reference, PLAIN)
LINES(normalised, PLAIN)
LINES(softened, SOFTENED)

// y (2, N): the log-sum-exp of the lines (2, 5, N) of both sides.
extern "C" __global__ void log_sums(const float* lines, float* y, int n) {
    int i = thread_index(), side = blockIdx.y;
    if (i >= n) return;
    Part part = Part::read(lines + (size_t)side * Part::FIELDS * n + i, n);
    y[(size_t)side * n + i] = part.max + logf(part.sum);
}

// statistics (6, N) and the loss of each line (2, N), whose mean is the loss. A line whose labels are all 0 has none.
extern "C" __global__ void finish(const float* lines, const float* teacher_log_sums, float* statistics, float* losses, int n,
                                  Kind kind) {
    int i = thread_index(), side = blockIdx.y;
    if (i >= n) return;
    Part part = Part::read(lines + (size_t)side * Part::FIELDS * n + i, n);
    float log_sum = part.max + logf(part.sum);
    float normaliser = kind == NORMALISED ? part.total : 1.0f;
    bool any = normaliser > 0.0f;
    float total = any ? part.total / normaliser : 0.0f;
    float* stored = statistics + (size_t)side * 3 * n + i;
    stored[0] = log_sum;
    stored[n] = total;
    stored[2 * (size_t)n] = kind == SOFTENED ? teacher_log_sums[(size_t)side * n + i] : normaliser;
    losses[(size_t)side * n + i] =
        any ? (part.entropy - part.cross) / normaliser + total * (log_sum - logf(normaliser)) : 0.0f;
}

// ------------------------------------------------------------------------------------------------ backward

// x becomes the gradient of the products of embeddings: exp(s) dloss / 2N (softmax(S) Σ t - t) of both sides, 0 where the
// clamp was at work. d_log_scale (N) gathers Σ dS S along rows.
template <Kind KIND>
__device__ __forceinline__ void gradient(float* x, const Values& values, const Labels& audio, const Labels& text,
                                         const float* statistics, const float* dloss, float* d_log_scale,
                                         const Tile& tile, int first) {
    int r = blockIdx.x * 8 + threadIdx.y, row = tile.row + r;
    if (r >= tile.rows) return;
    size_t n = tile.n;
    float scale = values.scale(), weight = *dloss / (2.0f * tile.n), sum = 0.0f;
    float row_log_sum = statistics[row], row_total = statistics[n + row];
    for (int c = threadIdx.x; c < tile.columns; c += 32) {
        size_t i = (size_t)r * tile.columns + c;
        int column = tile.column + c;
        float raw = x[i] * scale, value = clamped(raw, values.largest);
        float p = expf(value - row_log_sum) * row_total + expf(value - statistics[3 * n + column]) * statistics[4 * n + column];
        float t = audio.at<KIND>(i, row == column, row) + text.at<KIND>(i, row == column, column);
        float d = raw > values.largest ? 0.0f : (p - t) * weight;
        sum += d * raw;
        x[i] = d * scale;
    }
    sum = warp_reduce<Sum>(sum);
    if (threadIdx.x == 0) d_log_scale[row] = first ? sum : d_log_scale[row] + sum;
}

#define GRADIENT(NAME, KIND)                                                                                         \
    extern "C" __global__ void gradient_##NAME(float* x, Values values, Labels audio, Labels text,                   \
                                               const float* statistics, const float* dloss, float* d_log_scale,      \
                                               Tile tile, int first) {                                               \
        gradient<KIND>(x, values, audio, text, statistics, dloss, d_log_scale, tile, first);                         \
    }
GRADIENT(hard, HARD)
GRADIENT(reference, PLAIN)
GRADIENT(normalised, NORMALISED)
GRADIENT(softened, SOFTENED)
