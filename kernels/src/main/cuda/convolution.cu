// Two-dimensional convolution as matrix products whose operand, the matrix of all patches, is never written: a tile of it is
// gathered from the channels-last image on the way into shared memory. x (B, H, W, C_in), w (C_out, C_in, KH, KW),
// y (B, H', W', C_out); P pixels of the result of an image, of all images B P.
//
//   forward           y (B P, C_out)          = patches of x (B P, KH KW C_in)  w (KH KW C_in, C_out)
//   input gradient    dx (B H W, C_in)        = patches of dy (B H W, KH KW C_out)  w (KH KW C_out, C_in)
//   weight gradient   dw (C_out, KH KW C_in)  = dy (B P, C_out)^T  patches of x (B P, KH KW C_in)
//
// Within a patch channels are innermost, as they are in memory, so a launch before the first two puts the weights in the same
// order. The weight gradient has few results and long sums: each block sums a chunk of pixels, and one more launch adds the
// chunks up in their order, so results are the same each time.
//
// Geometry: 256 threads a block and the tiles of tile.cuh, 128 x 128, or 64 x 64 for up to 64 channels, for few blocks, and for
// halves; grid: tiles, those of one row of C side by side, so that they find their patches in the cache; for the weight
// gradient (tiles, chunks). The launches that reorder have one element a thread.
//
// Cost: each direction 2 B P C_out C_in KH KW operations; bytes, at the least, x and y once. With C channels in and out and a
// kernel of 3 x 3 that is 9 C / w operations a byte, so arithmetic is the limit, except for the first layer (C_in = 1), where
// the bytes of y are. One channel fills a tile's step of 16 with 9 products: the waste is less than what memory takes. What is
// gathered costs ten integer operations an element, so 0.6 of the F32 peak is expected where a matrix product reaches 0.7.
#include "common.cuh"
#include "patches.cuh"
#include "tile.cuh"

// ------------------------------------------------------------------------------------------------ gathering

// Tiles of patches with k innermost: a thread has the same few pixels in all steps, and one tap in each.
template <class T, int ROWS, int BK, bool GRADIENT>
struct PatchReader : TileBuffer<ROWS, BK, true> {
    enum { COUNT = TileBuffer<ROWS, BK, true>::COUNT };
    const T* x;
    const Geometry& g;
    Tap tap;
    Patches<COUNT, GRADIENT> patches;

    __device__ __forceinline__ PatchReader(const T* x, int row0, const Geometry& g) : x(x), g(g), tap(this->k_of(0), g) {
#pragma unroll
        for (int i = 0; i < COUNT; i++) patches.set(i, row0 + this->row_of(i), g);
    }
    __device__ __forceinline__ void read(int) {
#pragma unroll
        for (int i = 0; i < COUNT; i++) {
            size_t at = patches.position(i, tap, g);
            this->values[i] = at == OUTSIDE ? 0.0f : to_float(x[at]);
        }
        tap.advance(BK, g);
    }
};

// Tiles of patches with pixels along k, those in [begin, end): a thread has the same tap in all steps, so neighbouring threads
// read neighbouring channels.
template <class T, int ROWS, int BK>
struct PixelReader : TileBuffer<ROWS, BK, false> {
    const T* x;
    const Geometry& g;
    Tap tap;
    Pixel pixel;
    int left;

    __device__ __forceinline__ PixelReader(const T* x, int row0, int begin, int end, const Geometry& g)
        : x(x), g(g), tap(row0 + this->row_of(0), g), pixel(begin + this->k_of(0), g), left(end - begin - this->k_of(0)) {}

    __device__ __forceinline__ void read(int) {
#pragma unroll
        for (int i = 0; i < this->COUNT; i++) {
            size_t at = left > 0 ? position(pixel, tap, g) : OUTSIDE;
            this->values[i] = at == OUTSIDE ? 0.0f : to_float(x[at]);
            pixel.advance(TILE_THREADS / ROWS, g);
            left -= TILE_THREADS / ROWS;
        }
    }
};

// ------------------------------------------------------------------------------------------------ products

// With w as (C_out, KH KW C_in), or for the gradient (KH KW C_out, C_in).
template <bool GRADIENT, int BM, int BN, int BK, int TM, int TN, class T>
__device__ __forceinline__ void convolution(const T* x, const T* w, T* y, const Geometry& g) {
    int across = (g.out_channels + BN - 1) / BN;
    int row0 = blockIdx.x / across * BM, column0 = blockIdx.x % across * BN;
    Tile<BM, BN, BK, TM, TN> tile;
    tile.multiply(PatchReader<T, BM, BK, GRADIENT>(x, row0, g),
                  MatrixReader<T, BN, BK, !GRADIENT>(w, column0, g.out_channels, g.patch()), g.patch());
    tile.finish(row0, column0, g.pixels(), g.out_channels, [&](int row, int column, float value) {
        y[(size_t)row * g.out_channels + column] = from_float<T>(value);
    });
}

// parts (chunks, C_out, KH KW C_in), each summed over its chunk of pixels.
template <int BM, int BN, int BK, int TM, int TN, class T>
__device__ __forceinline__ void weight_gradient(const T* x, const T* dy, float* parts, const Geometry& g, int chunk) {
    int across = (g.patch() + BN - 1) / BN;
    int row0 = blockIdx.x / across * BM, column0 = blockIdx.x % across * BN;
    int begin = blockIdx.y * chunk, length = min(chunk, g.pixels() - begin);
    Tile<BM, BN, BK, TM, TN> tile;
    tile.multiply(MatrixReader<T, BM, BK, false>(dy + (size_t)begin * g.out_channels, row0, g.out_channels, length),
                  PixelReader<T, BN, BK>(x, column0, begin, begin + length, g), length);
    tile.finish(row0, column0, g.out_channels, g.patch(), [&](int row, int column, float value) {
        parts[((size_t)blockIdx.y * g.out_channels + row) * g.patch() + column] = value;
    });
}

// ------------------------------------------------------------------------------------------------ the order of weights

// The element of (C_out, C_in, taps) for a place in (C_out, taps, C_in), or with TAPS_FIRST in (taps, C_out, C_in).
template <bool TAPS_FIRST>
__device__ __forceinline__ size_t weight_at(unsigned i, int outputs, int inputs, int taps) {
    unsigned input = i % inputs, rest = i / inputs;
    unsigned output = TAPS_FIRST ? rest % outputs : rest / taps, tap = TAPS_FIRST ? rest / outputs : rest % taps;
    return ((size_t)output * inputs + input) * taps + tap;
}

template <bool TAPS_FIRST, class T>
__device__ __forceinline__ void arrange(const T* w, T* y, unsigned n, int outputs, int inputs, int taps) {
    size_t i = thread_index();
    if (i < n) y[i] = w[weight_at<TAPS_FIRST>((unsigned)i, outputs, inputs, taps)];
}

// The chunks' sums, back in the order of the weights.
template <class T>
__device__ __forceinline__ void sum_parts(const float* parts, T* dw, unsigned n, int outputs, int inputs, int taps, int chunks) {
    size_t i = thread_index();
    if (i >= n) return;
    float sum = 0.0f;
#pragma unroll 4
    for (int chunk = 0; chunk < chunks; chunk++) sum += parts[(size_t)chunk * n + i];
    dw[weight_at<false>((unsigned)i, outputs, inputs, taps)] = from_float<T>(sum);
}

// ------------------------------------------------------------------------------------------------ entries

#define ENTRY extern "C" __global__ void __launch_bounds__(TILE_THREADS)

// Named by the direction, the tile and the type.
#define PRODUCTS(TILE, T)                                                                                            \
    ENTRY forward_##TILE##_##T(const T* x, const T* w, T* y, Geometry g) {                                           \
        convolution<false, TILE_##TILE>(x, w, y, g);                                                                 \
    }                                                                                                                \
    ENTRY input_gradient_##TILE##_##T(const T* dy, const T* w, T* dx, Geometry g) {                                  \
        convolution<true, TILE_##TILE>(dy, w, dx, g);                                                                \
    }                                                                                                                \
    ENTRY weight_gradient_##TILE##_##T(const T* x, const T* dy, float* parts, Geometry g, int chunk) {               \
        weight_gradient<TILE_##TILE>(x, dy, parts, g, chunk);                                                        \
    }
PRODUCTS(64, f32)
PRODUCTS(128, f32)
PRODUCTS(64, bf16)
PRODUCTS(64, f16)

#define ORDER(T)                                                                                                     \
    extern "C" __global__ void arrange_##T(const T* w, T* y, unsigned n, int outputs, int inputs, int taps) {        \
        arrange<false>(w, y, n, outputs, inputs, taps);                                                              \
    }                                                                                                                \
    extern "C" __global__ void arrange_taps_first_##T(const T* w, T* y, unsigned n, int outputs, int inputs,         \
                                                      int taps) {                                                    \
        arrange<true>(w, y, n, outputs, inputs, taps);                                                               \
    }                                                                                                                \
    extern "C" __global__ void sum_parts_##T(const float* parts, T* dw, unsigned n, int outputs, int inputs,         \
                                             int taps, int chunks) {                                                 \
        sum_parts(parts, dw, n, outputs, inputs, taps, chunks);                                                      \
    }
FOR_FLOATING(ORDER)
