// Sums and maxima of a warp and of a row of threads, in one fixed order.
#pragma once

#define ALL_LANES 0xFFFFFFFFu

struct Sum {
    static __device__ float identity() { return 0.0f; }
    static __device__ float combine(float a, float b) { return a + b; }
};
// NaN wins, as in the vocabulary.
struct Max {
    static __device__ float identity() { return -INFINITY; }
    static __device__ float combine(float a, float b) { return a > b || a != a ? a : b; }
};

template <class Op>
__device__ __forceinline__ float warp_reduce(float x) {
    for (int distance = 16; distance > 0; distance >>= 1)
        x = Op::combine(x, __shfl_xor_sync(ALL_LANES, x, distance));
    return x;
}

// Over the blockDim.x threads of a row: a multiple of 32, and 32 if the block has several rows. Every thread has the result.
template <class Op>
__device__ __forceinline__ float row_reduce(float x) {
    __shared__ float parts[32];
    x = warp_reduce<Op>(x);
    if (blockDim.x == 32) return x;
    int warps = blockDim.x / 32;
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
    __syncthreads();
    x = threadIdx.x % 32 < warps ? parts[threadIdx.x % 32] : Op::identity();
    __syncthreads();
    return warp_reduce<Op>(x);
}
