// What attention on ordinary and on tensor cores shares: where heads lie, masks, dropout, and the sums of a row of scores.
#pragma once
#include "philox.cuh"
#include "reduce.cuh"

#define LOWEST -3.402823466e38f  // the score of a masked key

struct Heads {
    int heads, length, width;
    float scale;

    __device__ __forceinline__ int stride() const { return heads * width; }
    // Where a head begins in (B, L, E); one of a batch is counted b heads + h.
    __device__ __forceinline__ size_t start(int head) const {
        return (size_t)(head / heads) * length * stride() + head % heads * width;
    }
    // What the mask says of a head's keys begins here.
    __device__ __forceinline__ size_t keys(int head) const { return (size_t)(head / heads) * length; }
    // The number of a probability in the stream of dropout.
    __device__ __forceinline__ unsigned element(int head, int query, int key) const {
        return ((unsigned)head * length + query) * length + key;
    }
};

// ------------------------------------------------------------------------------------------------ masks

// The score of a key: as multiplied, or the lowest float where the key does not count, or nothing behind the last key.
__device__ __forceinline__ float score(float product, float mask, int key, const Heads& heads) {
    return key >= heads.length ? -INFINITY : mask == 0.0f ? LOWEST : product * heads.scale;
}

template <class T>
__device__ __forceinline__ float mask_at(const T* mask, int key, const Heads& heads) {
    return key < heads.length ? to_float(mask[key]) : 0.0f;
}

// ------------------------------------------------------------------------------------------------ dropout

__device__ __forceinline__ unsigned word(const Words& words, unsigned i) {
    return i & 2 ? (i & 1 ? words.at[3] : words.at[2]) : (i & 1 ? words.at[1] : words.at[0]);
}

// What a probability is multiplied by. A call, as copies of it would be most of a kernel.
__device__ __noinline__ float random_factor(DropoutMask dropout, unsigned element) {
    return drop(dropout, word(random_words(dropout, element >> 2), element & 3), 1.0f);
}

__device__ __forceinline__ float factor(const DropoutMask& dropout, unsigned element) {
    return dropout.random ? random_factor(dropout, element) : 1.0f;
}

// The factors of two neighbours, mostly from one block of words.
__device__ __noinline__ Pack<float, 2> random_factors(DropoutMask dropout, unsigned element) {
    Words words = random_words(dropout, element >> 2);
    unsigned first = word(words, element & 3), second = word(words, (element + 1) & 3);
    if ((element & 3) == 3) second = random_words(dropout, (element >> 2) + 1).at[0];
    return {drop(dropout, first, 1.0f), drop(dropout, second, 1.0f)};
}

__device__ __forceinline__ Pack<float, 2> factors(const DropoutMask& dropout, unsigned element) {
    return dropout.random ? random_factors(dropout, element) : Pack<float, 2>{1.0f, 1.0f};
}

// What is dropped is 0 even if it was infinite.
__device__ __forceinline__ float dropped(float factor, float x) { return factor == 0.0f ? 0.0f : x * factor; }

// ------------------------------------------------------------------------------------------------ backward

// With P the probabilities, D their dropout and dP = D(dy v^T): dv = D(P)^T dy and, for scores that are not masked,
// dS = P (dP - delta), where delta is the sum of P dP over a row, which is dy . y.

// P of a score, from the log-sum-exp of its row. With every key masked that is the lowest float itself, too coarse to say how
// many keys there are; behind the last row it is infinite, and P is 0.
__device__ __forceinline__ float probability(float score, float log_sum, const Heads& heads) {
    return log_sum <= LOWEST ? 1.0f / heads.length : expf(score - log_sum);
}
