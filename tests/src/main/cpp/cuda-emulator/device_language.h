// CUDA C++ for a host compiler: included before a .cu file. The order in which threads run is the emulator's; see emulator.h.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#define CUDA_EMULATOR 1
// __global__ stays as a word through the preprocessor: EmulatedDriver finds the kernels by it, and lists them.
#define __device__
#define __host__
#define __constant__ static const
// One block runs at a time, so its shared memory is the .bss of the family: filled with NaN before each block. It is aligned
// as floats are, or as its type demands, and no better: what only happens to be aligned shows.
#define __shared__ static __attribute__((aligned(4)))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))

struct dim3 {
    unsigned x, y, z;
};
static const int warpSize = 32;

extern "C" {
extern dim3 threadIdx, blockIdx, blockDim, gridDim;
extern char* emulator_dynamic_shared;
void emulator_barrier(int line);
bool emulator_coin();
char* emulator_scratch();
void emulator_access(const void* address, size_t bytes, bool write);
void emulator_warp(int operation, unsigned mask, void* value, int bytes, int argument, int width);
struct emulator_kernel {
    const char* name;
    void (*call)(void** parameters);
    int parameterCount;
    const uint16_t* parameterSizes;
};
}

// A kernel's parameters arrive as addresses: their types and sizes come from its declaration.
template <auto F>
struct emulator_entry;
template <class... A, void (*F)(A...)>
struct emulator_entry<F> {
    template <size_t... I>
    static void apply(void** p, std::index_sequence<I...>) {
        F(*(std::remove_cv_t<std::remove_reference_t<A>>*)p[I]...);
    }
    static void call(void** p) { apply(p, std::index_sequence_for<A...>{}); }
    static constexpr uint16_t sizes[sizeof...(A) + 1] = {sizeof(A)..., 0};
    static constexpr emulator_kernel describe(const char* name) { return {name, call, (int)sizeof...(A), sizes}; }
};

// Threads of a block have to meet at the same one.
#define __syncthreads() emulator_barrier(__LINE__)
inline void __threadfence() {}
inline void __threadfence_block() {}

enum { EMULATOR_SYNC, EMULATOR_SHFL, EMULATOR_UP, EMULATOR_DOWN, EMULATOR_XOR, EMULATOR_BALLOT, EMULATOR_LOCKSTEP };
inline void __syncwarp(unsigned mask = ~0u) {
    int nothing = 0;
    emulator_warp(EMULATOR_SYNC, mask, &nothing, 4, 0, 32);
}
// What warp-wide instructions do to their lanes, and no order of memory accesses.
inline void emulator_lockstep() {
    int nothing = 0;
    emulator_warp(EMULATOR_LOCKSTEP, ~0u, &nothing, 4, 0, 32);
}
#define EMULATOR_SHUFFLE(name, operation)                                            \
    template <class T>                                                               \
    T name(unsigned mask, T value, int argument, int width = 32) {                   \
        emulator_warp(operation, mask, &value, sizeof value, argument, width);       \
        return value;                                                                \
    }
EMULATOR_SHUFFLE(__shfl_sync, EMULATOR_SHFL)
EMULATOR_SHUFFLE(__shfl_up_sync, EMULATOR_UP)
EMULATOR_SHUFFLE(__shfl_down_sync, EMULATOR_DOWN)
EMULATOR_SHUFFLE(__shfl_xor_sync, EMULATOR_XOR)
inline unsigned __ballot_sync(unsigned mask, int predicate) {
    unsigned value = predicate != 0;
    emulator_warp(EMULATOR_BALLOT, mask, &value, 4, 0, 32);
    return value;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }

// No thread runs while another is inside one of these; atomics do not race.
#define EMULATOR_UNCHECKED __attribute__((no_sanitize("thread"), noinline))
template <class T>
EMULATOR_UNCHECKED T atomicAdd(T* p, T v) {
    T old = *p;
    *p = old + v;
    return old;
}
template <class T>
EMULATOR_UNCHECKED T atomicMax(T* p, T v) {
    T old = *p;
    if (v > old) *p = v;
    return old;
}
template <class T>
EMULATOR_UNCHECKED T atomicMin(T* p, T v) {
    T old = *p;
    if (v < old) *p = v;
    return old;
}
template <class T>
EMULATOR_UNCHECKED T atomicExch(T* p, T v) {
    T old = *p;
    *p = v;
    return old;
}
template <class T>
EMULATOR_UNCHECKED T atomicCAS(T* p, T expected, T v) {
    T old = *p;
    if (old == expected) *p = v;
    return old;
}

template <class T>
T __ldg(const T* p) {
    return *p;
}
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float normcdff(float x) { return (float)(0.5 * erfc(-(double)x / 1.4142135623730951)); }
inline void sincospif(float x, float* s, float* c) {
    *s = (float)sin(x * 3.14159265358979323846);
    *c = (float)cos(x * 3.14159265358979323846);
}
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
template <class To, class From>
inline To emulator_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "equal sizes");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}
inline int __float_as_int(float f) { return emulator_bits<int>(f); }
inline unsigned __float_as_uint(float f) { return emulator_bits<unsigned>(f); }
inline float __int_as_float(int i) { return emulator_bits<float>(i); }
inline float __uint_as_float(unsigned i) { return emulator_bits<float>(i); }
// Conversions saturate; NaN gives 0 as 32 bits and the smallest number as 64.
inline int __float2int_rz(float x) {
    return x != x ? 0 : x >= 2147483648.0f ? INT32_MAX : x < -2147483648.0f ? INT32_MIN : (int)x;
}
inline long long __float2ll_rz(float x) {
    return x != x || x < -9223372036854775808.0f ? INT64_MIN : x >= 9223372036854775808.0f ? INT64_MAX : (long long)x;
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
inline unsigned __brev(unsigned x) {
    unsigned y = 0;
    for (int i = 0; i < 32; i++) y |= (x >> i & 1) << (31 - i);
    return y;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)(((uint64_t)a * b) >> 32); }
template <class T>
T min(T a, T b) {
    return b < a ? b : a;
}
template <class T>
T max(T a, T b) {
    return a < b ? b : a;
}
struct __align__(16) float4 {
    float x, y, z, w;
};
struct __align__(8) float2 {
    float x, y;
};
struct __align__(16) uint4 {
    unsigned x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
