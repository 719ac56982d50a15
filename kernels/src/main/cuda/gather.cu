// Embedding look-up: rows of a table (V, D) by n ids, and the table's gradient from that of the rows (n, D).
//
// Forward: a warp per id, eight a block, 16-byte packs; 2w bytes per element of w bytes, no arithmetic.
//
// Backward adds up the rows of equal ids in the order of their positions, without atomic floats: ids are sorted, then a block
// sums 64 rows of the sorted order, 256 columns. What a run of equal ids has in one block goes straight to the table; of a
// run that crosses blocks (token types: all ids are one run) the parts are joined by a last kernel. Bytes: w n D read, w V D
// written (the table's gradient begins as zeros), one addition per element; bound by memory, and for 10^4 ids by the latency of
// its four launches: some 20 us.
//
// The sort is of keys, an id with its position below it, which all differ: there is one order, whoever finds it. Blocks sort
// 2048 of them in shared memory (a bitonic network: 66 exchanges), then passes merge eight runs into one, each key finding
// its place by bisection in the other seven. For 10^4 ids that is two launches and some 150 operations a key; 16 n bytes a
// pass.
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

// The mirror of GatherOps.java.
#define SORTERS 256
#define TILE 2048
#define WAYS 8
#define CHUNK 64

typedef unsigned long long Key;
__device__ __forceinline__ Key key_of(int id, unsigned position) { return (Key)(unsigned)id << 32 | position; }
__device__ __forceinline__ int id_of(Key key) { return (int)(key >> 32); }
__device__ __forceinline__ unsigned position_of(Key key) { return (unsigned)key; }

// keys = those of each tile of 2048 ids, in ascending order. Geometry: 256 threads a tile.
extern "C" __global__ void __launch_bounds__(SORTERS) gather_sort(const int* ids, Key* keys, unsigned n, int rows,
                                                                  Fault* fault) {
    __shared__ __align__(8) Key tile[TILE];
    unsigned first = blockIdx.x * TILE, count = min((unsigned)TILE, n - first), size = 1;
    while (size < count) size *= 2;
    for (unsigned i = threadIdx.x; i < size; i += SORTERS) {
        Key key = ~(Key)0;  // behind all others
        if (i < count) {
            int id = ids[first + i];
            if ((unsigned)id >= (unsigned)rows) report(fault, first + i, id);
            key = key_of(id, first + i);
        }
        tile[i] = key;
    }
    for (unsigned run = 2; run <= size; run *= 2)
        for (unsigned distance = run / 2; distance > 0; distance /= 2) {
            __syncthreads();
            for (unsigned k = threadIdx.x; k < size / 2; k += SORTERS) {
                unsigned low = 2 * k - (k & (distance - 1)), high = low + distance;
                Key a = tile[low], b = tile[high];
                if ((a > b) == ((low & run) == 0)) {
                    tile[low] = b;
                    tile[high] = a;
                }
            }
        }
    __syncthreads();
    for (unsigned i = threadIdx.x; i < count; i += SORTERS) keys[first + i] = tile[i];
}

// How many of the n ascending keys are less.
__device__ __forceinline__ size_t count_less(const Key* keys, size_t n, Key key) {
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        bool less = keys[low + half] < key;
        low = less ? low + half + 1 : low;
        n = less ? n - half - 1 : half;
    }
    return low;
}

// Merges each eight neighbouring runs. Geometry: 256 threads a block, a key for each.
extern "C" __global__ void __launch_bounds__(SORTERS) gather_merge(const Key* from, Key* to, unsigned n, unsigned run) {
    size_t i = thread_index();
    if (i >= n) return;
    Key key = from[i];
    size_t own = i / run, first = own / WAYS * WAYS;
    size_t place = i - (own - first) * run;
    for (size_t other = first; other < first + WAYS && other * run < n; other++)
        if (other != own) place += count_less(from + other * run, min((size_t)run, n - other * run), key);
    to[place] = key;
}

// The ids in ascending order.
struct Sorted {
    const Key* keys;
    unsigned n;
    int rows, padding;

    __device__ __forceinline__ int id(unsigned k) const { return id_of(keys[k]); }
    // Whether places k - 1 and k belong to one run.
    __device__ __forceinline__ bool joined(unsigned k) const { return k > 0 && k < n && id(k - 1) == id(k); }
    // Padding has no gradient; what is not in the table has been reported.
    __device__ __forceinline__ bool counts(int id) const { return id != padding && (unsigned)id < (unsigned)rows; }
    // Behind the last place of this id.
    __device__ __forceinline__ unsigned end(int id) const { return count_less(keys, n, key_of(id, ~0u)); }
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
        int id = sorted.id(k);
        unsigned position = position_of(sorted.keys[k]);
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
    unsigned last = (sorted.end(id) - 1) / CHUNK;
#pragma unroll 8
    for (unsigned chunk = blockIdx.x + 1; chunk <= last; chunk++) sum += heads[(size_t)chunk * width + column];
    dtable[(size_t)id * width + column] = from_float<T>(sum);
}

#define GATHER_BACKWARD(T)                                                                                            \
    extern "C" __global__ void gather_sums_##T(const Key* keys, unsigned n, int rows, int padding, const T* dy,       \
                                               T* dtable, float* heads, float* tails, int width) {                    \
        gather_sums(Sorted{keys, n, rows, padding}, dy, dtable, heads, tails, width);                                 \
    }                                                                                                                 \
    extern "C" __global__ void gather_join_##T(const Key* keys, unsigned n, int rows, int padding, T* dtable,         \
                                               const float* heads, const float* tails, int width) {                   \
        gather_join(Sorted{keys, n, rows, padding}, dtable, heads, tails, width);                                     \
    }
FOR_FLOATING(GATHER_BACKWARD)
