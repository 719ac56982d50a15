// An emulated CUDA driver: a libcuda.so.1 (and libcublas.so.12, libcudnn.so.9) that runs on any machine with g++, so that every CUDA line
// of the project is tested without a GPU. Unmodified JCuda talks to it.
//
//   device_language.h  what CUDA C++ adds to C++, for a .cu file that g++ compiles: one .so per kernel family
//   executor.cpp       runs a grid: one fiber per thread that waits, barriers, warp collectives, faults
//   races.cpp          shared and global accesses that no barrier orders, in kernels that were compiled for it
//   memory.cpp         device and page-locked memory: guard pages, NaN filling, bounds of copies, injected failures
//   stream.cpp         streams and events, at once or deferred and interleaved
//   graph.cpp          capture of a stream into a graph, and its replay
//   module.cpp         modules, functions (held against the PTX that was passed), launches
//   device.cpp         device, context, versions, error names, the knobs that tests turn
//   unsupported.cpp    the functions of the driver that nothing emulates: they fail and name themselves
//   cublas.cpp         the functions of cuBLAS that the project calls
//   cudnn.cpp          those of cuDNN
//   libraries.h        what these two have in common
//
// What it shows: accesses out of bounds or after free (kernel, block and thread are named), memory that was never written
// (it starts as NaN), misaligned accesses, missing barriers (threads and blocks run in a seeded order), divergent barriers
// and shuffles (deadlock), asynchronous copies that are not awaited or come too early (made at once or at the last moment,
// as the seed decides), more shared memory than the device has, missing synchronisation of streams (deferred mode), leaks,
// the paths after failed allocations and launches; with CHECKED, what no barrier orders, however it went.
// What it cannot show: memory order on real hardware, inline PTX, tensor cores; such code keeps a plain twin under #ifdef
// CUDA_EMULATOR.
//
// Everything runs on the host thread that asks; one lock serialises all entries.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

typedef int CUresult;
typedef uint64_t CUdeviceptr;
enum : CUresult {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_OUT_OF_MEMORY = 2,
    CUDA_ERROR_NOT_INITIALIZED = 3,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_IMAGE = 200,
    CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_INVALID_PTX = 218,
    CUDA_ERROR_ILLEGAL_STATE = 401,
    CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_NOT_READY = 600,
    CUDA_ERROR_ILLEGAL_ADDRESS = 700,
    CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
    CUDA_ERROR_MISALIGNED_ADDRESS = 716,
    CUDA_ERROR_LAUNCH_FAILED = 719,
    CUDA_ERROR_NOT_SUPPORTED = 801,
    CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900,
    CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
    CUDA_ERROR_STREAM_CAPTURE_IMPLICIT = 906,
    CUDA_ERROR_CAPTURED_EVENT = 907,
    CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD = 908,
};

struct Dim3 {
    unsigned x, y, z;
};

// One kernel of a family, as device_language.h lists it.
struct Kernel {
    const char* name;
    void (*call)(void** parameters);
    int parameterCount;
    const uint16_t* parameterSizes;
};

namespace emulator __attribute__((visibility("default"))) {

// What tests turn and read by name: see emulator_set and emulator_get in device.cpp.
enum Knob {
    SEED,             // order of threads, blocks and (deferred) streams
    GUARD,            // 1: a guard page behind every buffer, NaN inside; 0: plain memory
    DEFERRED,         // 1: work of a stream waits until somebody synchronises
    CHECKED,          // 1: modules that are loaded from now on report races and every access out of bounds
    COMPUTE,          // compute capability times 10
    MEMORY_LIMIT,     // bytes of the device
    FAIL_ALLOCATION,  // the n-th allocation from now fails; 0: none
    FAIL_LAUNCH,      // the n-th kernel that runs from now on fails, and the context with it
    REJECT_LAUNCH,    // the n-th launch from now is refused
    FAIL_COPY,        // the n-th copy from now is refused
    KILL_DOWNLOAD,    // the n-th copy to the host from now ends the process, as a kill would
    FAIL_CAPTURE,     // the n-th piece of work from now that is captured invalidates the capture
    REJECT_PTX,       // 1: the compiler of the driver finds fault with every module
    FAIL_LIBRARY,     // the n-th call of cuBLAS or cuDNN from now fails
    DRIVER_VERSION,   // 1000 x major + 10 x minor of the CUDA that the driver is for
    DEVICES,          // how many there are, 0 or 1
    INIT_STATUS,      // what cuInit answers
    CONTEXT_STATUS,   // what cuDevicePrimaryCtxRetain answers
    LIVE_BUFFERS,
    LIVE_BYTES,
    PEAK_BYTES,
    PINNED_BUFFERS,
    LAUNCHES,
    MODULES,
    STREAMS,
    EVENTS,
    GRAPHS,
    CONTEXTS,         // how often the primary context is retained
    LIBRARY_OBJECTS,  // handles and descriptors of cuBLAS and cuDNN
    LIBRARY_CALLS,    // products and convolutions that they computed
    KNOBS
};
extern long knob[KNOBS];

extern std::recursive_mutex lock;
#define SERIALISED std::lock_guard<std::recursive_mutex> serialised(emulator::lock)

// Opens every function that works on a context: it has to be current on the thread that calls.
CUresult requireContext();
#define DRIVER_CALL \
    SERIALISED;     \
    if (CUresult none_ = emulator::requireContext()) return none_

// The first error of a context stays: every later call returns it, as with a real driver.
extern CUresult sticky;
CUresult fail(CUresult error, const std::string& message);  // remembers the message, returns the error
CUresult failForGood(CUresult error, const std::string& message);
bool countsDown(Knob n);  // whether an injected failure is due now

// Runs every thread of a grid; an error message, empty when all went well.
struct Grid {
    const Kernel* kernel;
    Dim3 blocks, threads;
    size_t sharedBytes;
    char *sharedBegin, *sharedEnd;  // the family's static shared memory
    std::vector<char> parameters;
    bool checked;
};
std::string execute(const Grid& grid);

// What races.cpp needs to know: moments grow with every launch, block and barrier, and in each warp with every __syncwarp.
struct Clocks {
    uint32_t now, launch, block;  // the moment, and when the launch and the block began
    uint16_t warps[32];
};
extern Clocks clocks;
extern bool checking;                       // whether the kernel that runs was compiled for it
extern char *sharedBegin, *sharedEnd;       // its static shared memory
extern size_t dynamicBytes;
int thread();                               // of its block, which runs
void endThread(const std::string& reason);  // and the launch with it
// The bytes of the device buffer, rounded up, in which an address lies; null outside of all.
struct Span {
    uintptr_t begin, end;
    size_t bytes;
};
const Span* bufferAt(uintptr_t address);

bool isDeviceRange(CUdeviceptr begin, size_t bytes);
bool isPinned(const void* host);
std::string describe(uintptr_t address);  // to which buffer an address is near

// Runs the work now, or when its stream is synchronised.
CUresult submit(void* stream, std::function<CUresult()> work);
CUresult synchronise();  // every stream

// While a stream is captured, its work is kept for the graph; true if the stream is, with the result of submitting.
bool capture(void* stream, const std::function<CUresult()>& work, CUresult& result);
bool isCapturing(const void* stream);
// What the thread that captures must not call: it ends the capture without a graph.
CUresult notInCapture(const char* call, CUresult error = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
#define NOT_IN_CAPTURE(call) \
    if (CUresult error_ = emulator::notInCapture(call)) return error_
// The same for calls that only allocate, which the thread may make if it has asked for the relaxed mode.
#define NOT_IN_STRICT_CAPTURE(call) \
    if (!emulator::relaxed) NOT_IN_CAPTURE(call)
extern thread_local bool relaxed;

}  // namespace emulator
