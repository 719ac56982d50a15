// Capture of a stream into a graph (thread-local mode): what is put into the stream is kept instead of run, and replayed as
// often as the graph is launched. As with a real driver, calls that allocate, wait or load modules are refused to the thread
// that captures, and invalidate the capture. One stream is captured at a time: work does not fork to others.
#include <memory>
#include <thread>
#include "emulator.h"

using namespace emulator;

namespace {

typedef std::vector<std::function<CUresult()>> Nodes;

struct Capture {
    void* stream;
    std::thread::id thread;
    std::shared_ptr<Nodes> nodes;
    bool valid;
};
Capture active;  // none while `nodes` is null

struct Graph {
    std::shared_ptr<const Nodes> nodes;
};

CUresult invalidate(CUresult error, const std::string& message) {
    active.valid = false;
    return fail(error, message);
}

CUresult destroy(void* graph) {
    delete (Graph*)graph;
    knob[GRAPHS]--;
    return sticky;
}

}  // namespace

thread_local bool emulator::relaxed = false;

bool emulator::isCapturing(const void* stream) { return active.nodes && active.stream == stream; }

bool emulator::capture(void* stream, const std::function<CUresult()>& work, CUresult& result) {
    if (!isCapturing(stream)) return false;
    if (!active.valid) {
        result = fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the capture was invalidated before");
    } else if (countsDown(FAIL_CAPTURE)) {
        result = invalidate(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "an injected failure of the capture");
    } else {
        active.nodes->push_back(work);
        result = CUDA_SUCCESS;
    }
    return true;
}

CUresult emulator::notInCapture(const char* call, CUresult error) {
    bool allowed = !active.nodes || active.thread != std::this_thread::get_id();
    return allowed ? CUDA_SUCCESS : invalidate(error, std::string(call) + " while this thread captures a stream");
}

API CUresult cuStreamBeginCapture_v2(void* stream, int) {
    DRIVER_CALL;
    if (sticky) return sticky;
    if (!stream) return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "stream 0 cannot be captured");
    if (active.nodes) return fail(CUDA_ERROR_ILLEGAL_STATE, "a stream is being captured already");
    active = {stream, std::this_thread::get_id(), std::make_shared<Nodes>(), true};
    return CUDA_SUCCESS;
}

API CUresult cuStreamEndCapture(void* stream, void** graph) {
    DRIVER_CALL;
    *graph = nullptr;
    if (!isCapturing(stream)) return fail(CUDA_ERROR_ILLEGAL_STATE, "the stream is not being captured");
    if (active.thread != std::this_thread::get_id())
        return invalidate(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "another thread began the capture");
    Capture ended = std::move(active);
    active = {};
    if (sticky) return sticky;
    if (!ended.valid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;  // with the message of what invalidated it
    *graph = new Graph{ended.nodes};
    knob[GRAPHS]++;
    return CUDA_SUCCESS;
}

API CUresult cuStreamIsCapturing(void* stream, int* status) {
    DRIVER_CALL;
    *status = !isCapturing(stream) ? 0 : active.valid ? 1 : 2;
    return sticky;
}

API CUresult cuThreadExchangeStreamCaptureMode(int* mode) {
    const int THREAD_LOCAL = 1, RELAXED = 2;
    bool before = relaxed;
    relaxed = *mode == RELAXED;
    *mode = before ? RELAXED : THREAD_LOCAL;
    return CUDA_SUCCESS;
}

API CUresult cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
    DRIVER_CALL;
    if (sticky) return sticky;
    NOT_IN_CAPTURE("cuGraphInstantiate");
    if (countsDown(FAIL_ALLOCATION)) return fail(CUDA_ERROR_OUT_OF_MEMORY, "an injected failure");
    *executable = new Graph{((Graph*)graph)->nodes};
    knob[GRAPHS]++;
    return CUDA_SUCCESS;
}

API CUresult cuGraphLaunch(void* executable, void* stream) {
    DRIVER_CALL;
    for (const auto& node : *((Graph*)executable)->nodes)
        if (CUresult error = submit(stream, node)) return error;
    return sticky;
}

API CUresult cuGraphDestroy(void* graph) {
    DRIVER_CALL;
    return destroy(graph);
}

API CUresult cuGraphExecDestroy(void* executable) {
    DRIVER_CALL;
    return destroy(executable);
}
