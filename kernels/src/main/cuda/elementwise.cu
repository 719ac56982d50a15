// Functions of single elements: Unary, Binary (with broadcast operands), Affine, Accumulate, Dropout, Cast.
//
// Shapes: any; n elements, row-major. Geometry: 256 threads a block, one 16-byte pack a thread (4 elements of f32, 8 of a
// half), grid ceil(n / (256 pack)); with broadcast operands one element a thread, casts four.
//
// Cost per element of w bytes: unary, affine, dropout, cast read and write once, 2w bytes; binary and accumulate 3w; one to
// about 30 operations (dropout: 10 rounds of Philox per 4 elements). All are bound by memory: the limit is the bandwidth, of
// which packs should reach 0.9 from 10^7 elements on. With broadcast operands, an element and up to six divisions a thread,
// 0.5 is expected, of halves 0.3.
#include "common.cuh"
#include "philox.cuh"

// ------------------------------------------------------------------------------------------------ unary

struct neg { static __device__ float of(float x) { return -x; } };
struct abs_ { static __device__ float of(float x) { return fabsf(x); } };
struct exp_ { static __device__ float of(float x) { return expf(x); } };
struct log_ { static __device__ float of(float x) { return logf(x); } };
struct sqrt_ { static __device__ float of(float x) { return sqrtf(x); } };
struct reciprocal { static __device__ float of(float x) { return 1.0f / x; } };
struct square { static __device__ float of(float x) { return x * x; } };
// Not fmaxf: a NaN has to stay one.
struct relu { static __device__ float of(float x) { return x < 0.0f ? 0.0f : x; } };
struct sigmoid { static __device__ float of(float x) { return 1.0f / (1.0f + expf(-x)); } };
struct tanh_ { static __device__ float of(float x) { return tanhf(x); } };
struct gelu { static __device__ float of(float x) { return x * normcdff(x); } };
// The exponent is never positive, so nothing overflows.
struct log_sigmoid {
    static __device__ float of(float x) { return (x < 0.0f ? x : x != x ? x : 0.0f) - log1pf(expf(-fabsf(x))); }
};

template <class F, class T>
__device__ __forceinline__ void unary(const T* x, T* y, unsigned n) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> pack = load<Pack<T>>(x, i, n);
    for (int k = 0; k < pack.size; k++) pack.at[k] = from_float<T>(F::of(to_float(pack.at[k])));
    store(y, i, n, pack);
}

#define UNARY(NAME, F)                                                                                             \
    extern "C" __global__ void NAME##_f32(const f32* x, f32* y, unsigned n) { unary<F>(x, y, n); }                 \
    extern "C" __global__ void NAME##_bf16(const bf16* x, bf16* y, unsigned n) { unary<F>(x, y, n); }              \
    extern "C" __global__ void NAME##_f16(const f16* x, f16* y, unsigned n) { unary<F>(x, y, n); }
UNARY(neg, neg)
UNARY(abs, abs_)
UNARY(exp, exp_)
UNARY(log, log_)
UNARY(sqrt, sqrt_)
UNARY(reciprocal, reciprocal)
UNARY(square, square)
UNARY(relu, relu)
UNARY(sigmoid, sigmoid)
UNARY(tanh, tanh_)
UNARY(gelu, gelu)
UNARY(log_sigmoid, log_sigmoid)

// ------------------------------------------------------------------------------------------------ binary

struct add { static __device__ float of(float a, float b) { return a + b; } };
struct sub { static __device__ float of(float a, float b) { return a - b; } };
struct mul { static __device__ float of(float a, float b) { return a * b; } };
struct div_ { static __device__ float of(float a, float b) { return a / b; } };
struct relu_backward { static __device__ float of(float y, float dy) { return y > 0.0f ? dy : 0.0f; } };
struct sigmoid_backward { static __device__ float of(float y, float dy) { return dy * y * (1.0f - y); } };
struct tanh_backward { static __device__ float of(float y, float dy) { return dy * (1.0f - y * y); } };
struct gelu_backward {
    static __device__ float of(float x, float dy) {
        float density = 0.3989422804014327f * expf(-0.5f * x * x);
        return dy * (normcdff(x) + x * density);
    }
};
struct abs_backward {
    static __device__ float of(float x, float dy) { return x > 0.0f ? dy : x < 0.0f ? -dy : x == 0.0f ? 0.0f : x; }
};

// Operands of the result's shape.
template <class F, class T>
__device__ __forceinline__ void binary(const T* a, const T* b, T* y, unsigned n) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> left = load<Pack<T>>(a, i, n), right = load<Pack<T>>(b, i, n);
    for (int k = 0; k < left.size; k++) left.at[k] = from_float<T>(F::of(to_float(left.at[k]), to_float(right.at[k])));
    store(y, i, n, left);
}

// Broadcast operands; one element a thread.
template <class F, class T>
__device__ __forceinline__ void broadcast(const T* a, const T* b, T* y, unsigned n, const Axes& axes) {
    size_t i = thread_index();
    if (i >= n) return;
    unsigned from_a, from_b;
    locate(axes, (unsigned)i, from_a, from_b);
    y[i] = from_float<T>(F::of(to_float(a[from_a]), to_float(b[from_b])));
}

#define BINARY_OF(NAME, F, T)                                                                                          \
    extern "C" __global__ void NAME##_##T(const T* a, const T* b, T* y, unsigned n) { binary<F>(a, b, y, n); }         \
    extern "C" __global__ void NAME##_broadcast_##T(const T* a, const T* b, T* y, unsigned n, const __grid_constant__ Axes axes) {             \
        broadcast<F>(a, b, y, n, axes);                                                                                \
    }
#define BINARY(NAME, F) BINARY_OF(NAME, F, f32) BINARY_OF(NAME, F, bf16) BINARY_OF(NAME, F, f16)
BINARY(add, add)
BINARY(sub, sub)
BINARY(mul, mul)
BINARY(div, div_)
BINARY(relu_backward, relu_backward)
BINARY(sigmoid_backward, sigmoid_backward)
BINARY(tanh_backward, tanh_backward)
BINARY(gelu_backward, gelu_backward)
BINARY(abs_backward, abs_backward)

// ------------------------------------------------------------------------------------------------ scaled copies

// y = scale x + shift
template <class T>
__device__ __forceinline__ void affine(const T* x, T* y, unsigned n, float scale, float shift) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> pack = load<Pack<T>>(x, i, n);
    for (int k = 0; k < pack.size; k++) pack.at[k] = from_float<T>(scale * to_float(pack.at[k]) + shift);
    store(y, i, n, pack);
}

// y += scale x
template <class T>
__device__ __forceinline__ void accumulate(const T* x, T* y, unsigned n, float scale) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> pack = load<Pack<T>>(x, i, n), sum = load<Pack<T>>(y, i, n);
    for (int k = 0; k < pack.size; k++) sum.at[k] = from_float<T>(to_float(sum.at[k]) + scale * to_float(pack.at[k]));
    store(y, i, n, sum);
}

// y = x, or 0 where the mask drops the element; packs begin at a multiple of 4, as the blocks of Philox do.
template <class T>
__device__ __forceinline__ void dropout(const T* x, T* y, unsigned n, const DropoutMask& mask) {
    size_t i = thread_index() * Pack<T>::size;
    if (i >= n) return;
    Pack<T> pack = load<Pack<T>>(x, i, n);
    for (int k = 0; k < pack.size; k += 4) {
        Words words = random_words(mask, (unsigned)(i + k) >> 2);
        for (int j = 0; j < 4; j++) pack.at[k + j] = from_float<T>(drop(mask, words.at[j], to_float(pack.at[k + j])));
    }
    store(y, i, n, pack);
}

#define SCALED(T)                                                                                                      \
    extern "C" __global__ void affine_##T(const T* x, T* y, unsigned n, float a, float b) { affine(x, y, n, a, b); }   \
    extern "C" __global__ void accumulate_##T(const T* x, T* y, unsigned n, float a) { accumulate(x, y, n, a); }       \
    extern "C" __global__ void dropout_##T(const T* x, T* y, unsigned n, DropoutMask mask) { dropout(x, y, n, mask); }
FOR_FLOATING(SCALED)

// ------------------------------------------------------------------------------------------------ cast

// Between floating types through float, which holds all of them. To integers: towards zero, saturating, NaN to 0.
template <class To>
struct Convert {
    template <class From>
    static __device__ To of(From x) { return from_float<To>(to_float(x)); }
    static __device__ To of(i32 x) { return from_float<To>((float)x); }
    static __device__ To of(i64 x) { return from_float<To>((float)x); }
    static __device__ To of(boolean x) { return from_float<To>((float)x); }
};
template <>
struct Convert<i32> {
    template <class From>
    static __device__ i32 of(From x) { return __float2int_rz(to_float(x)); }
    static __device__ i32 of(i64 x) { return (i32)(x > 2147483647 ? 2147483647 : x < -2147483647 - 1 ? -2147483647 - 1 : x); }
    static __device__ i32 of(boolean x) { return x; }
};
template <>
struct Convert<i64> {
    template <class From>
    static __device__ i64 of(From x) {
        float value = to_float(x);
        return value != value ? 0 : __float2ll_rz(value);
    }
    static __device__ i64 of(i32 x) { return x; }
    static __device__ i64 of(boolean x) { return x; }
};
template <>
struct Convert<boolean> {
    template <class From>
    static __device__ boolean of(From x) { return to_float(x) != 0.0f; }
    static __device__ boolean of(i32 x) { return x != 0; }
    static __device__ boolean of(i64 x) { return x != 0; }
};

// Four elements a thread, whatever their sizes.
template <class From, class To>
__device__ __forceinline__ void cast(const From* x, To* y, unsigned n) {
    size_t i = thread_index() * 4;
    if (i >= n) return;
    Pack<From, 4> in = load<Pack<From, 4>>(x, i, n);
    Pack<To, 4> out;
    for (int k = 0; k < 4; k++) out.at[k] = Convert<To>::of(in.at[k]);
    store(y, i, n, out);
}

#define CAST(FROM, TO, F, T) \
    extern "C" __global__ void cast_##FROM##_##TO(const F* x, T* y, unsigned n) { cast(x, y, n); }
CAST(f32, f16, f32, f16)
CAST(f32, bf16, f32, bf16)
CAST(f32, i32, f32, i32)
CAST(f32, i64, f32, i64)
CAST(f32, bool, f32, boolean)
CAST(f16, f32, f16, f32)
CAST(f16, bf16, f16, bf16)
CAST(f16, i32, f16, i32)
CAST(f16, i64, f16, i64)
CAST(f16, bool, f16, boolean)
CAST(bf16, f32, bf16, f32)
CAST(bf16, f16, bf16, f16)
CAST(bf16, i32, bf16, i32)
CAST(bf16, i64, bf16, i64)
CAST(bf16, bool, bf16, boolean)
CAST(i32, f32, i32, f32)
CAST(i32, f16, i32, f16)
CAST(i32, bf16, i32, bf16)
CAST(i32, i64, i32, i64)
CAST(i32, bool, i32, boolean)
CAST(i64, f32, i64, f32)
CAST(i64, f16, i64, f16)
CAST(i64, bf16, i64, bf16)
CAST(i64, i32, i64, i32)
CAST(i64, bool, i64, boolean)
CAST(bool, f32, boolean, f32)
CAST(bool, f16, boolean, f16)
CAST(bool, bf16, boolean, bf16)
CAST(bool, i32, boolean, i32)
CAST(bool, i64, boolean, i64)
