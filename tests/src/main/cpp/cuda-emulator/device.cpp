// One device with one context; what a program can ask about them; and what a test can.
#include <cstdlib>
#include <cstring>
#include "emulator.h"

using namespace emulator;

std::recursive_mutex emulator::lock;
CUresult emulator::sticky = CUDA_SUCCESS;

namespace {

const char* const NAMES[KNOBS] = {
    "SEED",           "GUARD",           "DEFERRED",       "CHECKED",       "COMPUTE",      "MEMORY_LIMIT", "FAIL_ALLOCATION",
    "FAIL_LAUNCH",    "REJECT_LAUNCH",   "FAIL_COPY",      "KILL_DOWNLOAD", "FAIL_CAPTURE", "REJECT_PTX",   "FAIL_LIBRARY",
    "DRIVER_VERSION", "DEVICES",         "INIT_STATUS",    "CONTEXT_STATUS", "LIVE_BUFFERS", "LIVE_BYTES",
    "PEAK_BYTES",     "PINNED_BUFFERS",  "LAUNCHES",       "MODULES",       "STREAMS",      "EVENTS",
    "GRAPHS",         "CONTEXTS",        "LIBRARY_OBJECTS", "LIBRARY_CALLS"};
char message[1024];
int primaryContext;  // its address is the handle
thread_local void* currentContext;

int find(const char* name) {
    for (int i = 0; i < KNOBS; i++)
        if (strcmp(NAMES[i], name) == 0) return i;
    abort();
}

}  // namespace

long emulator::knob[KNOBS];

// Knobs can be given from outside, for programs that are started as they are: CUDA_EMULATOR_DEFERRED=1.
__attribute__((constructor)) static void setKnobs() {
    knob[SEED] = knob[GUARD] = knob[DEVICES] = 1;
    knob[COMPUTE] = 90;
    knob[MEMORY_LIMIT] = 4L << 30;
    knob[DRIVER_VERSION] = 12060;
    for (int i = 0; i <= CONTEXT_STATUS; i++)
        if (const char* value = getenv((std::string("CUDA_EMULATOR_") + NAMES[i]).c_str())) knob[i] = atol(value);
}

CUresult emulator::fail(CUresult error, const std::string& text) {
    strncpy(message, text.c_str(), sizeof message - 1);
    return error;
}

CUresult emulator::failForGood(CUresult error, const std::string& text) { return sticky = fail(error, text); }

CUresult emulator::requireContext() {
    bool valid = currentContext && knob[CONTEXTS] > 0;
    return valid ? CUDA_SUCCESS : fail(CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
}

bool emulator::countsDown(Knob n) { return knob[n] > 0 && --knob[n] == 0; }

// ------------------------------------------------------------------------------------------------- for tests

API void emulator_set(const char* name, long value) {
    SERIALISED;
    knob[find(name)] = value;
}

API long emulator_get(const char* name) {
    SERIALISED;
    return knob[find(name)];
}

// Forgets an error that would stay for the rest of the process.
API void emulator_recover() {
    SERIALISED;
    sticky = CUDA_SUCCESS;
    message[0] = 0;
}

// ------------------------------------------------------------------------------------------------- the driver

API CUresult cuInit(unsigned) { return (CUresult)knob[INIT_STATUS]; }

API CUresult cuDriverGetVersion(int* version) {
    *version = (int)knob[DRIVER_VERSION];
    return CUDA_SUCCESS;
}

API CUresult cuDeviceGetCount(int* count) {
    *count = (int)knob[DEVICES];
    return CUDA_SUCCESS;
}

API CUresult cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return ordinal == 0 ? CUDA_SUCCESS : fail(CUDA_ERROR_INVALID_VALUE, "there is one device");
}

API CUresult cuDeviceGetName(char* name, int length, int) {
    strncpy(name, "emulated device", (size_t)length);
    return CUDA_SUCCESS;
}

API CUresult cuDeviceTotalMem_v2(size_t* bytes, int) {
    *bytes = (size_t)knob[MEMORY_LIMIT];
    return CUDA_SUCCESS;
}

API CUresult cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
        case 1: *value = 1024; break;           // MAX_THREADS_PER_BLOCK
        case 16: *value = 4; break;             // MULTIPROCESSOR_COUNT
        case 39: *value = 2048; break;          // MAX_THREADS_PER_MULTIPROCESSOR
        case 75: *value = (int)knob[COMPUTE] / 10; break;
        case 76: *value = (int)knob[COMPUTE] % 10; break;
        case 97: *value = 227 << 10; break;     // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
        default: return fail(CUDA_ERROR_INVALID_VALUE, "attribute " + std::to_string(attribute) + " is not emulated");
    }
    return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxRetain(void** context, int) {
    SERIALISED;
    if (knob[CONTEXT_STATUS]) return fail((CUresult)knob[CONTEXT_STATUS], "there is no context to be had");
    *context = &primaryContext;
    knob[CONTEXTS]++;
    return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxRelease_v2(int) {
    SERIALISED;
    knob[CONTEXTS]--;
    return CUDA_SUCCESS;
}

API CUresult cuCtxSetCurrent(void* context) {
    currentContext = context;
    return CUDA_SUCCESS;
}

API CUresult cuCtxGetCurrent(void** context) {
    *context = currentContext;
    return CUDA_SUCCESS;
}

API CUresult cuCtxSynchronize() {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuCtxSynchronize");
    return synchronise();
}

API CUresult cuGetErrorName(CUresult error, const char** name) {
    switch (error) {
        case CUDA_SUCCESS: *name = "CUDA_SUCCESS"; break;
        case CUDA_ERROR_INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; break;
        case CUDA_ERROR_OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
        case CUDA_ERROR_NO_DEVICE: *name = "CUDA_ERROR_NO_DEVICE"; break;
        case CUDA_ERROR_INVALID_IMAGE: *name = "CUDA_ERROR_INVALID_IMAGE"; break;
        case CUDA_ERROR_INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; break;
        case CUDA_ERROR_INVALID_PTX: *name = "CUDA_ERROR_INVALID_PTX"; break;
        case CUDA_ERROR_NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; break;
        case CUDA_ERROR_ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
        case CUDA_ERROR_LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; break;
        case CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES: *name = "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"; break;
        case CUDA_ERROR_NOT_SUPPORTED: *name = "CUDA_ERROR_NOT_SUPPORTED"; break;
        case CUDA_ERROR_ILLEGAL_STATE: *name = "CUDA_ERROR_ILLEGAL_STATE"; break;
        case CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED: *name = "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"; break;
        case CUDA_ERROR_STREAM_CAPTURE_INVALIDATED: *name = "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"; break;
        case CUDA_ERROR_STREAM_CAPTURE_IMPLICIT: *name = "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"; break;
        case CUDA_ERROR_CAPTURED_EVENT: *name = "CUDA_ERROR_CAPTURED_EVENT"; break;
        case CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD: *name = "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD"; break;
        default: *name = "CUDA_ERROR_UNKNOWN"; break;
    }
    return CUDA_SUCCESS;
}

// A real driver explains the code; this one says what happened.
API CUresult cuGetErrorString(CUresult error, const char** text) {
    *text = message;
    return message[0] ? CUDA_SUCCESS : cuGetErrorName(error, text);
}
