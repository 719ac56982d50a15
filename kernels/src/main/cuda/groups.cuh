// Many tensors in one launch: their addresses and sizes are a kernel parameter (constant memory, at most 4 KB with the others),
// and each block has one piece of 4096 elements of one tensor, found by bisection. No block spans two tensors, and small ones
// cost one block.
#pragma once

#define PIECE 4096

// The mirror of TensorGroups.java: up to MOST groups of TENSORS equally long tensors.
template <int TENSORS, int MOST>
struct Groups {
    unsigned long long address[MOST][TENSORS];
    int elements[MOST];
    int first_block[MOST];
    int count;
    int unused;

    // The last group whose first block is not behind this one.
    __device__ __forceinline__ int of(int block) const {
        int low = 0, high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (first_block[middle] <= block) low = middle;
            else high = middle - 1;
        }
        return low;
    }
};
