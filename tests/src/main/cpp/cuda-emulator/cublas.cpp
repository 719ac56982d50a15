// An emulated libcublas.so.12: matrix products in column-major order, accumulated in double precision. Work is queued like
// kernels are, through the emulated driver.
#include <cstdint>
#include <cstring>
#include "emulator.h"

namespace {

enum { SUCCESS = 0, INVALID_VALUE = 7, EXECUTION_FAILED = 13 };
enum { R_32F = 0, R_16F = 2, R_16BF = 14 };

struct Handle {
    void* stream = nullptr;
};

float load(const void* p, int64_t i, int type) {
    if (type == R_32F) return ((const float*)p)[i];
    if (type == R_16F) return (float)((const _Float16*)p)[i];
    uint32_t bits = (uint32_t)((const uint16_t*)p)[i] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

void store(void* p, int64_t i, int type, float value) {
    if (type == R_32F) {
        ((float*)p)[i] = value;
    } else if (type == R_16F) {
        ((_Float16*)p)[i] = (_Float16)value;
    } else {
        uint32_t bits;
        memcpy(&bits, &value, 4);
        bool nan = value != value;
        ((uint16_t*)p)[i] = nan ? 0x7FFF : (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}

struct Operand {
    const void* data;
    int type, leading;
    int64_t stride;
    bool transposed;
    float at(int64_t batch, int64_t row, int64_t column) const {
        return load(data, batch * stride + (transposed ? row * leading + column : column * leading + row), type);
    }
    bool isInside(int rows, int columns, int batch) const {
        if (rows == 0 || columns == 0 || batch == 0) return true;
        int64_t last = (batch - 1) * stride + (int64_t)((transposed ? rows : columns) - 1) * leading +
                       (transposed ? columns : rows);
        return emulator::isDeviceRange((CUdeviceptr)data, (size_t)last * (type == R_32F ? 4 : 2));
    }
};

// C = alpha op(A) op(B) + beta C for every batch; alpha and beta are on the host.
int gemm(Handle* handle, int m, int n, int k, float alpha, Operand a, Operand b, float beta, Operand c, int batch) {
    bool legal = m >= 0 && n >= 0 && k >= 0 && a.leading >= (a.transposed ? k : m) && b.leading >= (b.transposed ? n : k) &&
                 c.leading >= m;
    if (!legal || !a.isInside(m, k, batch) || !b.isInside(k, n, batch) || !c.isInside(m, n, batch)) return INVALID_VALUE;
    CUresult result = emulator::submit(handle->stream, [=] {
        for (int64_t z = 0; z < batch; z++)
            for (int64_t j = 0; j < n; j++)
                for (int64_t i = 0; i < m; i++) {
                    double sum = 0;
                    for (int64_t l = 0; l < k; l++) sum += (double)a.at(z, i, l) * b.at(z, l, j);
                    double old = beta == 0 ? 0 : beta * c.at(z, i, j);
                    store((void*)c.data, z * c.stride + j * c.leading + i, c.type, (float)(alpha * sum + old));
                }
        return CUDA_SUCCESS;
    });
    return result == CUDA_SUCCESS ? SUCCESS : EXECUTION_FAILED;
}

}  // namespace

API int cublasCreate_v2(void** handle) {
    *handle = new Handle;
    return SUCCESS;
}

API int cublasDestroy_v2(void* handle) {
    delete (Handle*)handle;
    return SUCCESS;
}

API int cublasSetStream_v2(void* handle, void* stream) {
    ((Handle*)handle)->stream = stream;
    return SUCCESS;
}

API int cublasSetMathMode(void*, int) { return SUCCESS; }
API int cublasSetPointerMode_v2(void*, int) { return SUCCESS; }
API int cublasSetWorkspace_v2(void*, void*, size_t) { return SUCCESS; }

API int cublasGetVersion_v2(void*, int* version) {
    *version = 120600;
    return SUCCESS;
}

API int cublasSgemm_v2(void* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda,
                       const float* b, int ldb, const float* beta, float* c, int ldc) {
    SERIALISED;
    return gemm((Handle*)handle, m, n, k, *alpha, {a, R_32F, lda, 0, ta != 0}, {b, R_32F, ldb, 0, tb != 0}, *beta,
                {c, R_32F, ldc, 0, false}, 1);
}

API int cublasGemmEx(void* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int ta_, int lda,
                     const void* b, int tb_, int ldb, const void* beta, void* c, int tc_, int ldc, int, int) {
    SERIALISED;
    return gemm((Handle*)handle, m, n, k, *(const float*)alpha, {a, ta_, lda, 0, ta != 0}, {b, tb_, ldb, 0, tb != 0},
                *(const float*)beta, {c, tc_, ldc, 0, false}, 1);
}

API int cublasGemmStridedBatchedEx(void* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a,
                                   int ta_, int lda, long long sa, const void* b, int tb_, int ldb, long long sb,
                                   const void* beta, void* c, int tc_, int ldc, long long sc, int batch, int, int) {
    SERIALISED;
    return gemm((Handle*)handle, m, n, k, *(const float*)alpha, {a, ta_, lda, sa, ta != 0}, {b, tb_, ldb, sb, tb != 0},
                *(const float*)beta, {c, tc_, ldc, sc, false}, batch);
}
