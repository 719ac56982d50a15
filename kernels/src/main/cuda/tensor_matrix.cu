// Matrix products C = op(A) op(B), row-major, for a batch, on the tensor cores of compute capability 8.0 and newer: MatMul, and
// Linear with its bias and GELU in the same pass. BF16 and F16 with sums in F32; F32 with factors rounded to TF32 (10 bits of
// fraction), where the caller allows that.
//
// Geometry: the tiles of tensor_tile.cuh, 128 x 256 by 8 warps; 128 x 128 by 4, or 64 x 64 by 4 where C is too small to fill the
// device with larger ones. Grid (tiles, 1, batch up to 65535); dynamic shared memory 4 x 64 (BM + BN) bytes: 96, 64, 32 KB.
//
// Cost: 2 M N K operations, w (M K ceil(N / BN) + K N ceil(M / BM)) bytes from L2, w (M K + K N + M N) at the least from memory.
// Limited by tensor cores where M, N and K are some hundreds; tensor_tile.cuh says how near.
#include "common.cuh"
#include "product.cuh"
#include "mma.cuh"
#include "tensor_tile.cuh"

#if defined(CUDA_EMULATOR) || __CUDA_ARCH__ >= 800

// y = C + bias; with z, that is kept there for the backward pass, and y is its GELU.
template <class T>
struct Finish {
    enum { EACH = Pack<T>::size };
    T* y;
    T* z;
    const T* bias;
    int columns;

    __device__ __forceinline__ void operator()(size_t row, int column, Pack<float, EACH> values) const {
        if (bias) {
            Pack<T> addend = load<Pack<T>>(bias, column, columns);
            for (int k = 0; k < EACH; k++) values.at[k] += to_float(addend.at[k]);
        }
        if (z) {
            write(z, row, column, values);
            for (int k = 0; k < EACH; k++) values.at[k] = gelu(values.at[k]);
        }
        write(y, row, column, values);
    }
    __device__ __forceinline__ void write(T* to, size_t row, int column, const Pack<float, EACH>& values) const {
        Pack<T> pack;
        for (int k = 0; k < EACH; k++) pack.at[k] = from_float<T>(values.at[k]);
        store(to + row * columns, column, columns, pack);
    }
};

// A lies (M, K), or (K, M) with TRANSPOSE_A; B lies (K, N), or (N, K) with TRANSPOSE_B.
template <bool TRANSPOSE_A, bool TRANSPOSE_B, int BM, int BN, int WARPS_M, int WARPS_N, class T>
__device__ __forceinline__ void gemm(const T* a, const T* b, const Product& size, const Finish<T>& finish) {
    typedef TensorTile<BM, BN, WARPS_M, WARPS_N> Tile;
    enum { EACH = Finish<T>::EACH };
    DYNAMIC_SHARED;
    int row, column;
    place(blockIdx.x, (size.m + BM - 1) / BM, (size.n + BN - 1) / BN, row, column);
    row *= BM;
    column *= BN;
#pragma unroll 1
    for (int z = blockIdx.z; z < size.batch; z += gridDim.z) {
        Tile tile;
        tile.add(MatrixStage<T, BM, !TRANSPOSE_A, Tile::THREADS>(a + z * size.stride_a, row, size.m, size.k),
                 MatrixStage<T, BN, TRANSPOSE_B, Tile::THREADS>(b + z * size.stride_b, column, size.n, size.k), size.k,
                 shared);
        tile.template finish<EACH>(shared, row, column, size.m, size.n, [&](int r, int c, const Pack<float, EACH>& values) {
            finish((size_t)z * size.m + r, c, values);
        });
    }
}

// ------------------------------------------------------------------------------------------------ entries

#define ENTRY(...) extern "C" __global__ void __launch_bounds__(TensorTile<__VA_ARGS__>::THREADS)

// Named by the layouts of A and B, n or t for transposed, the tile and the type.
#define GEMM(LAYOUTS, TA, TB, TILE, T)                                                                               \
    ENTRY(TENSOR_##TILE) gemm_##LAYOUTS##_##TILE##_##T(const T* a, const T* b, T* c, Product size) {                 \
        gemm<TA, TB, TENSOR_##TILE>(a, b, size, Finish<T>{c, nullptr, nullptr, size.n});                             \
    }
// With a null bias and z it is the product of layouts nt.
#define PRODUCTS(TILE, T)                                                                                            \
    GEMM(nn, false, false, TILE, T)                                                                                  \
    GEMM(tn, true, false, TILE, T)                                                                                   \
    ENTRY(TENSOR_##TILE)                                                                                             \
    linear_##TILE##_##T(const T* x, const T* w, T* y, T* z, const T* bias, Product size) {                           \
        gemm<false, true, TENSOR_##TILE>(x, w, size, Finish<T>{y, z, bias, size.n});                                 \
    }
#define ALL(T)              \
    PRODUCTS(64, T)         \
    PRODUCTS(128, T)        \
    GEMM(tt, true, true, 64, T)

typedef f32 tf32;
ALL(bf16)
ALL(f16)
ALL(tf32)
PRODUCTS(256, bf16)
PRODUCTS(256, f16)

#endif
