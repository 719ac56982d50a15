// What every family uses: the element types by the names of org.jclap.tensor.type.DType, conversions to and from the
// float that all arithmetic is done in, and 16-byte packs, with which memory-bound kernels reach the bandwidth.
//
// Sources are compiled by NVRTC, which ships no cuda_bf16.h and cuda_fp16.h, and (under CUDA_EMULATOR) by a host compiler.
#pragma once

#ifndef INFINITY  // NVRTC has no <math.h>
#define INFINITY __int_as_float(0x7F800000)
#endif

typedef float f32;
typedef int i32;
typedef long long i64;
typedef unsigned char boolean;
struct f16 {
    unsigned short bits;
};
struct bf16 {
    unsigned short bits;
};

__device__ __forceinline__ float to_float(f32 x) { return x; }
__device__ __forceinline__ float to_float(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }
__device__ __forceinline__ float to_float(f16 x) {
#ifdef CUDA_EMULATOR
    return (float)emulator_bits<_Float16>(x.bits);
#else
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
#endif
}

template <class T>
__device__ T from_float(float x);

template <>
__device__ __forceinline__ f32 from_float<f32>(float x) {
    return x;
}

// Rounded to nearest, ties to even; a NaN stays one.
template <>
__device__ __forceinline__ bf16 from_float<bf16>(float x) {
    bf16 y;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
#else
    unsigned bits = __float_as_uint(x);
    y.bits = x != x ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
#endif
    return y;
}

template <>
__device__ __forceinline__ f16 from_float<f16>(float x) {
    f16 y;
#ifdef CUDA_EMULATOR
    y.bits = emulator_bits<unsigned short>((_Float16)x);
#else
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
#endif
    return y;
}

// Defines something for each type that computes, or for each size of element in bits.
#define FOR_FLOATING(DEFINE) DEFINE(f32) DEFINE(bf16) DEFINE(f16)
#define FOR_SIZES(DEFINE) \
    DEFINE(b8, unsigned char) DEFINE(b16, unsigned short) DEFINE(b32, unsigned) DEFINE(b64, unsigned long long)

// ------------------------------------------------------------------------------------------------ packs

// N neighbours, read and written with one instruction where they lie on a multiple of their size.
template <class T, int N = 16 / sizeof(T)>
struct __align__(sizeof(T) * N < 16 ? sizeof(T) * N : 16) Pack {
    enum { size = N };
    T at[N];
};

template <class P, class T>
__device__ __forceinline__ bool is_aligned(const T* p) {
    return (unsigned long long)p % __alignof__(P) == 0;
}

// The elements [i, i + P::size) of n; behind the end, zeros. P is Pack<T> or one of another length.
template <class P, class T>
__device__ __forceinline__ P load(const T* x, size_t i, size_t n) {
    if (i + P::size <= n && is_aligned<P>(x + i)) return *(const P*)(x + i);
    P pack = {};
    for (int k = 0; k < P::size; k++)
        if (i + k < n) pack.at[k] = x[i + k];
    return pack;
}

template <class P, class T>
__device__ __forceinline__ void store(T* y, size_t i, size_t n, const P& pack) {
    if (i + P::size <= n && is_aligned<P>(y + i)) {
        *(P*)(y + i) = pack;
        return;
    }
    for (int k = 0; k < P::size; k++)
        if (i + k < n) y[i + k] = pack.at[k];
}

__device__ __forceinline__ size_t thread_index() { return (size_t)blockIdx.x * blockDim.x + threadIdx.x; }

// ------------------------------------------------------------------------------------------------ strided operands

// A row-major result of up to six axes, and the distance between neighbours along each axis in up to two operands: 0
// where an operand is repeated. The mirror of Axes.java. Kernels take it as __grid_constant__, so that the loop below reads
// the parameter where it lies; otherwise each thread begins by copying it to its stack, 76 bytes for an element of 2 or 4.
#define MAX_RANK 6
struct Axes {
    int rank;
    int extent[MAX_RANK];
    int stride[2][MAX_RANK];
};

// Where the operands keep what belongs to element i of the result.
__device__ __forceinline__ void locate(const Axes& axes, unsigned i, unsigned& a, unsigned& b) {
    a = b = 0;
#pragma unroll 1
    for (int axis = axes.rank - 1; axis >= 0; axis--) {
        unsigned rest = i / axes.extent[axis];
        unsigned at = i - rest * axes.extent[axis];
        a += at * axes.stride[0][axis];
        b += at * axes.stride[1][axis];
        i = rest;
    }
}
