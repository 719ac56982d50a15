// The tile of a matrix product C = A B that one block of 256 threads computes, BM x BN, each thread TM x TN of it. Along K, in
// steps of BK, the tiles of A and B go through shared memory; the next step is already being read into registers while this
// one is multiplied.
#pragma once

// BM, BN, BK, TM, TN
#define TILE_64 64, 64, 16, 4, 4
#define TILE_128 128, 128, 8, 8, 8
#define TILE_THREADS 256

// What a thread holds of a tile that is ROWS long in m or n and BK in k, on its way from memory to shared memory, where the
// tile lies as [k][row]. Neighbouring threads have neighbours in k or in rows, as neighbours in memory are.
template <int ROWS, int BK, bool K_INNERMOST>
struct TileBuffer {
    enum { COUNT = ROWS * BK / TILE_THREADS, PITCH = ROWS + 4 };
    float values[COUNT];

    __device__ __forceinline__ static int row_of(int i) {
        int e = threadIdx.x + i * TILE_THREADS;
        return K_INNERMOST ? e / BK : e % ROWS;
    }
    __device__ __forceinline__ static int k_of(int i) {
        int e = threadIdx.x + i * TILE_THREADS;
        return K_INNERMOST ? e % BK : e / ROWS;
    }
    __device__ __forceinline__ void write(float* tile) const {
#pragma unroll
        for (int i = 0; i < COUNT; i++) tile[k_of(i) * PITCH + row_of(i)] = values[i];
    }
};

// Reads tiles of a matrix (rows, k), or (k, rows) where k is not innermost; zeros behind its ends.
template <class T, int ROWS, int BK, bool K_INNERMOST>
struct MatrixReader : TileBuffer<ROWS, BK, K_INNERMOST> {
    const T* x;
    int row0, rows, k;

    __device__ __forceinline__ MatrixReader(const T* x, int row0, int rows, int k) : x(x), row0(row0), rows(rows), k(k) {}

    __device__ __forceinline__ void read(int k0) {
#pragma unroll
        for (int i = 0; i < this->COUNT; i++) {
            int row = row0 + this->row_of(i), at = k0 + this->k_of(i);
            size_t index = K_INNERMOST ? (size_t)row * k + at : (size_t)at * rows + row;
            this->values[i] = row < rows && at < k ? to_float(x[index]) : 0.0f;
        }
    }
};

template <int BM, int BN, int BK, int TM, int TN>
struct Tile {
    float sum[TM][TN] = {};

    // Where the own part of the tile begins.
    __device__ __forceinline__ static int own_row() { return threadIdx.x / (BN / TN) * TM; }
    __device__ __forceinline__ static int own_column() { return threadIdx.x % (BN / TN) * TN; }

    // Adds A B. Readers are TileBuffers that read(k0) the steps in order.
    template <class A, class B>
    __device__ __forceinline__ void multiply(A a, B b, int depth) {
        __shared__ __align__(16) float tile_a[BK * A::PITCH];
        __shared__ __align__(16) float tile_b[BK * B::PITCH];
        a.read(0);
        b.read(0);
        for (int k0 = 0; k0 < depth; k0 += BK) {
            __syncthreads();
            a.write(tile_a);
            b.write(tile_b);
            __syncthreads();
            if (k0 + BK < depth) {
                a.read(k0 + BK);
                b.read(k0 + BK);
            }
#pragma unroll
            for (int k = 0; k < BK; k++) {
                float column[TM], row[TN];
#pragma unroll
                for (int i = 0; i < TM; i++) column[i] = tile_a[k * A::PITCH + own_row() + i];
#pragma unroll
                for (int j = 0; j < TN; j++) row[j] = tile_b[k * B::PITCH + own_column() + j];
#pragma unroll
                for (int i = 0; i < TM; i++)
#pragma unroll
                    for (int j = 0; j < TN; j++) sum[i][j] += column[i] * row[j];
            }
        }
    }

    // Calls epilogue(row, column, value) for what lies within (rows, columns).
    template <class Epilogue>
    __device__ __forceinline__ void finish(int row0, int column0, int rows, int columns, const Epilogue& epilogue) const {
#pragma unroll
        for (int i = 0; i < TM; i++)
#pragma unroll
            for (int j = 0; j < TN; j++) {
                int row = row0 + own_row() + i, column = column0 + own_column() + j;
                if (row < rows && column < columns) epilogue(row, column, sum[i][j]);
            }
    }
};
