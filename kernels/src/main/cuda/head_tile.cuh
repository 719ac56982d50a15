// Tiles of heads of halves on tensor cores: 64 rows in shared memory, of which each of 4 warps owns 16, and what their fragments
// are multiplied with. Lane l of a warp has rows g and g + 8 of a product, g = l / 4, and of their columns 2t and 2t + 1 of each
// eight, t = l % 4.
#pragma once

#define TILE 64  // rows
#define THREADS 128

// Rows of a head in shared memory, in chunks of 16 bytes that are turned about within their line, so that eight lines of one
// column lie in different banks.
template <class T, int WIDTH>
struct __align__(128) HeadTile {
    enum { ACROSS = WIDTH / 8 };
    char at[TILE * WIDTH * sizeof(T)];

    __device__ __forceinline__ static int offset(int line, int chunk) {
        return (line * ACROSS + (chunk ^ (ACROSS == 4 ? line >> 1 & 3 : line & 7))) * 16;
    }

    // Rows from `first` on, zeros behind the last and beside the head; one by one where chunks do not begin at multiples of 16.
    __device__ __forceinline__ void bring(AsyncCopies& copies, const T* x, int first, const Heads& heads) {
        bool aligned = heads.width % 8 == 0 && (size_t)x % 16 == 0;
        int chunk = threadIdx.x % ACROSS;
#pragma unroll
        for (int line = threadIdx.x / ACROSS; line < TILE; line += THREADS / ACROSS) {
            int left = first + line < heads.length ? heads.width - chunk * 8 : 0;
            const T* from = x + (size_t)(first + line) * heads.stride() + chunk * 8;
            char* to = at + offset(line, chunk);
            if (aligned) {
                copies.copy(to, left > 0 ? from : x, left > 0 ? 16 : 0);
            } else {
#pragma unroll 1
                for (int j = 0; j < 8; j++) ((T*)to)[j] = j < left ? from[j] : T{};
            }
        }
    }
    // Sixteen rows and 16 channels as a fragment of a left factor, or two of a transposed right one.
    __device__ __forceinline__ void rows(unsigned (&r)[4], int row, int channel) const {
        int lane = threadIdx.x % 32;
        ldmatrix<false>(r, at + offset(row + lane % 16, channel / 8 + lane / 16));
    }
    // The same as two fragments of a right factor.
    __device__ __forceinline__ void columns(unsigned (&r)[4], int row, int channel) const {
        int lane = threadIdx.x % 32;
        ldmatrix<true>(r, at + offset(row + lane / 16 * 8 + lane % 8, channel / 8 + lane / 8 % 2));
    }
};

__device__ __forceinline__ int warp_row() { return threadIdx.x / 32 * 16; }
__device__ __forceinline__ int group() { return threadIdx.x % 32 / 4; }
__device__ __forceinline__ int pair() { return threadIdx.x % 4 * 2; }

// The own 16 rows of a tile.
template <class T, int WIDTH>
struct OwnRows {
    unsigned at[WIDTH / 16][4];

    __device__ __forceinline__ void load(const HeadTile<T, WIDTH>& tile) {
#pragma unroll
        for (int d = 0; d < WIDTH / 16; d++) tile.rows(at[d], warp_row(), d * 16);
    }
    // Products with the rows [row, row + 16) of a tile, in two fragments.
    __device__ __forceinline__ void multiply(float (*s)[4], const HeadTile<T, WIDTH>& tile, int row) const {
#pragma unroll
        for (int j = 0; j < 2; j++)
#pragma unroll
            for (int e = 0; e < 4; e++) s[j][e] = 0.0f;
#pragma unroll
        for (int d = 0; d < WIDTH / 16; d++) {
            unsigned r[4];
            tile.rows(r, row, d * 16);
            mma<T>(s[0], at[d], {r[0], r[2]});
            mma<T>(s[1], at[d], {r[1], r[3]});
        }
    }
};

// Two fragments of scores, which are a left factor as they lie.
template <class T>
__device__ __forceinline__ void factor_of(unsigned (&a)[4], const float (*s)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const float* two = &s[i / 2][i % 2 * 2];
        a[i] = from_float<T>(two[0]).bits | (unsigned)from_float<T>(two[1]).bits << 16;
    }
}

// The own rows of a result.
template <class T, int WIDTH>
struct Sums {
    float at[WIDTH / 8][4] = {};

    // += scores (16, 16) times the rows [row, row + 16) of a tile.
    __device__ __forceinline__ void add(const float (*s)[4], const HeadTile<T, WIDTH>& tile, int row) {
        unsigned a[4], r[4];
        factor_of<T>(a, s);
#pragma unroll
        for (int d = 0; d < WIDTH / 16; d++) {
            tile.columns(r, row, d * 16);
            mma<T>(at[2 * d], a, {r[0], r[2]});
            mma<T>(at[2 * d + 1], a, {r[1], r[3]});
        }
    }
    __device__ __forceinline__ void scale(int half, float factor) {
#pragma unroll
        for (int n = 0; n < WIDTH / 8; n++)
            for (int e = 0; e < 2; e++) at[n][2 * half + e] *= factor;
    }
    __device__ __forceinline__ void write(T* y, int first, const Heads& heads) const {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            int row = first + warp_row() + group() + 8 * half;
            if (row >= heads.length) continue;
#pragma unroll
            for (int n = 0; n < WIDTH / 8; n++) {
                Pack<T, 2> two = {from_float<T>(at[n][2 * half]), from_float<T>(at[n][2 * half + 1])};
                store(y + (size_t)row * heads.stride(), n * 8 + pair(), heads.width, two);
            }
        }
    }
};

template <class T, int WIDTH>
struct Stages {
    HeadTile<T, WIDTH> at[2][2];
};

// Loads the own rows of one operand or two.
template <class T, int WIDTH>
__device__ __forceinline__ void begin(Stages<T, WIDTH>& stages, OwnRows<T, WIDTH>& own, const T* x, OwnRows<T, WIDTH>* other,
                                      const T* y, int first, const Heads& heads) {
    AsyncCopies copies;
    stages.at[0][0].bring(copies, x, first, heads);
    if (other) stages.at[0][1].bring(copies, y, first, heads);
    copies.commit();
    copies.template wait<0>();
    __syncthreads();
    own.load(stages.at[0][0]);
    if (other) other->load(stages.at[0][1]);
}

// Calls compute(x, y, first) for each tile of the rows of one operand or two, while the next is on its way.
template <class T, int WIDTH, class Compute>
__device__ __forceinline__ void sweep(Stages<T, WIDTH>& stages, const T* x, const T* y, const Heads& heads,
                                      const Compute& compute) {
    AsyncCopies copies;
    auto bring = [&](int first) {
        auto& stage = stages.at[first / TILE % 2];
        if (first < heads.length) {
            stage[0].bring(copies, x, first, heads);
            if (y) stage[1].bring(copies, y, first, heads);
        }
        copies.commit();
    };
    __syncthreads();
    bring(0);
#pragma unroll 1
    for (int first = 0; first < heads.length; first += TILE) {
        copies.template wait<0>();
        __syncthreads();
        bring(first + TILE);
        compute(stages.at[first / TILE % 2][0], stages.at[first / TILE % 2][1], first);
    }
}
