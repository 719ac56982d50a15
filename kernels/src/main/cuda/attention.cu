// Scaled dot-product attention with several heads, forward and backward, in the manner of FlashAttention (Dao et al., arXiv
// 2205.14135): scores exist as tiles in shared memory only. See org.jclap.tensor.op.Attention for the mask and the dropout.
//
// Shapes: q, k, v, y (B, L, E), a head is a slice of width D = E / heads of the last axis; mask (B, L); lse (B, heads, L) F32.
// D is at most 128, padded with zeros to WIDTH = 32, 64 or 128.
//
// Geometry: 256 threads as 16 x 16 own a tile of 16 R rows, thread (ty, tx) rows R ty + i; the other side of the scores
// passes by in tiles of 32, of which a thread has columns tx and tx + 16. Sums along a row are shuffles among 16 lanes.
// Grid: B heads ceil(L / 16 R). R is 4 forward and 2 backward, half of that for D > 64: 30 to 38 KB of shared memory, from
// which operands are read four floats at a time; a warp reads for as long as it multiplies at R = 4, 1.5 times at R = 2.
//
// Forward: 4 L^2 D operations a head; 4 w L D bytes from memory, k and v again for each tile of queries, from the cache.
// Backward in two kernels, which add up what they own in a fixed order, without atomics: per tile of queries dq, and
// delta = dy . y of each row; per tile of keys dk and dv. Probabilities come from the log-sum-exp that forward has left, in
// F32. 14 L^2 D operations a head, where one kernel with atomic sums would need 10. Limited by F32 arithmetic on the
// ordinary cores, of whose peak 0.5 is expected forward and 0.35 backward. Dropout adds a Philox block per score, some 70
// integer operations, in a call, around which the few registers that the table shows as spilled are put aside. Halves of up
// to 64 channels go to tensor_attention.cu on devices that have its instructions.
#include "common.cuh"
#include "heads.cuh"

#define COLUMNS 32           // of a tile of scores

typedef Pack<float, 4> Four;

// ------------------------------------------------------------------------------------------------ tiles

#define ROW (threadIdx.x / 16)
#define COLUMN (threadIdx.x % 16)

// Rows of a head, the pitch keeps the banks apart.
template <int ROWS, int WIDTH>
struct __align__(16) Tile {
    float at[ROWS][WIDTH + 4];

    // Rows from `first` on; zeros behind the last and beside the head.
    template <class T>
    __device__ __forceinline__ void read(const T* x, int first, const Heads& heads) {
#pragma unroll 2
        for (int e = threadIdx.x; e < ROWS * WIDTH / 4; e += 256) {
            int r = e / (WIDTH / 4), c = e % (WIDTH / 4) * 4;
            Four values = {};
            if (first + r < heads.length && c < heads.width) {
                Pack<T, 4> pack = load<Pack<T, 4>>(x + (size_t)(first + r) * heads.stride(), c, heads.width);
                for (int n = 0; n < 4; n++) values.at[n] = to_float(pack.at[n]);
            }
            *(Four*)&at[r][c] = values;
        }
    }
    __device__ __forceinline__ const Four& four(int row, int column) const { return *(const Four*)&at[row][column]; }
};

// What a thread has of a tile of scores.
template <int R>
struct Scores {
    float at[R][2];
};

// rows . columns
template <int R, int WIDTH>
__device__ __forceinline__ Scores<R> products(const Tile<16 * R, WIDTH>& rows, const Tile<COLUMNS, WIDTH>& columns) {
    Scores<R> s = {};
#pragma unroll 4
    for (int d = 0; d < WIDTH; d += 4) {
        Four b[2] = {columns.four(COLUMN, d), columns.four(COLUMN + 16, d)};
#pragma unroll
        for (int i = 0; i < R; i++) {
            Four a = rows.four(ROW * R + i, d);
#pragma unroll
            for (int j = 0; j < 2; j++)
                s.at[i][j] += a.at[0] * b[j].at[0] + a.at[1] * b[j].at[1] + a.at[2] * b[j].at[2] + a.at[3] * b[j].at[3];
        }
    }
    return s;
}

// What a thread has of the result: R rows, and of the columns every sixteenth group of N.
template <int R, int WIDTH>
struct Sums {
    enum { N = WIDTH < 64 ? WIDTH / 16 : 4, GROUPS = WIDTH / 16 / N };
    float at[R][GROUPS][N];

    __device__ __forceinline__ static int column(int group) { return (group * 16 + COLUMN) * N; }

    // += scores . columns, the scores being those of the own 16 lanes.
    __device__ __forceinline__ void add(const Tile<16 * R, COLUMNS>& scores, const Tile<COLUMNS, WIDTH>& columns) {
#pragma unroll 2
        for (int k = 0; k < COLUMNS; k += 4) {
            Four p[R];
#pragma unroll
            for (int i = 0; i < R; i++) p[i] = scores.four(ROW * R + i, k);
#pragma unroll
            for (int m = 0; m < 4; m++)
#pragma unroll
                for (int g = 0; g < GROUPS; g++) {
                    Pack<float, N> values = *(const Pack<float, N>*)&columns.at[k + m][column(g)];
#pragma unroll
                    for (int i = 0; i < R; i++)
#pragma unroll
                        for (int n = 0; n < N; n++) at[i][g][n] += p[i].at[m] * values.at[n];
                }
        }
    }

    __device__ __forceinline__ void scale(int i, float factor) {
        for (int g = 0; g < GROUPS; g++)
            for (int n = 0; n < N; n++) at[i][g][n] *= factor;
    }

    template <class T>
    __device__ __forceinline__ void write(T* y, int first, const Heads& heads) const {
#pragma unroll
        for (int i = 0; i < R; i++) {
            int row = first + ROW * R + i;
            if (row < heads.length)
                for (int g = 0; g < GROUPS; g++)
                    for (int n = 0; n < N; n++)
                        if (column(g) + n < heads.width)
                            y[(size_t)row * heads.stride() + column(g) + n] = from_float<T>(at[i][g][n]);
        }
    }
};

// Over the 16 lanes that share a row.
template <class Op>
__device__ __forceinline__ float sixteen(float x) {
    for (int distance = 8; distance > 0; distance >>= 1)
        x = Op::combine(x, __shfl_xor_sync(ALL_LANES, x, distance));
    return x;
}

// ------------------------------------------------------------------------------------------------ softmax

template <class T>
__device__ __forceinline__ float score(float product, const T* mask, int key, const Heads& heads) {
    return score(product, mask_at(mask, key, heads), key, heads);
}

// The largest score of each row so far, and the sum of exponentials relative to it.
template <int R>
struct RunningSums {
    float top[R], total[R];

    __device__ __forceinline__ RunningSums() {
        for (int i = 0; i < R; i++) {
            top[i] = -INFINITY;
            total[i] = 0.0f;
        }
    }

    // Turns scores of row i into exponentials; returns what earlier ones have to be multiplied by.
    __device__ __forceinline__ float add(int i, float* s) {
        float next = Max::combine(top[i], sixteen<Max>(Max::combine(s[0], s[1])));
        float shrink = expf(top[i] - next);
        for (int j = 0; j < 2; j++) s[j] = expf(s[j] - next);
        total[i] = total[i] * shrink + sixteen<Sum>(s[0] + s[1]);
        top[i] = next;
        return shrink;
    }
};

// ------------------------------------------------------------------------------------------------ forward

template <int R, int WIDTH, class T>
__device__ __forceinline__ void attention(const T* q, const T* k, const T* v, const T* mask, T* y, float* lse,
                                          const Heads& heads, const DropoutMask& dropout) {
    __shared__ Tile<16 * R, WIDTH> queries;
    __shared__ Tile<COLUMNS, WIDTH> columns;
    __shared__ Tile<16 * R, COLUMNS> p;
    int tiles = (heads.length + 16 * R - 1) / (16 * R);
    int head = blockIdx.x / tiles, first = blockIdx.x % tiles * 16 * R;
    size_t start = heads.start(head);
    mask += heads.keys(head);
    queries.read(q + start, first, heads);
    RunningSums<R> sums;
    Sums<R, WIDTH> result = {};
    for (int key0 = 0; key0 < heads.length; key0 += COLUMNS) {
        __syncthreads();
        columns.read(k + start, key0, heads);
        __syncthreads();
        Scores<R> s = products<R, WIDTH>(queries, columns);
#pragma unroll
        for (int i = 0; i < R; i++) {
            int row = ROW * R + i;
            for (int j = 0; j < 2; j++)
                s.at[i][j] = score(s.at[i][j], mask, key0 + COLUMN + 16 * j, heads);
            result.scale(i, sums.add(i, s.at[i]));
            for (int j = 0; j < 2; j++) {
                int column = COLUMN + 16 * j;
                p.at[row][column] = dropped(factor(dropout, heads.element(head, first + row, key0 + column)), s.at[i][j]);
            }
        }
        __syncthreads();
        columns.read(v + start, key0, heads);
        __syncthreads();
        result.add(p, columns);
    }
#pragma unroll
    for (int i = 0; i < R; i++) {
        int row = first + ROW * R + i;
        result.scale(i, 1.0f / sums.total[i]);
        if (row < heads.length && COLUMN == 0)
            lse[(size_t)head * heads.length + row] = sums.top[i] + logf(sums.total[i]);
    }
    result.write(y + start, first, heads);
}

// ------------------------------------------------------------------------------------------------ backward

// dq = scale dS k, and delta of each row.
template <int R, int WIDTH, class T>
__device__ __forceinline__ void attention_queries(const T* q, const T* k, const T* v, const T* mask, const T* y,
                                                  const float* lse, const T* dy, T* dq, float* deltas,
                                                  const Heads& heads, const DropoutMask& dropout) {
    __shared__ Tile<16 * R, WIDTH> queries, gradients;
    __shared__ Tile<COLUMNS, WIDTH> columns;
    __shared__ Tile<16 * R, COLUMNS> ds;
    int tiles = (heads.length + 16 * R - 1) / (16 * R);
    int head = blockIdx.x / tiles, first = blockIdx.x % tiles * 16 * R;
    size_t start = heads.start(head);
    mask += heads.keys(head);
    lse += (size_t)head * heads.length;
    deltas += (size_t)head * heads.length;
    queries.read(q + start, first, heads);
    gradients.read(dy + start, first, heads);
    __syncthreads();
    float delta[R], log_sum[R];
#pragma unroll
    for (int i = 0; i < R; i++) {
        int row = ROW * R + i;
        bool inside = first + row < heads.length;
        float sum = 0.0f;
        if (inside)
            for (int c = COLUMN; c < heads.width; c += 16)
                sum += gradients.at[row][c] * to_float(y[start + (size_t)(first + row) * heads.stride() + c]);
        delta[i] = sixteen<Sum>(sum);
        log_sum[i] = inside ? lse[first + row] : INFINITY;
        if (inside && COLUMN == 0) deltas[first + row] = delta[i];
    }
    Sums<R, WIDTH> result = {};
    for (int key0 = 0; key0 < heads.length; key0 += COLUMNS) {
        __syncthreads();
        columns.read(k + start, key0, heads);
        __syncthreads();
        Scores<R> s = products<R, WIDTH>(queries, columns);
        __syncthreads();
        columns.read(v + start, key0, heads);
        __syncthreads();
        Scores<R> dp = products<R, WIDTH>(gradients, columns);
#pragma unroll
        for (int i = 0; i < R; i++)
            for (int j = 0; j < 2; j++) {
                int row = ROW * R + i, column = COLUMN + 16 * j, key = key0 + column;
                bool counts = mask_at(mask, key, heads) != 0.0f;
                float p = probability(s.at[i][j] * heads.scale, log_sum[i], heads);
                float kept = factor(dropout, heads.element(head, first + row, key));
                float gradient = dropped(kept, dp.at[i][j]) - delta[i];
                ds.at[row][column] = counts ? heads.scale * p * gradient : 0.0f;
            }
        __syncthreads();
        columns.read(k + start, key0, heads);
        __syncthreads();
        result.add(ds, columns);
    }
    result.write(dq + start, first, heads);
}

// dk = scale dS^T q and dv = D(P)^T dy: rows of a tile are keys, columns are queries.
template <int R, int WIDTH, class T>
__device__ __forceinline__ void attention_keys(const T* q, const T* k, const T* v, const T* mask,
                                               const float* lse, const T* dy, const float* deltas, T* dk, T* dv,
                                               const Heads& heads, const DropoutMask& dropout) {
    __shared__ Tile<16 * R, WIDTH> keys, values;
    __shared__ Tile<COLUMNS, WIDTH> columns;
    __shared__ Tile<16 * R, COLUMNS> tile;
    int tiles = (heads.length + 16 * R - 1) / (16 * R);
    int head = blockIdx.x / tiles, first = blockIdx.x % tiles * 16 * R;
    size_t start = heads.start(head);
    mask += heads.keys(head);
    lse += (size_t)head * heads.length;
    deltas += (size_t)head * heads.length;
    keys.read(k + start, first, heads);
    values.read(v + start, first, heads);
    Sums<R, WIDTH> sum_k = {}, sum_v = {};
    for (int query0 = 0; query0 < heads.length; query0 += COLUMNS) {
        __syncthreads();
        columns.read(q + start, query0, heads);
        __syncthreads();
        Scores<R> s = products<R, WIDTH>(keys, columns);
        __syncthreads();
        columns.read(dy + start, query0, heads);
        __syncthreads();
        Scores<R> ds = products<R, WIDTH>(values, columns);
#pragma unroll
        for (int j = 0; j < 2; j++) {
            int column = COLUMN + 16 * j, query = query0 + column;
            float log_sum = query < heads.length ? lse[query] : INFINITY;
            float delta = query < heads.length ? deltas[query] : 0.0f;
#pragma unroll
            for (int i = 0; i < R; i++) {
                int key = first + ROW * R + i;
                float p = 0.0f;
                if (query < heads.length && key < heads.length)
                    p = probability(score(s.at[i][j], mask, key, heads), log_sum, heads);
                float kept = factor(dropout, heads.element(head, query, key));
                bool counts = mask_at(mask, key, heads) != 0.0f;
                tile.at[ROW * R + i][column] = dropped(kept, p);
                ds.at[i][j] = counts ? heads.scale * p * (dropped(kept, ds.at[i][j]) - delta) : 0.0f;
            }
        }
        __syncwarp();
        sum_v.add(tile, columns);
        __syncthreads();
#pragma unroll
        for (int i = 0; i < R; i++)
            for (int j = 0; j < 2; j++) tile.at[ROW * R + i][COLUMN + 16 * j] = ds.at[i][j];
        columns.read(q + start, query0, heads);
        __syncthreads();
        sum_k.add(tile, columns);
    }
    sum_k.write(dk + start, first, heads);
    sum_v.write(dv + start, first, heads);
}

// ------------------------------------------------------------------------------------------------ entries

#define ENTRY extern "C" __global__ void __launch_bounds__(256, 2)

// Named by the padded width of a head and the type.
#define ATTENTION(WIDTH, FORWARD, BACKWARD, T)                                                                         \
    ENTRY attention_##WIDTH##_##T(const T* q, const T* k, const T* v, const T* mask, T* y, float* lse, Heads heads,    \
                                  DropoutMask dropout) {                                                               \
        attention<FORWARD, WIDTH>(q, k, v, mask, y, lse, heads, dropout);                                              \
    }                                                                                                                  \
    ENTRY attention_queries_##WIDTH##_##T(const T* q, const T* k, const T* v, const T* mask, const T* y,               \
                                          const float* lse, const T* dy, T* dq, float* deltas, Heads heads,            \
                                          DropoutMask dropout) {                                                       \
        attention_queries<BACKWARD, WIDTH>(q, k, v, mask, y, lse, dy, dq, deltas, heads, dropout);                     \
    }                                                                                                                  \
    ENTRY attention_keys_##WIDTH##_##T(const T* q, const T* k, const T* v, const T* mask, const float* lse,            \
                                       const T* dy, const float* deltas, T* dk, T* dv, Heads heads,                    \
                                       DropoutMask dropout) {                                                          \
        attention_keys<BACKWARD, WIDTH>(q, k, v, mask, lse, dy, deltas, dk, dv, heads, dropout);                       \
    }
#define NARROW(T) ATTENTION(32, 4, 2, T) ATTENTION(64, 4, 2, T)
#define WIDE(T) ATTENTION(128, 2, 1, T)
NARROW(f32)
FOR_FLOATING(WIDE)
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ < 800  // newer devices: tensor_attention.cu
NARROW(bf16)
NARROW(f16)
#endif
