// Ops that move elements and change none: Permute, BroadcastTo, Slice, Pad, Concat, Fill. Only the size of an element
// matters, so a kernel serves every type of that size.
//
// All are bound by memory: each element is read once and written once (fill: written), 2w bytes, no arithmetic but addresses.
// Expected are 0.9 of the bandwidth for fill, 0.7 for transpose, and for gather and copy_rows, an element of 4 bytes a thread,
// 0.6; of halves half of that, and less where the innermost stride of what is read is not 1.
#include "common.cuh"

// y[i] = value, n elements. Geometry: as the elementwise family.
template <class T>
__device__ __forceinline__ void fill(T* y, unsigned n, T value) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> pack;
    for (int k = 0; k < pack.size; k++) pack.at[k] = value;
    store(y, i, n, pack);
}

// y = x seen through strides: any permutation, any broadcast. Geometry: 256 threads a block, one element a thread. Writes
// are coalesced; reads are as good as the innermost stride.
template <class T>
__device__ __forceinline__ void gather(const T* x, T* y, unsigned n, const Axes& axes) {
    size_t i = thread_index();
    if (i >= n) return;
    unsigned from, unused;
    locate(axes, (unsigned)i, from, unused);
    y[i] = x[from];
}

// x (batch, rows, columns) to y (batch, columns, rows). Geometry: 32 x 8 threads, grid (tiles, batch up to 65535): a tile of
// 32 x 32 goes through shared memory, so that reads and writes are both coalesced; the 33rd column keeps the banks apart.
#define TILE 32
template <class T>
__device__ __forceinline__ void transpose(const T* x, T* y, int batch, int rows, int columns) {
    __shared__ T tile[TILE][TILE + 1];
    int across = (columns + TILE - 1) / TILE;
    int row0 = blockIdx.x / across * TILE, column0 = blockIdx.x % across * TILE;
    for (int b = blockIdx.y; b < batch; b += gridDim.y) {
        size_t image = (size_t)b * rows * columns;
        int column = column0 + threadIdx.x;
        for (int r = threadIdx.y; r < TILE; r += blockDim.y)
            if (row0 + r < rows && column < columns) tile[r][threadIdx.x] = x[image + (size_t)(row0 + r) * columns + column];
        __syncthreads();
        int row = row0 + threadIdx.x;
        for (int c = threadIdx.y; c < TILE; c += blockDim.y)
            if (column0 + c < columns && row < rows) y[image + (size_t)(column0 + c) * rows + row] = tile[threadIdx.x][c];
        __syncthreads();
    }
}

// Rows of `width` elements from one pitch to another: slices, padding, concatenation. Geometry: 256 threads a block, one
// element a thread.
template <class T>
__device__ __forceinline__ void copy_rows(const T* x, T* y, unsigned n, unsigned width, unsigned pitch_x, unsigned pitch_y) {
    size_t i = thread_index();
    if (i >= n) return;
    size_t row = i / width, column = i % width;
    y[row * pitch_y + column] = x[row * pitch_x + column];
}

#define LAYOUT(SIZE, T)                                                                                                 \
    extern "C" __global__ void fill_##SIZE(T* y, unsigned n, T value) { fill(y, n, value); }                            \
    extern "C" __global__ void gather_##SIZE(const T* x, T* y, unsigned n, const __grid_constant__ Axes axes) { gather(x, y, n, axes); }        \
    extern "C" __global__ void transpose_##SIZE(const T* x, T* y, int batch, int rows, int columns) {                   \
        transpose(x, y, batch, rows, columns);                                                                          \
    }                                                                                                                   \
    extern "C" __global__ void copy_rows_##SIZE(const T* x, T* y, unsigned n, unsigned width, unsigned pitch_x,         \
                                                unsigned pitch_y) {                                                     \
        copy_rows(x, y, n, width, pitch_x, pitch_y);                                                                    \
    }
FOR_SIZES(LAYOUT)
