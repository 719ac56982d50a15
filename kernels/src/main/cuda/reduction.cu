// Reductions. A tensor is seen as (outer, n, inner), and n values become one; partial results are F32.
//
//   rows      inner = 1: grid (chunks, outer up to 65535), 256 threads along n, packs of 16 bytes
//   columns   inner > 1: grid (chunks ceil(inner / 32), outer up to 65535), 32 x 8 threads, x along inner, y along n
//   squares   sums of the squares of many tensors: grid of groups.cuh, up to 240 tensors a launch, 256 threads a piece
//
// A chunk is a part of n. With several chunks, a second launch reduces their results (outer, chunks, inner), so that a long
// sum of few results uses the whole device. Chunks depend on the shape alone and every sum has one order: results are the
// same each time. Cost: w bytes and one operation per element read (squares: two); bound by memory, of whose bandwidth rows
// and squares should reach 0.9; columns read 32 w bytes of a line at once, 0.5 of it for halves.
#include "common.cuh"
#include "groups.cuh"
#include "reduce.cuh"

// y (outer, chunks) = scale times the reduction of each chunk.
template <class Op, class T, class R>
__device__ __forceinline__ void rows(const T* x, R* y, int outer, int n, int chunk, float scale) {
    unsigned begin = blockIdx.x * chunk, end = begin + min((unsigned)chunk, n - begin);
    for (int row = blockIdx.y; row < outer; row += gridDim.y) {
        const T* values = x + (size_t)row * n;
        float result = Op::identity();
        for (unsigned i = begin + threadIdx.x * Pack<T>::size; i < end; i += blockDim.x * Pack<T>::size) {
            Pack<T> pack = load<Pack<T>>(values, i, end);
#pragma unroll
            for (int k = 0; k < Pack<T>::size; k++)
                if (i + k < end) result = Op::combine(result, to_float(pack.at[k]));
        }
        result = row_reduce<Op>(result);
        if (threadIdx.x == 0) y[(size_t)row * gridDim.x + blockIdx.x] = from_float<R>(result * scale);
    }
}

// y (outer, chunks, inner) = scale times the reduction of each chunk.
template <class Op, class T, class R>
__device__ __forceinline__ void columns(const T* x, R* y, int outer, int n, int inner, int chunk, float scale) {
    __shared__ float parts[8][33];
    int across = (inner + 31) / 32, chunks = gridDim.x / across, part = blockIdx.x / across;
    unsigned begin = part * chunk, end = begin + min((unsigned)chunk, n - begin);
    int column = blockIdx.x % across * 32 + threadIdx.x;
    for (int image = blockIdx.y; image < outer; image += gridDim.y) {
        float result = Op::identity();
        if (column < inner)
            for (unsigned i = begin + threadIdx.y; i < end; i += blockDim.y)
                result = Op::combine(result, to_float(x[((size_t)image * n + i) * inner + column]));
        parts[threadIdx.y][threadIdx.x] = result;
        __syncthreads();
        if (threadIdx.y == 0 && column < inner) {
            for (int k = 1; k < 8; k++) result = Op::combine(result, parts[k][threadIdx.x]);
            y[((size_t)image * chunks + part) * inner + column] = from_float<R>(result * scale);
        }
        __syncthreads();
    }
}

// parts, one for each block: the sum of the squares of its piece.
template <class T, class Tensors>
__device__ __forceinline__ void squares(const Tensors& tensors, float* parts) {
    int group = tensors.of(blockIdx.x);
    const T* x = (const T*)tensors.address[group][0];
    unsigned begin = (blockIdx.x - tensors.first_block[group]) * PIECE;
    unsigned end = begin + min((unsigned)PIECE, tensors.elements[group] - begin);
    float sum = 0.0f;
#pragma unroll 4
    for (unsigned i = begin + threadIdx.x * Pack<T>::size; i < end; i += 256 * Pack<T>::size) {
        Pack<T> pack = load<Pack<T>>(x, i, end);
#pragma unroll
        for (int k = 0; k < Pack<T>::size; k++) sum += to_float(pack.at[k]) * to_float(pack.at[k]);
    }
    sum = row_reduce<Sum>(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

#define ROWS(NAME, OP, X, Y)                                                                                          \
    extern "C" __global__ void NAME(const X* x, Y* y, int outer, int n, int chunk, float scale) {                     \
        rows<OP>(x, y, outer, n, chunk, scale);                                                                  \
    }
#define COLUMNS(NAME, OP, X, Y)                                                                                       \
    extern "C" __global__ void NAME(const X* x, Y* y, int outer, int n, int inner, int chunk, float scale) {          \
        columns<OP>(x, y, outer, n, inner, chunk, scale);                                                             \
    }
// Named by what is read and what is written: parts are F32.
#define REDUCE_PARTS(T)                                                                                               \
    ROWS(sum_rows_##T##_f32, Sum, T, f32)                                                                             \
    ROWS(max_rows_##T##_f32, Max, T, f32)                                                                             \
    COLUMNS(sum_columns_##T##_f32, Sum, T, f32)                                                                       \
    COLUMNS(max_columns_##T##_f32, Max, T, f32)                                                                       \
    extern "C" __global__ void __launch_bounds__(256)                                                                 \
        squares_##T(const __grid_constant__ Groups<1, 240> tensors, float* parts) {                                   \
        squares<T>(tensors, parts);                                                                                   \
    }
#define REDUCE_HALF(T)                                                                                                \
    ROWS(sum_rows_##T##_##T, Sum, T, T)                                                                               \
    ROWS(max_rows_##T##_##T, Max, T, T)                                                                               \
    COLUMNS(sum_columns_##T##_##T, Sum, T, T)                                                                         \
    COLUMNS(max_columns_##T##_##T, Max, T, T)                                                                         \
    ROWS(sum_rows_f32_##T, Sum, f32, T)                                                                               \
    ROWS(max_rows_f32_##T, Max, f32, T)                                                                               \
    COLUMNS(sum_columns_f32_##T, Sum, f32, T)                                                                         \
    COLUMNS(max_columns_f32_##T, Max, f32, T)
FOR_FLOATING(REDUCE_PARTS)
REDUCE_HALF(bf16)
REDUCE_HALF(f16)

// ------------------------------------------------------------------------------------------------ gradient of the maximum
//
// dy goes to the first largest of n values, the others get 0. Cost: x read, dx written, 2w bytes per element; bound by memory.
//
//   rows      inner = 1: 32 x 8 threads, a warp per row, up to n = 1024; above, 256 threads per row; packs of 16 bytes
//   columns   inner > 1: grid (ceil(inner / 32), outer up to 65535), 32 x 8 threads as for sums; each thread finds the
//             first largest of its part of n, then one row of threads decides
__device__ __forceinline__ bool is_larger(float a, float b) { return a > b || (a != a && b == b); }

struct Largest {
    float value;
    int place;
};
__device__ __forceinline__ Largest first_largest(const Largest& a, const Largest& b) {
    if (is_larger(b.value, a.value)) return b;
    return is_larger(a.value, b.value) || a.place <= b.place ? a : b;
}

__device__ __forceinline__ Largest warp_largest(Largest x) {
    for (int distance = 16; distance > 0; distance >>= 1)
        x = first_largest(x, {__shfl_xor_sync(ALL_LANES, x.value, distance), __shfl_xor_sync(ALL_LANES, x.place, distance)});
    return x;
}

// Over the threads of a row, as row_reduce; every thread has the result.
__device__ __forceinline__ Largest row_largest(Largest x) {
    __shared__ Largest parts[32];
    x = warp_largest(x);
    if (blockDim.x == 32) return x;
    int warps = blockDim.x / 32;
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
    __syncthreads();
    x = parts[threadIdx.x % warps];
    __syncthreads();
    return warp_largest(x);
}

template <class T>
__device__ __forceinline__ void max_backward_rows(const T* x, const T* dy, T* dx, int outer, int n) {
    const int size = Pack<T>::size;
    for (size_t row = blockIdx.x * blockDim.y + threadIdx.y; row < outer; row += gridDim.x * blockDim.y) {
        const T* values = x + row * n;
        Largest largest = {-INFINITY, n};
        for (int i = threadIdx.x * size; i < n; i += blockDim.x * size) {
            Pack<T> pack = load<Pack<T>>(values, i, n);
#pragma unroll
            for (int k = 0; k < size; k++)
                if (i + k < n) largest = first_largest(largest, {to_float(pack.at[k]), i + k});
        }
        int place = row_largest(largest).place;
        T gradient = dy[row];
        for (int i = threadIdx.x * size; i < n; i += blockDim.x * size) {
            Pack<T> pack;
#pragma unroll
            for (int k = 0; k < size; k++) pack.at[k] = i + k == place ? gradient : from_float<T>(0.0f);
            store(dx + row * n, i, n, pack);
        }
    }
}

template <class T>
__device__ __forceinline__ void max_backward(const T* x, const T* dy, T* dx, int outer, int n, int inner) {
    __shared__ float values[8][33];
    __shared__ int places[8][33];
    int column = blockIdx.x * 32 + threadIdx.x;
    for (int image = blockIdx.y; image < outer; image += gridDim.y) {
        size_t first = (size_t)image * n * inner + column;
        int place = threadIdx.y < n ? threadIdx.y : 0;
        if (column < inner) {
            float largest = to_float(x[first + (size_t)place * inner]);
            for (int i = threadIdx.y + blockDim.y; i < n; i += blockDim.y) {
                float value = to_float(x[first + (size_t)i * inner]);
                if (is_larger(value, largest)) largest = value, place = i;
            }
            values[threadIdx.y][threadIdx.x] = largest;
            places[threadIdx.y][threadIdx.x] = place;
        }
        __syncthreads();
        if (column < inner) {
            float largest = values[0][threadIdx.x];
            place = places[0][threadIdx.x];
            for (int k = 1; k < 8; k++) {
                float value = values[k][threadIdx.x];
                int at = places[k][threadIdx.x];
                bool same = !is_larger(value, largest) && !is_larger(largest, value);
                if (is_larger(value, largest) || (same && at < place)) largest = value, place = at;
            }
            T gradient = dy[(size_t)image * inner + column];
            for (int i = threadIdx.y; i < n; i += blockDim.y)
                dx[first + (size_t)i * inner] = i == place ? gradient : from_float<T>(0.0f);
        }
        __syncthreads();
    }
}

#define MAX_BACKWARD(T)                                                                                               \
    extern "C" __global__ void max_backward_##T(const T* x, const T* dy, T* dx, int outer, int n, int inner) {        \
        max_backward(x, dy, dx, outer, n, inner);                                                                     \
    }                                                                                                                 \
    extern "C" __global__ void max_backward_rows_##T(const T* x, const T* dy, T* dx, int outer, int n) {              \
        max_backward_rows(x, dy, dx, outer, n);                                                                       \
    }
FOR_FLOATING(MAX_BACKWARD)
