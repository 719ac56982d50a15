// Convolution on the tensor cores of compute capability 8.0 and newer: of BF16 and F16, and of F32 with factors rounded to TF32
// where the caller allows that. The three products of convolution.cu, which has their shapes, the order of the weights and the
// sum of the chunks, in the tiles of tensor_tile.cuh. Chunks of 8 channels (4 of F32) go from the image to shared memory by
// cp.async, zeros in the padding; where the channels are no multiple of that, as in the first layer (C_in = 1), elements are
// gathered one by one.
//
// Geometry: 128 x 256 by 8 warps, 128 x 128 or 64 x 64 by 4 for few blocks; 256 x 64 by 4 warps for up to 64 channels. Grid
// (tiles), those of one row of C side by side, so that they find their patches in the cache; for the weight gradient (tiles,
// chunks of pixels).
//
// Cost: each direction 2 B P C_out C_in KH KW operations. A tile reads 2 BM KH KW C_in bytes of patches and 2 BN KH KW C_in of weights
// through L2, as a matrix product does, and reaches what that does: 0.7 of the peak are expected for 128 channels and more.
// With up to 64, BM x 64 multiply for (BM + 64) 2 bytes, 51 operations a byte at BM = 256: L2 is the limit, 0.4 of the peak.
#include "common.cuh"
#include "patches.cuh"
#include "mma.cuh"
#include "tensor_tile.cuh"

#if defined(CUDA_EMULATOR) || __CUDA_ARCH__ >= 800

// ------------------------------------------------------------------------------------------------ gathering

// A chunk of neighbours in a patch from element `tap` on, one by one: find(tap) is where one lies.
template <class T, class Find>
__device__ __forceinline__ void gather(T* to, const T* x, Tap tap, const Geometry& g, const Find& find) {
#pragma unroll 1
    for (int j = 0; j < Pack<T>::size; j++) {
        size_t at = find(tap);
        to[j] = at == OUTSIDE ? T{} : x[at];
        tap.advance(1, g);
    }
}

__device__ __forceinline__ bool has_whole_chunks(const void* x, int size, const Geometry& g) {
    return g.channels % size == 0 && (size_t)x % 16 == 0;
}

// Brings stages of patches with k innermost: a thread has the same few pixels in all steps, and one chunk of taps in each.
template <class T, int ROWS, int THREADS, bool GRADIENT>
struct PatchStage : Stage<T, ROWS, true, THREADS> {
    typedef Stage<T, ROWS, true, THREADS> S;
    const T* x;
    const Geometry& g;
    Tap tap;
    Patches<S::COUNT, GRADIENT> patches;
    bool whole;

    __device__ __forceinline__ PatchStage(const T* x, int row0, const Geometry& g)
        : x(x), g(g), tap(S::chunk() * S::EACH, g), whole(has_whole_chunks(x, S::EACH, g)) {
#pragma unroll
        for (int i = 0; i < S::COUNT; i++) patches.set(i, row0 + S::line(i), g);
    }
    __device__ __forceinline__ void bring(AsyncCopies& copies, char* stage, int) {
#pragma unroll
        for (int i = 0; i < S::COUNT; i++) {
            char* to = stage + S::offset(S::line(i), S::chunk());
            if (whole) {
                size_t at = patches.position(i, tap, g);
                copies.copy(to, x + (at == OUTSIDE ? 0 : at), at == OUTSIDE ? 0 : 16);
            } else {
                gather((T*)to, x, tap, g, [&](const Tap& element) { return patches.position(i, element, g); });
            }
        }
        tap.advance(S::DEPTH, g);
    }
};

// Brings stages of patches with pixels along k, those in [begin, end): a thread has the same chunk of taps in all steps.
template <class T, int ROWS, int THREADS>
struct PixelStage : Stage<T, ROWS, false, THREADS> {
    typedef Stage<T, ROWS, false, THREADS> S;
    const T* x;
    const Geometry& g;
    Tap tap;
    Pixel pixel;
    int left;
    bool whole;

    __device__ __forceinline__ PixelStage(const T* x, int row0, int begin, int end, const Geometry& g)
        : x(x), g(g), tap(row0 + S::chunk() * S::EACH, g), pixel(begin + S::line(0), g), left(end - begin - S::line(0)),
          whole(has_whole_chunks(x, S::EACH, g)) {}

    __device__ __forceinline__ void bring(AsyncCopies& copies, char* stage, int) {
#pragma unroll
        for (int i = 0; i < S::COUNT; i++) {
            char* to = stage + S::offset(S::line(i), S::chunk());
            if (whole) {
                size_t at = find(tap);
                copies.copy(to, x + (at == OUTSIDE ? 0 : at), at == OUTSIDE ? 0 : 16);
            } else {
                gather((T*)to, x, tap, g, [&](const Tap& element) { return find(element); });
            }
            pixel.advance(THREADS / S::ACROSS, g);
            left -= THREADS / S::ACROSS;
        }
    }

private:
    __device__ __forceinline__ size_t find(const Tap& element) const {
        return left > 0 ? position(pixel, element, g) : OUTSIDE;
    }
};

// ------------------------------------------------------------------------------------------------ products

// With w as (C_out, KH KW C_in), or for the gradient (KH KW C_out, C_in).
template <bool GRADIENT, int BM, int BN, int WARPS_M, int WARPS_N, class T>
__device__ __forceinline__ void convolution(const T* x, const T* w, T* y, const Geometry& g) {
    typedef TensorTile<BM, BN, WARPS_M, WARPS_N> Tile;
    enum { EACH = Pack<T>::size };
    DYNAMIC_SHARED;
    int across = (g.out_channels + BN - 1) / BN;
    int row0 = blockIdx.x / across * BM, column0 = blockIdx.x % across * BN;
    Tile tile;
    tile.add(PatchStage<T, BM, Tile::THREADS, GRADIENT>(x, row0, g),
             MatrixStage<T, BN, !GRADIENT, Tile::THREADS>(w, column0, g.out_channels, g.patch()), g.patch(), shared);
    tile.template finish<EACH>(shared, row0, column0, g.pixels(), g.out_channels,
                               [&](int row, int column, const Pack<float, EACH>& values) {
                                   Pack<T> pack;
                                   for (int k = 0; k < EACH; k++) pack.at[k] = from_float<T>(values.at[k]);
                                   store(y + (size_t)row * g.out_channels, column, g.out_channels, pack);
                               });
}

// parts (chunks, C_out, KH KW C_in), each summed over its chunk of pixels.
template <int BM, int BN, int WARPS_M, int WARPS_N, class T>
__device__ __forceinline__ void weight_gradient(const T* x, const T* dy, float* parts, const Geometry& g, int chunk) {
    typedef TensorTile<BM, BN, WARPS_M, WARPS_N> Tile;
    typedef Pack<float> Four;
    DYNAMIC_SHARED;
    int across = (g.patch() + BN - 1) / BN;
    int row0 = blockIdx.x / across * BM, column0 = blockIdx.x % across * BN;
    int begin = blockIdx.y * chunk, length = min(chunk, g.pixels() - begin);
    Tile tile;
    tile.add(MatrixStage<T, BM, false, Tile::THREADS>(dy + (size_t)begin * g.out_channels, row0, g.out_channels, length),
             PixelStage<T, BN, Tile::THREADS>(x, column0, begin, begin + length, g), length, shared);
    parts += (size_t)blockIdx.y * g.out_channels * g.patch();
    tile.template finish<Four::size>(shared, row0, column0, g.out_channels, g.patch(),
                                     [&](int row, int column, const Four& values) {
                                         store(parts + (size_t)row * g.patch(), column, g.patch(), values);
                                     });
}

// ------------------------------------------------------------------------------------------------ entries

#define ENTRY(...) extern "C" __global__ void __launch_bounds__(TensorTile<__VA_ARGS__>::THREADS)

// Named by the direction, the tile and the type.
#define TO_PIXELS(TILE, T)                                                                                           \
    ENTRY(TENSOR_##TILE) forward_##TILE##_##T(const T* x, const T* w, T* y, Geometry g) {                            \
        convolution<false, TENSOR_##TILE>(x, w, y, g);                                                               \
    }                                                                                                                \
    ENTRY(TENSOR_##TILE) input_gradient_##TILE##_##T(const T* dy, const T* w, T* dx, Geometry g) {                   \
        convolution<true, TENSOR_##TILE>(dy, w, dx, g);                                                              \
    }
#define TO_WEIGHTS(TILE, T)                                                                                          \
    ENTRY(TENSOR_##TILE)                                                                                             \
    weight_gradient_##TILE##_##T(const T* x, const T* dy, float* parts, Geometry g, int chunk) {                     \
        weight_gradient<TENSOR_##TILE>(x, dy, parts, g, chunk);                                                      \
    }
#define ALL(T) TO_PIXELS(64, T) TO_PIXELS(128, T) TO_WEIGHTS(64, T)
// Those that fragments of F32 leave no registers for.
#define LARGE(T) TO_PIXELS(256, T) TO_PIXELS(tall, T) TO_WEIGHTS(128, T) TO_WEIGHTS(256, T)

typedef f32 tf32;
ALL(bf16)
ALL(f16)
ALL(tf32)
LARGE(bf16)
LARGE(f16)

#endif
