// Matrix products C = op(A) op(B), row-major, for a batch: MatMul, and Linear with its bias and GELU in the same pass. F32 by
// fused multiply-add on the ordinary cores; halves are widened on the way into shared memory, so this is also what the
// tensor-core kernels are measured against.
//
// Geometry: 256 threads a block compute a tile of C, BM x BN, each thread TM x TN of it: 128 x 128 with 8 x 8, or 64 x 64 with
// 4 x 4 where C is too small to fill the device with the larger, and for halves. Grid (tiles, 1, batch up to 65535), those of
// one column of C side by side. Along K, in steps of BK, the tiles of A and B go through shared memory; the next step is
// already being read into registers while this one is multiplied.
//
// Cost: 2 M N K operations, w (M K ceil(N / BN) + K N ceil(M / BM) + M N) bytes through the caches. Per step of k a thread reads
// TM + TN floats of shared memory for 2 TM TN operations: 4 operations a byte read at 8 x 8. Limited by arithmetic: at
// 128 x 128 the eight warps of a block multiply for 128 cycles of a multiprocessor a step of k and read for some 90 of them,
// at 64 x 64 for 32 and 32, so 0.7 and 0.45 of the F32 peak are expected.
#include "common.cuh"
#include "product.cuh"
#include "tile.cuh"

// ------------------------------------------------------------------------------------------------ epilogues

// What happens to an element of C on its way to memory.
template <class T>
struct Store {
    T* c;
    __device__ __forceinline__ void operator()(size_t at, int, float value) const { c[at] = from_float<T>(value); }
};

template <class T>
struct AddBias {
    T* c;
    const T* bias;
    __device__ __forceinline__ void operator()(size_t at, int column, float value) const {
        c[at] = from_float<T>(value + to_float(bias[column]));
    }
};

// z = C + bias is kept for the backward pass.
template <class T>
struct AddBiasGelu {
    T* y;
    T* z;
    const T* bias;
    __device__ __forceinline__ void operator()(size_t at, int column, float value) const {
        value += to_float(bias[column]);
        z[at] = from_float<T>(value);
        y[at] = from_float<T>(gelu(value));
    }
};

// ------------------------------------------------------------------------------------------------ the product

// A lies (M, K), or (K, M) with TRANSPOSE_A; B lies (K, N), or (N, K) with TRANSPOSE_B.
template <bool TRANSPOSE_A, bool TRANSPOSE_B, int BM, int BN, int BK, int TM, int TN, class T, class Epilogue>
__device__ __forceinline__ void gemm(const T* a, const T* b, const Product& size, const Epilogue& epilogue) {
    int down = (size.m + BM - 1) / BM, row0 = blockIdx.x % down * BM, column0 = blockIdx.x / down * BN;
    for (int z = blockIdx.z; z < size.batch; z += gridDim.z) {
        Tile<BM, BN, BK, TM, TN> tile;
        tile.multiply(MatrixReader<T, BM, BK, !TRANSPOSE_A>(a + z * size.stride_a, row0, size.m, size.k),
                      MatrixReader<T, BN, BK, TRANSPOSE_B>(b + z * size.stride_b, column0, size.n, size.k), size.k);
        tile.finish(row0, column0, size.m, size.n, [&](int row, int column, float value) {
            epilogue(((size_t)z * size.m + row) * size.n + column, column, value);
        });
    }
}

// z (rows, columns) += bias, and y = GELU(z) if asked: what remains to be done where a library has multiplied. Geometry: 256
// threads a block, one pack a thread. Cost: z read and written, y written; 2w or 3w bytes per element, bound by memory.
template <bool GELU, class T>
__device__ __forceinline__ void add_bias(T* y, T* z, const T* bias, unsigned n, unsigned columns) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> sum = load<Pack<T>>(z, i, n), result;
    for (int k = 0; k < sum.size; k++) {
        float value = to_float(sum.at[k]) + to_float(bias[(i + k) % columns]);
        sum.at[k] = from_float<T>(value);
        if (GELU) result.at[k] = from_float<T>(gelu(value));
    }
    store(z, i, n, sum);
    if (GELU) store(y, i, n, result);
}

#define ADD_BIAS(T)                                                                                                  \
    extern "C" __global__ void bias_##T(T* z, const T* bias, unsigned n, unsigned columns) {                         \
        add_bias<false>((T*)nullptr, z, bias, n, columns);                                                           \
    }                                                                                                                \
    extern "C" __global__ void bias_gelu_##T(T* y, T* z, const T* bias, unsigned n, unsigned columns) {              \
        add_bias<true>(y, z, bias, n, columns);                                                                      \
    }
FOR_FLOATING(ADD_BIAS)

// ------------------------------------------------------------------------------------------------ entries

#define ENTRY extern "C" __global__ void __launch_bounds__(256)

// Named by the layouts of A and B, n or t for transposed, the tile and the type.
#define GEMM(LAYOUTS, TA, TB, TILE, T)                                                                               \
    ENTRY gemm_##LAYOUTS##_##TILE##_##T(const T* a, const T* b, T* c, Product size) {                                \
        gemm<TA, TB, TILE_##TILE>(a, b, size, Store<T>{c});                                                          \
    }
#define PRODUCTS(TILE, T)                                                                                            \
    GEMM(nn, false, false, TILE, T)                                                                                  \
    GEMM(nt, false, true, TILE, T)                                                                                   \
    GEMM(tn, true, false, TILE, T)                                                                                   \
    GEMM(tt, true, true, TILE, T)                                                                                    \
    ENTRY linear_##TILE##_##T(const T* x, const T* w, T* y, const T* bias, Product size) {                           \
        gemm<false, true, TILE_##TILE>(x, w, size, AddBias<T>{y, bias});                                             \
    }                                                                                                                \
    ENTRY linear_gelu_##TILE##_##T(const T* x, const T* w, T* y, T* z, const T* bias, Product size) {                \
        gemm<false, true, TILE_##TILE>(x, w, size, AddBiasGelu<T>{y, z, bias});                                      \
    }
PRODUCTS(64, f32)
PRODUCTS(128, f32)
PRODUCTS(64, bf16)
PRODUCTS(64, f16)
