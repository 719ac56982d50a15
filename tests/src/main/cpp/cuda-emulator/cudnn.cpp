// An emulated libcudnn.so.9: two-dimensional convolution of packed NHWC images and its gradients, with the statuses of
// version 9. Descriptors, extents, pointers, alignment and workspace are held to what the library documents. Its heuristics
// offer what makes a caller choose: the fastest algorithm of a gradient adds up in an order that changes from call to call,
// and for a large kernel the fastest one takes 2 GiB.
#include "libraries.h"

namespace {

enum {
    SUCCESS = 0,
    NOT_INITIALIZED = 1001,
    BAD_PARAM = 2000,
    BAD_PARAM_NULL_POINTER = 2002,
    BAD_PARAM_MISALIGNED_POINTER = 2003,
    BAD_PARAM_SHAPE_MISMATCH = 2008,
    NOT_SUPPORTED = 3000,
    ALLOCATION_FAILED = 4004,
    EXECUTION_FAILED = 5000,
};
enum { DATA_FLOAT = 0, DATA_HALF = 2, DATA_BFLOAT16 = 9 };
enum { NHWC = 1, CROSS_CORRELATION = 1 };
enum { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, ALLOW_CONVERSION = 2, FMA_MATH = 3 };

const uintptr_t ALIGNMENT = 16;  // tensor-core kernels read packs
const int LARGE_KERNEL = 25;
const size_t LARGE_WORKSPACE = (size_t)2 << 30;

struct Handle {
    void* stream = nullptr;
};

// An image (n, h, w, c), or weights (n, h, w, c) for n output channels.
struct Image {
    int dataType = -1, n = 0, c = 0, h = 0, w = 0;

    bool operator==(const Image& o) const {
        return dataType == o.dataType && n == o.n && c == o.c && h == o.h && w == o.w;
    }
    bool isLegal() const { return n > 0 && c > 0 && h > 0 && w > 0; }
    Type type() const { return dataType == DATA_FLOAT ? F32 : dataType == DATA_HALF ? F16 : BF16; }
    int64_t size() const { return (int64_t)n * h * w * c; }
    size_t bytes() const { return (size_t)size() * width(type()); }
};

struct Convolution {
    int padH = 0, padW = 0, strideH = 0, strideW = 0, dilationH = 0, dilationW = 0, mode = -1, compute = -1, math = DEFAULT_MATH;
};

enum Direction { FORWARD, DATA, FILTER };

// One call's descriptors, in the roles of the forward direction.
struct Problem {
    Direction direction;
    Image x, w, y;
    Convolution convolution;

    int outside(int size, int kernel, int pad, int stride) const { return (size + 2 * pad - kernel) / stride + 1; }
    int status() const {
        const Convolution& v = convolution;
        if (!x.isLegal() || !w.isLegal() || !y.isLegal() || v.mode != CROSS_CORRELATION) return BAD_PARAM;
        bool fits = x.h + 2 * v.padH >= w.h && x.w + 2 * v.padW >= w.w;
        Image expected{x.dataType, x.n, w.n, outside(x.h, w.h, v.padH, v.strideH), outside(x.w, w.w, v.padW, v.strideW)};
        if (!fits || x.c != w.c || !(y == expected)) return BAD_PARAM_SHAPE_MISMATCH;
        bool known = x.dataType == DATA_FLOAT || x.dataType == DATA_HALF || x.dataType == DATA_BFLOAT16;
        bool plain = v.dilationH == 1 && v.dilationW == 1 && v.compute == DATA_FLOAT && w.dataType == x.dataType;
        return known && plain ? SUCCESS : NOT_SUPPORTED;
    }
};

// The numbers of the library's enums, fastest first. All others are not supported for NHWC.
struct Algorithm {
    int number, determinism;
    size_t workspace;
};

std::vector<Algorithm> algorithms(const Problem& p) {
    size_t some = (size_t)p.y.n * p.y.h * p.y.w * 4;
    switch (p.direction) {
        case FORWARD:
            if (p.w.h * p.w.w >= LARGE_KERNEL) return {{5, 1, LARGE_WORKSPACE}, {1, 1, some}, {0, 1, 0}};
            return {{1, 1, some}, {0, 1, 0}};
        case DATA: return {{0, 0, 0}, {1, 1, some}};
        default: return {{0, 0, 0}, {1, 1, some}};
    }
}

int find(const Problem& p, int number, Algorithm& found) {
    for (const Algorithm& algorithm : algorithms(p))
        if (algorithm.number == number) {
            found = algorithm;
            return SUCCESS;
        }
    return NOT_SUPPORTED;
}

// cudnnConvolution{Fwd,BwdData,BwdFilter}AlgoPerf_t
struct Performance {
    int algorithm, status;
    float time;
    size_t memory;
    int determinism, math, reserved[3];
};

int offer(const Problem& p, int requested, int* returned, Performance* results) {
    if (int status = p.status()) return status;
    if (requested < 1 || !returned || !results) return BAD_PARAM;
    const int COUNT[] = {8, 6, 7};
    int math = p.x.type() == F32 && p.convolution.math != FMA_MATH ? DEFAULT_MATH : p.convolution.math;
    *returned = 0;
    for (const Algorithm& algorithm : algorithms(p))
        if (*returned < requested)
            results[(*returned)++] = {algorithm.number, SUCCESS, 1, algorithm.workspace, algorithm.determinism, math, {}};
    for (int number = 0; number < COUNT[p.direction]; number++) {
        Algorithm unused;
        if (*returned < requested && find(p, number, unused)) results[(*returned)++] = {number, NOT_SUPPORTED, -1, 0, 0, math, {}};
    }
    return SUCCESS;
}

// ------------------------------------------------------------------------------------------------ arithmetic

std::vector<float> values(const Image& image, const void* data, bool asTf32) {
    std::vector<float> result((size_t)image.size());
    for (int64_t i = 0; i < image.size(); i++) {
        float value = load(data, i, image.type());
        result[(size_t)i] = asTf32 ? tf32(value) : value;
    }
    return result;
}

// Every product of the convolution: f(index in x, index in w, index in y).
template <class F>
void forEachProduct(const Problem& p, F f) {
    for (int64_t n = 0; n < p.y.n; n++)
        for (int64_t row = 0; row < p.y.h; row++)
            for (int64_t column = 0; column < p.y.w; column++)
                for (int64_t r = 0; r < p.w.h; r++)
                    for (int64_t s = 0; s < p.w.w; s++) {
                        int64_t i = row * p.convolution.strideH + r - p.convolution.padH;
                        int64_t j = column * p.convolution.strideW + s - p.convolution.padW;
                        if (i < 0 || j < 0 || i >= p.x.h || j >= p.x.w) continue;
                        int64_t x = ((n * p.x.h + i) * p.x.w + j) * p.x.c;
                        int64_t y = ((n * p.y.h + row) * p.y.w + column) * p.y.c;
                        for (int64_t k = 0; k < p.w.n; k++) {
                            int64_t w = ((k * p.w.h + r) * p.w.w + s) * p.w.c;
                            for (int64_t c = 0; c < p.w.c; c++) f(x + c, w + c, y + k);
                        }
                    }
}

uint64_t additions;  // decides the order of sums that are not deterministic

void compute(const Problem& p, const void* x, const void* w, const void* y, bool deterministic) {
    bool asTf32 = p.x.type() == F32 && p.convolution.math != FMA_MATH;
    const Image& image = p.direction == FORWARD ? p.y : p.direction == DATA ? p.x : p.w;
    void* target = (void*)(p.direction == FORWARD ? y : p.direction == DATA ? x : w);
    std::vector<float> vx, vw, vy;
    if (p.direction != DATA) vx = values(p.x, x, asTf32);
    if (p.direction != FILTER) vw = values(p.w, w, asTf32);
    if (p.direction != FORWARD) vy = values(p.y, y, asTf32);
    std::vector<double> sums((size_t)image.size(), 0);
    switch (p.direction) {
        case FORWARD: forEachProduct(p, [&](int64_t i, int64_t j, int64_t o) { sums[o] += (double)vx[i] * vw[j]; }); break;
        case DATA: forEachProduct(p, [&](int64_t o, int64_t j, int64_t i) { sums[o] += (double)vw[j] * vy[i]; }); break;
        case FILTER: forEachProduct(p, [&](int64_t i, int64_t o, int64_t j) { sums[o] += (double)vx[i] * vy[j]; }); break;
    }
    for (int64_t i = 0; i < image.size(); i++) {
        float sum = (float)sums[(size_t)i];
        // What is left of another order: the last bit.
        if (!deterministic && (additions++ * 2654435761u >> 16 & 3) == 0) sum *= 1 + 0x1p-23f;
        store(target, i, image.type(), sum);
    }
}

// ------------------------------------------------------------------------------------------------ the call

int range(const void* data, size_t bytes) {
    if (!data) return BAD_PARAM_NULL_POINTER;
    if ((uintptr_t)data % ALIGNMENT) return BAD_PARAM_MISALIGNED_POINTER;
    return emulator::isDeviceRange((CUdeviceptr)data, bytes) ? SUCCESS : BAD_PARAM;
}

bool overlap(const void* a, size_t bytes, const void* b, size_t otherBytes) {
    return (const char*)a < (const char*)b + otherBytes && (const char*)b < (const char*)a + bytes;
}

int run(Handle* handle, const Problem& p, const void* alpha, const void* x, const void* w, const void* y, int number,
        void* workspace, size_t bytes, const void* beta) {
    if (!exists(handle)) return NOT_INITIALIZED;
    if (int status = p.status()) return status;
    Algorithm algorithm;
    if (int status = find(p, number, algorithm)) return status;
    for (int status : {range(x, p.x.bytes()), range(w, p.w.bytes()), range(y, p.y.bytes())})
        if (status) return status;
    if (bytes < algorithm.workspace) return BAD_PARAM;
    if (bytes > 0)
        if (int status = range(workspace, bytes)) return status;
    bool shared = overlap(x, p.x.bytes(), y, p.y.bytes()) || overlap(x, p.x.bytes(), w, p.w.bytes()) ||
                  overlap(w, p.w.bytes(), y, p.y.bytes());
    bool scaled = *(const float*)alpha != 1 || *(const float*)beta != 0;
    if (shared || scaled) return NOT_SUPPORTED;
    if (p.convolution.strideH > 2) return NOT_SUPPORTED;  // what was offered, as libraries do here and there
    emulator::knob[emulator::LIBRARY_CALLS]++;
    CUresult result = emulator::submit(handle->stream, [=] {
        memset(workspace, 0xA5, bytes);
        compute(p, x, w, y, algorithm.determinism);
        return CUDA_SUCCESS;
    });
    return result == CUDA_SUCCESS ? SUCCESS : EXECUTION_FAILED;
}

int workspaceSize(const Problem& p, int number, size_t* bytes) {
    if (int status = p.status()) return status;
    Algorithm algorithm;
    if (int status = find(p, number, algorithm)) return status;
    *bytes = algorithm.workspace;
    return SUCCESS;
}

bool allExist(std::initializer_list<const void*> all) {
    for (const void* object : all)
        if (!exists(object)) return false;
    return true;
}

Problem problem(Direction direction, const void* x, const void* w, const void* y, const void* convolution) {
    return {direction, *(const Image*)x, *(const Image*)w, *(const Image*)y, *(const Convolution*)convolution};
}

int describe(void* descriptor, int format, int type, int n, int c, int h, int w) {
    if (!exists(descriptor)) return BAD_PARAM;
    if (format != NHWC) return NOT_SUPPORTED;
    *(Image*)descriptor = {type, n, c, h, w};
    return ((Image*)descriptor)->isLegal() ? SUCCESS : BAD_PARAM;
}

}  // namespace

API size_t cudnnGetVersion() { return 90501; }

API const char* cudnnGetErrorString(int status) {
    switch (status) {
        case SUCCESS: return "CUDNN_STATUS_SUCCESS";
        case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
        case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
        case BAD_PARAM_NULL_POINTER: return "CUDNN_STATUS_BAD_PARAM_NULL_POINTER";
        case BAD_PARAM_MISALIGNED_POINTER: return "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER";
        case BAD_PARAM_SHAPE_MISMATCH: return "CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH";
        case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
        case ALLOCATION_FAILED: return "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED";
        case EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
        default: return "CUDNN_UNKNOWN_STATUS";
    }
}

API int cudnnCreate(void** handle) {
    LIBRARY_CALL(ALLOCATION_FAILED);
    *handle = created<Handle>();
    return SUCCESS;
}

API int cudnnDestroy(void* handle) {
    SERIALISED;
    return destroyed<Handle>(handle) ? SUCCESS : NOT_INITIALIZED;
}

API int cudnnSetStream(void* handle, void* stream) {
    LIBRARY_CALL(BAD_PARAM);
    if (!exists(handle)) return NOT_INITIALIZED;
    ((Handle*)handle)->stream = stream;
    return SUCCESS;
}

#define DESCRIPTOR(NAME, T)                                                                                \
    API int cudnnCreate##NAME##Descriptor(void** descriptor) {                                             \
        LIBRARY_CALL(ALLOCATION_FAILED);                                                                   \
        *descriptor = created<T>();                                                                        \
        return SUCCESS;                                                                                    \
    }                                                                                                      \
    API int cudnnDestroy##NAME##Descriptor(void* descriptor) {                                             \
        SERIALISED;                                                                                        \
        return destroyed<T>(descriptor) ? SUCCESS : BAD_PARAM;                                             \
    }
DESCRIPTOR(Tensor, Image)
DESCRIPTOR(Filter, Image)
DESCRIPTOR(Convolution, Convolution)

API int cudnnSetTensor4dDescriptor(void* descriptor, int format, int type, int n, int c, int h, int w) {
    LIBRARY_CALL(BAD_PARAM);
    return describe(descriptor, format, type, n, c, h, w);
}

API int cudnnSetFilter4dDescriptor(void* descriptor, int type, int format, int k, int c, int h, int w) {
    LIBRARY_CALL(BAD_PARAM);
    return describe(descriptor, format, type, k, c, h, w);
}

API int cudnnSetConvolution2dDescriptor(void* descriptor, int padH, int padW, int strideH, int strideW, int dilationH,
                                        int dilationW, int mode, int compute) {
    LIBRARY_CALL(BAD_PARAM);
    if (!exists(descriptor) || padH < 0 || padW < 0 || strideH < 1 || strideW < 1) return BAD_PARAM;
    *(Convolution*)descriptor = {padH, padW, strideH, strideW, dilationH, dilationW, mode, compute, DEFAULT_MATH};
    return SUCCESS;
}

API int cudnnSetConvolutionMathType(void* descriptor, int math) {
    LIBRARY_CALL(BAD_PARAM);
    if (!exists(descriptor) || math < DEFAULT_MATH || math > FMA_MATH) return BAD_PARAM;
    ((Convolution*)descriptor)->math = math;
    return SUCCESS;
}

// The three directions of one function: their descriptors in their own order.
#define HEURISTICS(NAME, DIRECTION, A, B, C)                                                                          \
    API int cudnnGetConvolution##NAME##Algorithm_v7(void* handle, void* A, void* B, void* convolution, void* C,       \
                                                    int requested, int* returned, Performance* results) {             \
        LIBRARY_CALL(ALLOCATION_FAILED);                                                                              \
        if (!allExist({handle, x, w, y, convolution})) return BAD_PARAM;                                              \
        return offer(problem(DIRECTION, x, w, y, convolution), requested, returned, results);                         \
    }                                                                                                                 \
    API int cudnnGetConvolution##NAME##WorkspaceSize(void* handle, void* A, void* B, void* convolution, void* C,      \
                                                     int algorithm, size_t* bytes) {                                  \
        LIBRARY_CALL(ALLOCATION_FAILED);                                                                              \
        if (!allExist({handle, x, w, y, convolution})) return BAD_PARAM;                                              \
        return workspaceSize(problem(DIRECTION, x, w, y, convolution), algorithm, bytes);                             \
    }
HEURISTICS(Forward, FORWARD, x, w, y)
HEURISTICS(BackwardData, DATA, w, y, x)
HEURISTICS(BackwardFilter, FILTER, x, y, w)

#define CONVOLUTION(NAME, DIRECTION, A, B, C)                                                                         \
    API int cudnnConvolution##NAME(void* handle, const void* alpha, void* A, const void* A##Data, void* B,            \
                                   const void* B##Data, void* convolution, int algorithm, void* workspace,            \
                                   size_t bytes, const void* beta, void* C, void* C##Data) {                          \
        LIBRARY_CALL(EXECUTION_FAILED);                                                                               \
        if (!allExist({handle, x, w, y, convolution})) return BAD_PARAM;                                              \
        return run((Handle*)handle, problem(DIRECTION, x, w, y, convolution), alpha, xData, wData, yData, algorithm,  \
                   workspace, bytes, beta);                                                                           \
    }
CONVOLUTION(Forward, FORWARD, x, w, y)
CONVOLUTION(BackwardData, DATA, w, y, x)
CONVOLUTION(BackwardFilter, FILTER, x, y, w)
