// Attention of BF16 and F16 on the tensor cores of compute capability 8.0 and newer, for heads of up to 64 channels, padded with
// zeros to WIDTH = 32 or 64: the products of attention.cu, which has shapes and mathematics, in the manner of FlashAttention-2 (Dao,
// arXiv 2307.08691). Probabilities never leave the registers: as mma leaves them, they are factors of the next product, where
// they are rounded to the elements' type.
//
// Geometry: a block owns 64 rows (queries, or keys in attention_keys), each of its 4 warps 16 of them, whose fragments it keeps. The
// other side passes by in tiles of 64 rows of two operands, by cp.async in two stages: 16 KB of shared memory at WIDTH = 32, 32 KB at
// 64. Grid: B heads ceil(L / 64). Lane l of a warp has rows g and g + 8 of the scores, g = l / 4, and of their columns 2t and
// 2t + 1 of each eight, t = l % 4.
//
// Cost: forward 4 L^2 D operations a head, 4 w L D bytes from memory; backward 14 L^2 D, where one kernel with atomic sums would need
// 10, in a fixed order. For L = 100 and D = 64 that is 50 operations a byte: memory is the limit on large devices; for L beyond some
// 500, exponentials, 16 a cycle and multiprocessor beside 4 D operations of tensor cores for each, take as long as the
// products at D = 64, so half of the peak is expected. Dropout adds a Philox block of some 70 integer operations for two scores
// (in attention_keys for each), and is then the limit.
#include "common.cuh"
#include "heads.cuh"
#include "mma.cuh"
#include "head_tile.cuh"

#if defined(CUDA_EMULATOR) || __CUDA_ARCH__ >= 800

// ------------------------------------------------------------------------------------------------ softmax

// Over the 4 lanes that share a row.
template <class Op>
__device__ __forceinline__ float four(float x) {
    x = Op::combine(x, __shfl_xor_sync(ALL_LANES, x, 1));
    return Op::combine(x, __shfl_xor_sync(ALL_LANES, x, 2));
}

// A tile of scores, and for the rows g and g + 8 the largest so far and the sum of exponentials relative to it.
struct RunningSums {
    float top[2] = {-INFINITY, -INFINITY}, total[2] = {0.0f, 0.0f};

    // Turns products into exponentials; `shrink` is what earlier ones have to be multiplied by.
    template <class T>
    __device__ __forceinline__ void add(float (&s)[TILE / 8][4], const T* mask, int key0, const Heads& heads,
                                        float (&shrink)[2]) {
        float next[2] = {top[0], top[1]}, sum[2] = {0.0f, 0.0f};
#pragma unroll
        for (int n = 0; n < TILE / 8; n++)
#pragma unroll
            for (int e = 0; e < 2; e++) {
                int key = key0 + n * 8 + pair() + e;
                float weight = mask_at(mask, key, heads);
#pragma unroll
                for (int half = 0; half < 2; half++) {
                    float& at = s[n][2 * half + e];
                    at = score(at, weight, key, heads);
                    next[half] = Max::combine(next[half], at);
                }
            }
#pragma unroll
        for (int half = 0; half < 2; half++) {
            next[half] = four<Max>(next[half]);
#pragma unroll
            for (int n = 0; n < TILE / 8; n++)
#pragma unroll
                for (int e = 0; e < 2; e++) {
                    float& at = s[n][2 * half + e];
                    at = expf(at - next[half]);
                    sum[half] += at;
                }
            shrink[half] = expf(top[half] - next[half]);
            total[half] = total[half] * shrink[half] + four<Sum>(sum[half]);
            top[half] = next[half];
        }
    }
};

// ------------------------------------------------------------------------------------------------ forward

template <int WIDTH, class T>
__device__ __forceinline__ void attention(const T* q, const T* k, const T* v, const T* mask, T* y, float* lse,
                                          const Heads& heads, const DropoutMask& dropout) {
    __shared__ Stages<T, WIDTH> stages;
    int tiles = (heads.length + TILE - 1) / TILE;
    int head = blockIdx.x / tiles, first = blockIdx.x % tiles * TILE, row = first + warp_row() + group();
    size_t start = heads.start(head);
    mask += heads.keys(head);
    OwnRows<T, WIDTH> queries;
    begin<T, WIDTH>(stages, queries, q + start, nullptr, nullptr, first, heads);
    RunningSums sums;
    Sums<T, WIDTH> result;
    sweep(stages, k + start, v + start, heads,
          [&](const HeadTile<T, WIDTH>& keys, const HeadTile<T, WIDTH>& values, int key0) {
              float s[TILE / 8][4], shrink[2];
#pragma unroll
              for (int n = 0; n < TILE / 8; n += 2) queries.multiply(s + n, keys, n * 8);
              sums.add(s, mask, key0, heads, shrink);
              for (int half = 0; half < 2; half++) result.scale(half, shrink[half]);
#pragma unroll
              for (int n = 0; n < TILE / 8; n += 2) {
                  if (dropout.random) {
#pragma unroll
                      for (int i = 0; i < 4; i++) {
                          float* two = &s[n + i / 2][i % 2 * 2];
                          int key = key0 + (n + i / 2) * 8 + pair();
                          Pack<float, 2> kept = factors(dropout, heads.element(head, row + i % 2 * 8, key));
                          for (int e = 0; e < 2; e++) two[e] = dropped(kept.at[e], two[e]);
                      }
                  }
                  result.add(s + n, values, n * 8);
              }
          });
#pragma unroll
    for (int half = 0; half < 2; half++) {
        result.scale(half, 1.0f / sums.total[half]);
        int query = row + 8 * half;
        if (query < heads.length && pair() == 0)
            lse[(size_t)head * heads.length + query] = sums.top[half] + logf(sums.total[half]);
    }
    result.write(y + start, first, heads);
}

// ------------------------------------------------------------------------------------------------ backward

// dy . y for the rows g and g + 8.
template <int WIDTH, class T>
__device__ __forceinline__ void row_products(float (&sum)[2], const OwnRows<T, WIDTH>& dy, const T* y, int row,
                                             const Heads& heads) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
        sum[half] = 0.0f;
        int width = row + 8 * half < heads.length ? heads.width : 0;
        const T* line = y + (size_t)(row + 8 * half) * heads.stride();
#pragma unroll
        for (int d = 0; d < WIDTH / 8; d++) {
            Pack<T, 2> two = load<Pack<T, 2>>(line, d * 8 + pair(), width);
            unsigned bits = dy.at[d / 2][d % 2 * 2 + half];
            sum[half] += to_float(two.at[0]) * to_float(T{(unsigned short)bits});
            sum[half] += to_float(two.at[1]) * to_float(T{(unsigned short)(bits >> 16)});
        }
        sum[half] = four<Sum>(sum[half]);
    }
}

// dq = scale dS k, and delta of each row.
template <int WIDTH, class T>
__device__ __forceinline__ void attention_queries(const T* q, const T* k, const T* v, const T* mask, const T* y,
                                                  const float* lse, const T* dy, T* dq, float* deltas,
                                                  const Heads& heads, const DropoutMask& dropout) {
    __shared__ Stages<T, WIDTH> stages;
    int tiles = (heads.length + TILE - 1) / TILE;
    int head = blockIdx.x / tiles, first = blockIdx.x % tiles * TILE, row = first + warp_row() + group();
    size_t start = heads.start(head);
    mask += heads.keys(head);
    lse += (size_t)head * heads.length;
    deltas += (size_t)head * heads.length;
    OwnRows<T, WIDTH> queries, gradients;
    begin(stages, queries, q + start, &gradients, dy + start, first, heads);
    float delta[2], log_sum[2];
    row_products<WIDTH>(delta, gradients, y + start, row, heads);
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int query = row + 8 * half;
        log_sum[half] = query < heads.length ? lse[query] : INFINITY;
        if (query < heads.length && pair() == 0) deltas[query] = delta[half];
    }
    Sums<T, WIDTH> result;
    sweep(stages, k + start, v + start, heads,
          [&](const HeadTile<T, WIDTH>& keys, const HeadTile<T, WIDTH>& values, int key0) {
#pragma unroll 1
              for (int n = 0; n < TILE; n += 16) {
                  float s[2][4], ds[2][4];
                  queries.multiply(s, keys, n);
                  gradients.multiply(ds, values, n);
#pragma unroll
                  for (int i = 0; i < 4; i++) {
                      int half = i % 2, key = key0 + n + i / 2 * 8 + pair();
                      Pack<float, 2> kept = factors(dropout, heads.element(head, row + 8 * half, key));
                      for (int e = 0; e < 2; e++) {
                          float p = probability(s[i / 2][2 * half + e] * heads.scale, log_sum[half], heads);
                          float& at = ds[i / 2][2 * half + e];
                          at = mask_at(mask, key + e, heads) == 0.0f
                                   ? 0.0f
                                   : heads.scale * p * (dropped(kept.at[e], at) - delta[half]);
                      }
                  }
                  result.add(ds, keys, n);
              }
          });
    result.write(dq + start, first, heads);
}

// dk = scale dS^T q and dv = D(P)^T dy: rows of a tile are keys, columns are queries.
template <int WIDTH, class T>
__device__ __forceinline__ void attention_keys(const T* q, const T* k, const T* v, const T* mask,
                                               const float* lse, const T* dy, const float* deltas, T* dk, T* dv,
                                               const Heads& heads, const DropoutMask& dropout) {
    __shared__ Stages<T, WIDTH> stages;
    int tiles = (heads.length + TILE - 1) / TILE;
    int head = blockIdx.x / tiles, first = blockIdx.x % tiles * TILE, row = first + warp_row() + group();
    size_t start = heads.start(head);
    mask += heads.keys(head);
    lse += (size_t)head * heads.length;
    deltas += (size_t)head * heads.length;
    OwnRows<T, WIDTH> keys, values;
    begin(stages, keys, k + start, &values, v + start, first, heads);
    float weight[2] = {mask_at(mask, row, heads), mask_at(mask, row + 8, heads)};
    Sums<T, WIDTH> sum_k, sum_v;
    sweep(stages, q + start, dy + start, heads,
          [&](const HeadTile<T, WIDTH>& queries, const HeadTile<T, WIDTH>& gradients, int query0) {
#pragma unroll 1
              for (int n = 0; n < TILE; n += 16) {
                  float s[2][4], ds[2][4];
                  keys.multiply(s, queries, n);
                  values.multiply(ds, gradients, n);
#pragma unroll
                  for (int i = 0; i < 4; i++) {
                      int query = query0 + n + i / 2 * 8 + pair() + i % 2;
                      float log_sum = query < heads.length ? lse[query] : INFINITY;
                      float delta = query < heads.length ? deltas[query] : 0.0f;
#pragma unroll
                      for (int half = 0; half < 2; half++) {
                          int key = row + 8 * half;
                          float& at = s[i / 2][2 * half + i % 2];
                          float& gradient = ds[i / 2][2 * half + i % 2];
                          float p = probability(score(at, weight[half], key, heads), log_sum, heads);
                          float kept = factor(dropout, heads.element(head, query, key));
                          at = dropped(kept, p);
                          gradient = weight[half] == 0.0f
                                         ? 0.0f
                                         : heads.scale * p * (dropped(kept, gradient) - delta);
                      }
                  }
                  sum_v.add(s, gradients, n);
                  sum_k.add(ds, queries, n);
              }
          });
    sum_k.write(dk + start, first, heads);
    sum_v.write(dv + start, first, heads);
}

// ------------------------------------------------------------------------------------------------ entries

#define ENTRY extern "C" __global__ void __launch_bounds__(THREADS)

// Named by the padded width of a head and the type.
#define ATTENTION(WIDTH, T)                                                                                            \
    ENTRY attention_##WIDTH##_##T(const T* q, const T* k, const T* v, const T* mask, T* y, float* lse, Heads heads,    \
                                  DropoutMask dropout) {                                                               \
        attention<WIDTH>(q, k, v, mask, y, lse, heads, dropout);                                                       \
    }                                                                                                                  \
    ENTRY attention_queries_##WIDTH##_##T(const T* q, const T* k, const T* v, const T* mask, const T* y,               \
                                          const float* lse, const T* dy, T* dq, float* deltas, Heads heads,            \
                                          DropoutMask dropout) {                                                       \
        attention_queries<WIDTH>(q, k, v, mask, y, lse, dy, dq, deltas, heads, dropout);                               \
    }                                                                                                                  \
    ENTRY attention_keys_##WIDTH##_##T(const T* q, const T* k, const T* v, const T* mask, const float* lse,            \
                                       const T* dy, const float* deltas, T* dk, T* dv, Heads heads,                    \
                                       DropoutMask dropout) {                                                          \
        attention_keys<WIDTH>(q, k, v, mask, lse, dy, deltas, dk, dv, heads, dropout);                                 \
    }
ATTENTION(32, bf16)
ATTENTION(64, bf16)
ATTENTION(32, f16)
ATTENTION(64, f16)

#endif
