// What matrix products on ordinary and on tensor cores share.
#pragma once

// The mirror of MatrixOps.Product.
struct Product {
    int m, n, k;
    int batch;
    i64 stride_a, stride_b;  // from one matrix of the batch to the next; 0 where all share one
};

// A call, as 64 copies of it would be most of a kernel.
__device__ __noinline__ float gelu(float x) { return x * normcdff(x); }
