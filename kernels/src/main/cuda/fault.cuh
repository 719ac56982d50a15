// What a kernel finds wrong with its inputs, for the host to report when it next waits: the first position and the value
// there, in one word whose minimum does not depend on the order of threads. The mirror of Faults.java.
#pragma once

typedef unsigned long long Fault;

__device__ __forceinline__ void report(Fault* fault, unsigned position, int value) {
    atomicMin(fault, (Fault)position << 32 | (unsigned)value);
}
