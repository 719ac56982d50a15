// An emulated libcublas.so.12: matrix products in column-major order, accumulated in double precision. Work is queued like
// kernels are, through the emulated driver. It is as strict as the library about arguments, and as lax about precision where
// it is allowed to be: TF32 rounds factors, halves meet in halves unless that is forbidden.
#include "libraries.h"

namespace {

enum { SUCCESS = 0, NOT_INITIALIZED = 1, ALLOC_FAILED = 3, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum { R_32F = 0, R_16F = 2, R_16BF = 14 };
enum { COMPUTE_32F = 68, COMPUTE_32F_FAST_TF32 = 77 };
enum { TF32_TENSOR_OP_MATH = 3, DISALLOW_REDUCED_PRECISION_REDUCTION = 16 };

const size_t WORKSPACE_ALIGNMENT = 256;
const int64_t REDUCTION = 32;  // products that are summed before halves meet

struct Handle {
    void* stream = nullptr;
    int math = 0;
};

struct Operand {
    const void* data;
    Type type;
    int leading;
    int64_t stride;
    bool transposed;

    float at(int64_t batch, int64_t row, int64_t column) const {
        return load(data, batch * stride + (transposed ? row * leading + column : column * leading + row), type);
    }
    bool isLegal(int rows, int columns, int batch) const {
        int length = transposed ? columns : rows;
        if (leading < std::max(1, length)) return false;
        if (rows == 0 || columns == 0 || batch == 0) return true;
        int64_t last = (batch - 1) * stride + (int64_t)((transposed ? rows : columns) - 1) * leading + length;
        return (uintptr_t)data % width(type) == 0 && emulator::isDeviceRange((CUdeviceptr)data, (size_t)last * width(type));
    }
};

struct Arithmetic {
    bool tf32, meetInHalves;
};

float product(const Operand& a, const Operand& b, int64_t z, int64_t i, int64_t j, int k, Arithmetic arithmetic) {
    double sum = 0;
    for (int64_t l = 0; l < k; l++) {
        float x = a.at(z, i, l), y = b.at(z, l, j);
        sum += arithmetic.tf32 ? (double)tf32(x) * tf32(y) : (double)x * y;
        if (arithmetic.meetInHalves && l % REDUCTION == REDUCTION - 1) sum = rounded((float)sum, a.type);
    }
    return (float)sum;
}

int gemm(Handle* handle, int m, int n, int k, const void* alpha, Operand a, Operand b, const void* beta, Operand c, int batch,
         int compute) {
    if (!exists(handle)) return NOT_INITIALIZED;
    if (m < 0 || n < 0 || k < 0 || batch < 0) return INVALID_VALUE;
    if (!a.isLegal(m, k, batch) || !b.isLegal(k, n, batch) || !c.isLegal(m, n, batch)) return INVALID_VALUE;
    if (emulator::isDeviceRange((CUdeviceptr)alpha, 4) || emulator::isDeviceRange((CUdeviceptr)beta, 4)) return INVALID_VALUE;
    bool single = a.type == F32, supported = compute == COMPUTE_32F || (single && compute == COMPUTE_32F_FAST_TF32);
    if (a.type != b.type || a.type != c.type || !supported) return NOT_SUPPORTED;
    float scale = *(const float*)alpha, keep = *(const float*)beta;
    Arithmetic arithmetic{single && (compute == COMPUTE_32F_FAST_TF32 || handle->math == TF32_TENSOR_OP_MATH),
                          !single && !(handle->math & DISALLOW_REDUCED_PRECISION_REDUCTION)};
    emulator::knob[emulator::LIBRARY_CALLS]++;
    CUresult result = emulator::submit(handle->stream, [=] {
        for (int64_t z = 0; z < batch; z++)
            for (int64_t j = 0; j < n; j++)
                for (int64_t i = 0; i < m; i++) {
                    float old = keep == 0 ? 0 : keep * c.at(z, i, j);
                    store((void*)c.data, z * c.stride + j * c.leading + i, c.type,
                          scale * product(a, b, z, i, j, k, arithmetic) + old);
                }
        return CUDA_SUCCESS;
    });
    return result == CUDA_SUCCESS ? SUCCESS : EXECUTION_FAILED;
}

bool known(int type) { return type == R_32F || type == R_16F || type == R_16BF; }
Type of(int type) { return type == R_32F ? F32 : type == R_16F ? F16 : BF16; }

}  // namespace

API int cublasCreate_v2(void** handle) {
    LIBRARY_CALL(ALLOC_FAILED);
    *handle = created<Handle>();
    return SUCCESS;
}

API int cublasDestroy_v2(void* handle) {
    SERIALISED;
    return destroyed<Handle>(handle) ? SUCCESS : NOT_INITIALIZED;
}

API int cublasSetStream_v2(void* handle, void* stream) {
    LIBRARY_CALL(NOT_INITIALIZED);
    if (!exists(handle)) return NOT_INITIALIZED;
    ((Handle*)handle)->stream = stream;
    return SUCCESS;
}

API int cublasSetMathMode(void* handle, int mode) {
    LIBRARY_CALL(INVALID_VALUE);
    if (!exists(handle)) return NOT_INITIALIZED;
    if ((mode & ~DISALLOW_REDUCED_PRECISION_REDUCTION) > TF32_TENSOR_OP_MATH) return INVALID_VALUE;
    ((Handle*)handle)->math = mode;
    return SUCCESS;
}

API int cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes) {
    LIBRARY_CALL(INVALID_VALUE);
    if (!exists(handle)) return NOT_INITIALIZED;
    bool legal = (uintptr_t)workspace % WORKSPACE_ALIGNMENT == 0 && emulator::isDeviceRange((CUdeviceptr)workspace, bytes);
    return legal ? SUCCESS : INVALID_VALUE;
}

API int cublasGetProperty(int property, int* value) {
    const int VERSION[] = {12, 6, 0};
    if (property < 0 || property > 2) return INVALID_VALUE;
    *value = VERSION[property];
    return SUCCESS;
}

API int cublasGemmEx(void* handle, int opA, int opB, int m, int n, int k, const void* alpha, const void* a, int typeA, int lda,
                     const void* b, int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute, int) {
    LIBRARY_CALL(EXECUTION_FAILED);
    if (!known(typeA) || !known(typeB) || !known(typeC)) return NOT_SUPPORTED;
    return gemm((Handle*)handle, m, n, k, alpha, {a, of(typeA), lda, 0, opA != 0}, {b, of(typeB), ldb, 0, opB != 0}, beta,
                {c, of(typeC), ldc, 0, false}, 1, compute);
}

API int cublasGemmStridedBatchedEx(void* handle, int opA, int opB, int m, int n, int k, const void* alpha, const void* a,
                                   int typeA, int lda, long long strideA, const void* b, int typeB, int ldb,
                                   long long strideB, const void* beta, void* c, int typeC, int ldc, long long strideC,
                                   int batch, int compute, int) {
    LIBRARY_CALL(EXECUTION_FAILED);
    if (!known(typeA) || !known(typeB) || !known(typeC)) return NOT_SUPPORTED;
    return gemm((Handle*)handle, m, n, k, alpha, {a, of(typeA), lda, strideA, opA != 0},
                {b, of(typeB), ldb, strideB, opB != 0}, beta, {c, of(typeC), ldc, strideC, false}, batch, compute);
}
