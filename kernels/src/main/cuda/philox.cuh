// Philox-4x32-10 (Salmon et al., SC 2011), word for word that of org.jclap.tensor.random: a pure function of a counter and a
// key, so a dropout mask is recomputed wherever it is needed.
#pragma once

struct Words {
    unsigned at[4];
};

__device__ __forceinline__ Words philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned long long key) {
    unsigned k0 = (unsigned)key, k1 = (unsigned)(key >> 32);
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        unsigned high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

// Which elements of one random stream are dropped, and how the others are scaled. `random` is seed and step in device
// memory; null where nothing is dropped. The mirror of DropoutMask.java.
struct DropoutMask {
    const long long* random;
    unsigned stream;
    unsigned threshold;  // a word is dropped when its upper 24 bits are less
    float scale;
};

// The words that decide over the elements [4 block, 4 block + 4).
__device__ __forceinline__ Words random_words(const DropoutMask& mask, unsigned block) {
    unsigned long long step = mask.random[1];
    return philox(block, mask.stream, (unsigned)step, (unsigned)(step >> 32), mask.random[0]);
}

__device__ __forceinline__ float drop(const DropoutMask& mask, unsigned word, float x) {
    return word >> 8 < mask.threshold ? 0.0f : x * mask.scale;
}

// Element i on its own, for kernels that do not go by fours.
__device__ __forceinline__ float drop_at(const DropoutMask& mask, unsigned i, float x) {
    return mask.random ? drop(mask, random_words(mask, i >> 2).at[i & 3], x) : x;
}
