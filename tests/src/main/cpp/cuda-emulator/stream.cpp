// Streams and events. Work runs at once, or (DEFERRED) waits until somebody synchronises; then the streams take turns in a
// seeded order, held back only by events. So a missing event or a staging buffer that is used again too early shows.
#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>
#include "emulator.h"

using namespace emulator;

namespace {

struct Event {
    long recorded = 0;  // how often it was put into a stream
    long reached = 0;   // how often a stream came there
    bool captured = false;  // put into a stream that is captured: a graph may run it, nobody else may wait for it
    std::chrono::steady_clock::time_point time;
};

struct Work {
    std::function<CUresult()> run;
    Event* awaited;  // null, or what must have been reached `ticket` times
    long ticket;
};

struct Stream {
    std::deque<Work> queue;
};

std::vector<Stream*> streams;
std::vector<std::unique_ptr<Event>> destroyed;
Stream legacy;  // stream 0, which synchronises with every other
uint64_t turns;

Stream* known(void* handle) { return handle ? (Stream*)handle : &legacy; }

bool isRunnable(const Stream& stream) {
    return !stream.queue.empty() &&
           (!stream.queue.front().awaited || stream.queue.front().awaited->reached >= stream.queue.front().ticket);
}

CUresult runHead(Stream& stream) {
    auto run = std::move(stream.queue.front().run);
    stream.queue.pop_front();
    CUresult result = run();
    return result;
}

// Lets streams take turns until `done`; the first error.
CUresult drainUntil(const std::function<bool()>& done) {
    CUresult error = sticky;
    while (!done()) {
        std::vector<Stream*> runnable;
        if (isRunnable(legacy)) runnable.push_back(&legacy);
        for (Stream* stream : streams)
            if (isRunnable(*stream)) runnable.push_back(stream);
        if (runnable.empty()) return fail(CUDA_ERROR_LAUNCH_FAILED, "streams wait for an event that never comes");
        turns = turns * 6364136223846793005u + (uint64_t)knob[SEED] * 2 + 1;
        CUresult result = runHead(*runnable[(turns >> 33) % runnable.size()]);
        if (!error) error = result;
    }
    return error;
}

bool isIdle(const Stream* stream) { return stream->queue.empty(); }
bool allIdle() { return isIdle(&legacy) && std::all_of(streams.begin(), streams.end(), isIdle); }

}  // namespace

CUresult emulator::synchronise() {
    return drainUntil(allIdle);
}

CUresult emulator::submit(void* handle, std::function<CUresult()> work) {
    if (sticky) return sticky;
    CUresult captured;
    if (capture(handle, work, captured)) return captured;
    Stream* stream = known(handle);
    if (!knob[DEFERRED]) {
        CUresult pending = synchronise();  // left from before the mode was changed
        return pending ? pending : work();
    }
    if (stream == &legacy) {
        CUresult pending = synchronise();
        if (pending) return pending;
    }
    stream->queue.push_back({std::move(work), nullptr, 0});
    return CUDA_SUCCESS;
}

API CUresult cuStreamCreate(void** handle, unsigned) {
    DRIVER_CALL;
    if (sticky) return sticky;
    streams.push_back(new Stream);
    *handle = streams.back();
    knob[STREAMS]++;
    return CUDA_SUCCESS;
}

API CUresult cuStreamSynchronize(void* handle) {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuStreamSynchronize");
    return drainUntil([=] { return isIdle(known(handle)); });
}

API CUresult cuStreamDestroy_v2(void* handle) {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuStreamDestroy");
    CUresult pending = cuStreamSynchronize(handle);
    streams.erase(std::find(streams.begin(), streams.end(), (Stream*)handle));
    delete (Stream*)handle;
    knob[STREAMS]--;
    return pending;
}

API CUresult cuStreamQuery(void* handle) {
    DRIVER_CALL;
    if (sticky) return sticky;
    NOT_IN_CAPTURE("cuStreamQuery");
    return isIdle(known(handle)) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

API CUresult cuStreamWaitEvent(void* handle, void* event, unsigned) {
    DRIVER_CALL;
    if (sticky) return sticky;
    Event* awaited = (Event*)event;
    if (isCapturing(handle) || awaited->captured) return notInCapture("cuStreamWaitEvent");
    if (knob[DEFERRED]) known(handle)->queue.push_back({[] { return CUDA_SUCCESS; }, awaited, awaited->recorded});
    return CUDA_SUCCESS;
}

API CUresult cuEventCreate(void** event, unsigned) {
    DRIVER_CALL;
    if (sticky) return sticky;
    *event = new Event;
    knob[EVENTS]++;
    return CUDA_SUCCESS;
}

API CUresult cuEventRecord(void* handle, void* stream) {
    DRIVER_CALL;
    Event* event = (Event*)handle;
    if (sticky) return sticky;
    event->captured = isCapturing(stream);
    if (event->captured) return CUDA_SUCCESS;
    event->recorded++;
    return submit(stream, [=] {
        event->reached++;
        event->time = std::chrono::steady_clock::now();
        return CUDA_SUCCESS;
    });
}

API CUresult cuEventQuery(void* handle) {
    DRIVER_CALL;
    if (sticky) return sticky;
    NOT_IN_CAPTURE("cuEventQuery");
    Event* event = (Event*)handle;
    if (event->captured) return fail(CUDA_ERROR_CAPTURED_EVENT, "cuEventQuery of an event of a graph");
    return event->reached == event->recorded ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

API CUresult cuEventSynchronize(void* handle) {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuEventSynchronize");
    Event* event = (Event*)handle;
    if (event->captured) return fail(CUDA_ERROR_CAPTURED_EVENT, "cuEventSynchronize of an event of a graph");
    long ticket = event->recorded;
    return drainUntil([=] { return event->reached >= ticket; });
}

API CUresult cuEventElapsedTime(float* milliseconds, void* start, void* end) {
    DRIVER_CALL;
    auto difference = ((Event*)end)->time - ((Event*)start)->time;
    *milliseconds = std::chrono::duration<float, std::milli>(difference).count();
    return sticky;
}

// What a stream still holds may refer to it.
API CUresult cuEventDestroy_v2(void* handle) {
    DRIVER_CALL;
    knob[EVENTS]--;
    destroyed.emplace_back((Event*)handle);
    if (allIdle()) destroyed.clear();
    return sticky;
}
