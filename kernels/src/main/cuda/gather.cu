// Embedding look-up: rows of a table (V, D) by n ids, and the table's gradient from that of the rows (n, D).
//
// Forward: a warp per id, eight a block, 16-byte packs; 2w bytes per element of w bytes, no arithmetic.
//
// Backward adds up the rows of equal ids in the order of their positions, without atomic floats. Ids are sorted stably by
// counting, for each, those that come before it: n^2 comparisons of ints in shared memory, 10^8 for 10^4 ids, which is some
// 20 us and less than the rows take. Then a block sums 64 rows of the sorted order, 256 columns. What a run of equal ids has
// in one block goes straight to the table; of a run that crosses blocks (token types: all ids are one run) the parts are
// joined by a last kernel. Bytes: w n D read, w V D written (the table's gradient begins as zeros), one addition per
// element; bound by memory.
#include "common.cuh"
#include "fault.cuh"

// Only the size of an element matters. Geometry: 32 x 8 threads, grid ceil(n / 8).
template <class T>
__device__ __forceinline__ void gather(const T* table, const int* ids, T* y, unsigned n, int rows, int width, Fault* fault) {
    unsigned i = blockIdx.x * blockDim.y + threadIdx.y;
    if (i >= n) return;
    int id = ids[i];
    if ((unsigned)id >= (unsigned)rows) {
        if (threadIdx.x == 0) report(fault, i, id);
        return;
    }
    const T* from = table + (size_t)id * width;
    T* to = y + (size_t)i * width;
    for (int c = threadIdx.x * Pack<T>::size; c < width; c += 32 * Pack<T>::size)
        store(to, c, width, load<Pack<T>>(from, c, width));
}

#define GATHER(SIZE, T)                                                                                              \
    extern "C" __global__ void gather_##SIZE(const T* table, const int* ids, T* y, unsigned n, int rows, int width,  \
                                             Fault* fault) {                                                         \
        gather(table, ids, y, n, rows, width, fault);                                                                \
    }
GATHER(b16, unsigned short)
GATHER(b32, unsigned)

// ------------------------------------------------------------------------------------------------ backward

#define SORTERS 256
#define CHUNK 64

// order[k] = the position of the k-th id in ascending order, equal ones by position. Geometry: 256 threads a block, one id
// a thread; all ids pass through shared memory.
extern "C" __global__ void gather_order(const int* ids, unsigned* order, unsigned n, int rows, Fault* fault) {
    __shared__ int tile[SORTERS];
    unsigned i = blockIdx.x * SORTERS + threadIdx.x;
    int id = i < n ? ids[i] : 0;
    if (i < n && (unsigned)id >= (unsigned)rows) report(fault, i, id);
    unsigned rank = 0;
    for (unsigned first = 0; first < n; first += SORTERS) {
        __syncthreads();
        if (first + threadIdx.x < n) tile[threadIdx.x] = ids[first + threadIdx.x];
        __syncthreads();
        unsigned count = min((unsigned)SORTERS, n - first);
        for (unsigned k = 0; k < count; k++) rank += tile[k] < id || (tile[k] == id && first + k < i);
    }
    if (i < n) order[rank] = i;
}

// The ids in ascending order.
struct Sorted {
    const int* ids;
    const unsigned* order;
    unsigned n;
    int rows, padding;

    __device__ __forceinline__ int id(unsigned k) const { return ids[order[k]]; }
    // Whether places k - 1 and k belong to one run.
    __device__ __forceinline__ bool joined(unsigned k) const { return k > 0 && k < n && id(k - 1) == id(k); }
    // Padding has no gradient; what is not in the table has been reported.
    __device__ __forceinline__ bool counts(int id) const { return id != padding && (unsigned)id < (unsigned)rows; }
};

// The sums of the runs within a chunk; `heads` and `tails` (chunks, D) take those that begin before it or go on behind it.
// Geometry: grid (ceil(n / 64), ceil(D / threads)), a thread per column.
template <class T>
__device__ __forceinline__ void gather_sums(const Sorted& sorted, const T* dy, T* dtable, float* heads, float* tails,
                                            int width) {
    unsigned begin = blockIdx.x * CHUNK, end = min(sorted.n, begin + CHUNK);
    int column = blockIdx.y * blockDim.x + threadIdx.x;
    if (column >= width) return;
    size_t part = (size_t)blockIdx.x * width + column;
    bool began_before = sorted.joined(begin);
    float sum = 0.0f;
    for (unsigned k = begin; k < end; k++) {
        unsigned position = sorted.order[k];
        int id = sorted.ids[position];
        bool goes_on = sorted.joined(k + 1);
        if (sorted.counts(id)) {
            sum += to_float(dy[(size_t)position * width + column]);
            if (!goes_on || k + 1 == end) {
                if (began_before)
                    heads[part] = sum;
                else if (goes_on)
                    tails[part] = sum;
                else
                    dtable[(size_t)id * width + column] = from_float<T>(sum);
            }
        }
        if (!goes_on) {
            sum = 0.0f;
            began_before = false;
        }
    }
}

// Joins the parts of a run where it begins. Geometry: as above.
template <class T>
__device__ __forceinline__ void gather_join(const Sorted& sorted, T* dtable, const float* heads, const float* tails,
                                            int width) {
    unsigned begin = blockIdx.x * CHUNK, end = min(sorted.n, begin + CHUNK);
    int column = blockIdx.y * blockDim.x + threadIdx.x, id = sorted.id(end - 1);
    bool began_before = sorted.joined(begin) && sorted.id(begin) == id;
    if (column >= width || !sorted.joined(end) || began_before || !sorted.counts(id)) return;
    float sum = tails[(size_t)blockIdx.x * width + column];
    for (unsigned chunk = blockIdx.x + 1; sorted.joined(end); chunk++) {
        sum += heads[(size_t)chunk * width + column];
        end = min(sorted.n, end + CHUNK);
        if (sorted.id(end - 1) != id) break;
    }
    dtable[(size_t)id * width + column] = from_float<T>(sum);
}

#define GATHER_BACKWARD(T)                                                                                            \
    extern "C" __global__ void gather_sums_##T(const int* ids, const unsigned* order, unsigned n, int rows,           \
                                               int padding, const T* dy, T* dtable, float* heads, float* tails,       \
                                               int width) {                                                           \
        gather_sums(Sorted{ids, order, n, rows, padding}, dy, dtable, heads, tails, width);                           \
    }                                                                                                                 \
    extern "C" __global__ void gather_join_##T(const int* ids, const unsigned* order, unsigned n, int rows,           \
                                               int padding, T* dtable, const float* heads, const float* tails,        \
                                               int width) {                                                           \
        gather_join(Sorted{ids, order, n, rows, padding}, dtable, heads, tails, width);                               \
    }
FOR_FLOATING(GATHER_BACKWARD)
