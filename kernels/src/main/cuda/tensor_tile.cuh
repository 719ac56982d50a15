// The tile of a matrix product C = A B that one block computes on tensor cores, BM x BN, each warp ROWS x COLUMNS of it. Along K
// both operands pass through shared memory in stages of 64 bytes a row (32 halves or 16 floats); cp.async fills three stages
// while warps multiply from a fourth, and fragments of the next part of a stage are loaded while those of this one multiply.
//
// Per part of 32 bytes of k a warp of 64 x 64 loads 4 KB for 32 mma of 2048 multiply-adds, 16 of them a byte; shared memory gives
// 128 bytes a cycle. On an A100 (1024 multiply-adds a cycle and multiprocessor) 8 such warps multiply for 512 cycles, load for
// 256 and receive new stages for 96: tensor cores are the limit, and 0.8 of their peak is expected, the rest for barriers,
// the first stages and the last tiles. An H100 issues mma.sync at 0.62 of the rate of its wgmma; with 128 x 256 x 2 / (2 (128 +
// 256)) = 85 operations a byte of L2, which gives some 5.5 TB/s, 470 of 990 TFLOP/s remain: 0.45 is expected.
#pragma once

#define STAGES 4
#define STAGE_BYTES 64  // of a row

// BM, BN, warps along M, warps along N. The mirror of Tile.java.
#define TENSOR_64 64, 64, 2, 2
#define TENSOR_128 128, 128, 2, 2
#define TENSOR_256 128, 256, 2, 4
#define TENSOR_tall 256, 64, 4, 1

// ------------------------------------------------------------------------------------------------ stages

// An operand's stage, ROWS (of m or n) by 64 bytes of k, as chunks of 16 bytes in lines as they are in memory: lines along k,
// or along the rows. Within its line a chunk is turned about so that neither the eight that are written by neighbours nor
// the eight that are loaded together, a column of eight lines, share a bank.
template <class T, int ROWS, bool K_INNERMOST, int THREADS>
struct Stage {
    typedef T Element;
    enum {
        EACH = 16 / sizeof(T),
        DEPTH = STAGE_BYTES / sizeof(T),
        ACROSS = K_INNERMOST ? DEPTH / EACH : ROWS / EACH,  // chunks of a line
        COUNT = ROWS * STAGE_BYTES / 16 / THREADS,          // chunks that a thread brings
        BYTES = ROWS * STAGE_BYTES
    };

    __device__ __forceinline__ static int line(int i) { return threadIdx.x / ACROSS + i * (THREADS / ACROSS); }
    __device__ __forceinline__ static int chunk() { return threadIdx.x % ACROSS; }

    __device__ __forceinline__ static int offset(int line, int chunk) {
        int turn = K_INNERMOST ? line >> 1 & 3 : sizeof(T) == 2 ? line & 7 : (line & 3) << 1;
        return (line * ACROSS + (chunk ^ turn)) * 16;
    }

    // Sixteen rows and 32 bytes of k: a fragment of A, or two of B, whose registers are 0 and 2, and 1 and 3.
    __device__ __forceinline__ static void fragment(unsigned (&r)[4], const char* stage, int row0, int part) {
        int lane = threadIdx.x % 32;
        if constexpr (K_INNERMOST) {
            ldmatrix<false>(r, stage + offset(row0 + lane % 16, part * 2 + lane / 16));
        } else if constexpr (sizeof(T) == 2) {
            ldmatrix<true>(r, stage + offset(part * 16 + lane / 16 * 8 + lane % 8, row0 / 8 + lane / 8 % 2));
        } else {
            // Lanes of a group have four lines, groups two chunks: as turned, all banks.
            for (int i = 0; i < 4; i++) {
                int k = part * 8 + i / 2 * 4 + lane % 4, row = row0 + i % 2 * 8 + lane / 4;
                r[i] = *(const unsigned*)(stage + offset(k, row / 4) + row % 4 * 4);
            }
        }
        if constexpr (sizeof(T) == 4)
            for (int i = 0; i < 4; i++) r[i] = round_tf32(r[i]);
    }
};

// Brings stages of a matrix (rows, k), or (k, rows) where k is not innermost; zeros behind its ends. A matrix whose lines do
// not begin at multiples of 16 bytes is copied element by element.
template <class T, int ROWS, bool K_INNERMOST, int THREADS>
struct MatrixStage : Stage<T, ROWS, K_INNERMOST, THREADS> {
    typedef Stage<T, ROWS, K_INNERMOST, THREADS> S;
    const T* x;
    int row0, rows, k;
    bool aligned;

    __device__ __forceinline__ MatrixStage(const T* x, int row0, int rows, int k)
        : x(x), row0(row0), rows(rows), k(k), aligned((K_INNERMOST ? k : rows) % S::EACH == 0 && is_aligned<Pack<T>>(x)) {}

    __device__ __forceinline__ void bring(AsyncCopies& copies, char* stage, int k0) {
        if (aligned) {
#pragma unroll
            for (int i = 0; i < S::COUNT; i++) {
                const T* from;
                bool inside = find(i, k0, from) > 0;
                copies.copy(stage + S::offset(S::line(i), S::chunk()), inside ? from : x, inside ? 16 : 0);
            }
        } else {
#pragma unroll 1
            for (int i = 0; i < S::COUNT; i++) {
                const T* from;
                int left = find(i, k0, from);
                T* to = (T*)(stage + S::offset(S::line(i), S::chunk()));
#pragma unroll 1
                for (int j = 0; j < S::EACH; j++) to[j] = j < left ? from[j] : T{};
            }
        }
    }

private:
    // Where the own chunk i of a stage begins, and how many elements there are behind that.
    __device__ __forceinline__ int find(int i, int k0, const T*& from) const {
        int along = S::chunk() * S::EACH;
        int row = row0 + (K_INNERMOST ? S::line(i) : along), at = k0 + (K_INNERMOST ? along : S::line(i));
        from = x + (K_INNERMOST ? (size_t)row * k + at : (size_t)at * rows + row);
        return K_INNERMOST ? (row < rows ? k - at : 0) : (at < k ? rows - row : 0);
    }
};

// ------------------------------------------------------------------------------------------------ the tile

template <int BM, int BN, int WARPS_M, int WARPS_N>
struct TensorTile {
    enum {
        THREADS = 32 * WARPS_M * WARPS_N,
        ROWS = BM / WARPS_M,
        COLUMNS = BN / WARPS_N,
        DOWN = ROWS / 16,  // fragments of a warp
        ACROSS = COLUMNS / 8,
        PARTS = STAGE_BYTES / 32
    };
    float sum[DOWN][ACROSS][4] = {};

    __device__ __forceinline__ static int warp_row() { return threadIdx.x / 32 % WARPS_M * ROWS; }
    __device__ __forceinline__ static int warp_column() { return threadIdx.x / 32 / WARPS_M * COLUMNS; }

    // What one part of k needs.
    struct Fragments {
        unsigned a[DOWN][4], b[ACROSS / 2][4];
    };

    template <class A, class B>
    __device__ __forceinline__ static void load(Fragments& f, const char* stage, int part) {
#pragma unroll
        for (int i = 0; i < DOWN; i++) A::fragment(f.a[i], stage, warp_row() + i * 16, part);
#pragma unroll
        for (int j = 0; j < ACROSS / 2; j++) B::fragment(f.b[j], stage + A::BYTES, warp_column() + j * 16, part);
    }

    template <class T>
    __device__ __forceinline__ void multiply(const Fragments& f) {
#pragma unroll
        for (int i = 0; i < DOWN; i++)
#pragma unroll
            for (int j = 0; j < ACROSS; j++) {
                unsigned b[2] = {f.b[j / 2][j % 2], f.b[j / 2][j % 2 + 2]};
                mma<T>(sum[i][j], f.a[i], b);
            }
    }

    // Adds A B. The operands are Stages that bring(copies, stage, k0) in order.
    template <class A, class B>
    __device__ __forceinline__ void add(A a, B b, int depth, char* shared) {
        enum { BOTH = A::BYTES + B::BYTES };
        AsyncCopies copies;
        auto bring = [&](int step) {
            if (step * A::DEPTH < depth) {
                char* stage = shared + step % STAGES * BOTH;
                a.bring(copies, stage, step * A::DEPTH);
                b.bring(copies, stage + A::BYTES, step * A::DEPTH);
            }
            copies.commit();
        };
#pragma unroll 1
        for (int step = 0; step < STAGES - 1; step++) bring(step);
        copies.template wait<STAGES - 2>();
        __syncthreads();
        Fragments fragments[2];
        load<A, B>(fragments[0], shared, 0);
        for (int step = 0; step * A::DEPTH < depth; step++) {
#pragma unroll
            for (int part = 0; part < PARTS; part++) {
                // The next step has come, and nobody reads the one before this any more: its stage is filled anew. What is
                // loaded behind the last step is not used.
                if (part == PARTS - 1) {
                    copies.template wait<STAGES - 2>();
                    __syncthreads();
                }
                int next = step + (part + 1) / PARTS;
                load<A, B>(fragments[(part + 1) % 2], shared + next % STAGES * BOTH, (part + 1) % PARTS);
                if (part == 0) bring(step + STAGES - 1);
                multiply<typename A::Element>(fragments[part % 2]);
            }
        }
    }

    // Calls epilogue(row, column, values) for packs of N neighbours that begin within (rows, columns), COLUMNS of them a line:
    // sums go through shared memory, 16 rows of a warp at a time, so that results are written in whole lines.
    template <int N, class Epilogue>
    __device__ __forceinline__ void finish(char* shared, int row0, int column0, int rows, int columns,
                                           const Epilogue& epilogue) const {
        enum { PITCH = COLUMNS + 8, LANES = COLUMNS / N };
        unsigned lane = threadIdx.x % 32;
        float* slab = (float*)shared + threadIdx.x / 32 * 16 * PITCH;
        float* own = slab + lane / 4 * PITCH + lane % 4 * 2;
        __syncthreads();
#pragma unroll
        for (int i = 0; i < DOWN; i++) {
#pragma unroll
            for (int j = 0; j < ACROSS; j++)
#pragma unroll
                for (int half = 0; half < 2; half++)
                    *(Pack<float, 2>*)(own + half * 8 * PITCH + j * 8) = {sum[i][j][2 * half], sum[i][j][2 * half + 1]};
            __syncwarp();
#pragma unroll 1
            for (unsigned at = lane; at < 16 * LANES; at += 32) {
                int row = row0 + warp_row() + i * 16 + at / LANES, column = column0 + warp_column() + at % LANES * N;
                if (row < rows && column < columns)
                    epilogue(row, column, *(const Pack<float, N>*)(slab + at / LANES * PITCH + at % LANES * N));
            }
            __syncwarp();
        }
        __syncthreads();
    }
};

// Where a block's tile lies among `down` x `across`: in bands of 8 rows of tiles, so that blocks that run together share
// their operands in the cache.
__device__ __forceinline__ void place(unsigned block, unsigned down, unsigned across, int& row, int& column) {
    unsigned first = block / (8 * across) * 8, height = min(down - first, 8u), within = block - first * across;
    row = (int)(first + within % height);
    column = (int)(within / height);
}
