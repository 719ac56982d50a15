// What the emulated cuBLAS and cuDNN have in common: numbers of each type, objects that have to be destroyed, failures.
#pragma once
#include <cstdint>
#include <cstring>
#include <algorithm>
#include <set>
#include <vector>
#include "emulator.h"

namespace {

enum Type { F32, F16, BF16 };

inline size_t width(Type type) { return type == F32 ? 4 : 2; }

inline float load(const void* p, int64_t i, Type type) {
    if (type == F32) return ((const float*)p)[i];
    if (type == F16) return (float)((const _Float16*)p)[i];
    uint32_t bits = (uint32_t)((const uint16_t*)p)[i] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

inline void store(void* p, int64_t i, Type type, float value) {
    if (type == F32) {
        ((float*)p)[i] = value;
    } else if (type == F16) {
        ((_Float16*)p)[i] = (_Float16)value;
    } else {
        uint32_t bits;
        memcpy(&bits, &value, 4);
        bool nan = value != value;
        ((uint16_t*)p)[i] = nan ? 0x7FFF : (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}

inline float rounded(float value, Type type) {
    char stored[4];
    store(stored, 0, type, value);
    return load(stored, 0, type);
}

// The 10 bits of mantissa that tensor cores keep of F32.
inline float tf32(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits = (bits + 0xFFF + (bits >> 13 & 1)) & ~0x1FFFu;
    memcpy(&value, &bits, 4);
    return value;
}

// Handles and descriptors, so that one that was destroyed or never made is recognised, and one that is left over counted.
std::set<const void*> objects;

template <class T>
T* created() {
    T* object = new T;
    objects.insert(object);
    emulator::knob[emulator::LIBRARY_OBJECTS]++;
    return object;
}

inline bool exists(const void* object) { return objects.count(object) > 0; }

template <class T>
bool destroyed(void* object) {
    if (!objects.erase(object)) return false;
    delete (T*)object;
    emulator::knob[emulator::LIBRARY_OBJECTS]--;
    return true;
}

}  // namespace

// Opens every function that may fail: one at a time, and the failures that a test asks for.
#define LIBRARY_CALL(FAILURE) \
    SERIALISED;               \
    if (emulator::requireContext()) return FAILURE; \
    if (emulator::countsDown(emulator::FAIL_LIBRARY)) return FAILURE
