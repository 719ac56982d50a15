// Device memory is host memory: kernels read and write it directly. With guard pages every buffer lies between two of them,
// ends at the second, starts as NaN, and what is left between it and the pages is watched; without, it is plain memory.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>
#include "emulator.h"

using namespace emulator;

namespace {

const size_t PAGE = 4096, ALIGNMENT = 16;
const unsigned char NAN_BYTE = 0xFF, CANARY = 0xA5;

struct Buffer {
    size_t bytes;
    char* mapping;  // with its guard page, or null for plain memory
    size_t mappingBytes;
};
std::map<CUdeviceptr, Buffer> buffers;
std::map<CUdeviceptr, size_t> freed;  // the last known buffers that are gone, for messages
std::map<const void*, size_t> pinned;

size_t rounded(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

CUdeviceptr guarded(size_t bytes, Buffer& buffer) {
    size_t used = rounded(bytes, ALIGNMENT), pages = rounded(used, PAGE);
    buffer.mappingBytes = pages + 2 * PAGE;
    void* memory = mmap(nullptr, buffer.mappingBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return 0;
    buffer.mapping = (char*)memory;
    mprotect(buffer.mapping, PAGE, PROT_NONE);
    mprotect(buffer.mapping + PAGE + pages, PAGE, PROT_NONE);
    char* start = buffer.mapping + PAGE + pages - used;
    memset(buffer.mapping + PAGE, NAN_BYTE, pages - used + bytes);
    memset(start + bytes, CANARY, used - bytes);
    return (CUdeviceptr)start;
}

CUresult release(std::map<CUdeviceptr, Buffer>::iterator found) {
    auto [address, buffer] = *found;
    CUresult result = CUDA_SUCCESS;
    if (buffer.mapping) {
        auto watch = [&](const char* from, const char* to, unsigned char value, const char* where) {
            for (const char* p = from; p < to; p++)
                if ((unsigned char)*p != value)
                    result = fail(CUDA_ERROR_ILLEGAL_ADDRESS, std::string("something was written ") + where +
                                                                  " a buffer of " + std::to_string(buffer.bytes) + " bytes");
        };
        const char* begin = (char*)address;
        watch(buffer.mapping + PAGE, begin, NAN_BYTE, "in front of");
        watch(begin + buffer.bytes, buffer.mapping + buffer.mappingBytes - PAGE, CANARY, "behind");
        munmap(buffer.mapping, buffer.mappingBytes);
    } else {
        free((void*)address);
    }
    freed[address] = buffer.bytes;
    knob[LIVE_BUFFERS]--;
    knob[LIVE_BYTES] -= (long)buffer.bytes;
    buffers.erase(found);
    return result;
}

// A graph may be replayed after its memory is gone.
CUresult gone(const char* call, CUdeviceptr address) {
    return failForGood(CUDA_ERROR_ILLEGAL_ADDRESS, std::string(call) + ": " + describe(address));
}

CUresult toDevice(CUdeviceptr to, const void* from, size_t bytes) {
    if (!isDeviceRange(to, bytes)) return gone("copy", to);
    memcpy((void*)to, from, bytes);
    return CUDA_SUCCESS;
}

CUresult fromDevice(void* to, CUdeviceptr from, size_t bytes) {
    if (!isDeviceRange(from, bytes)) return gone("copy", from);
    memcpy(to, (const void*)from, bytes);
    return CUDA_SUCCESS;
}

CUresult fill(CUdeviceptr to, size_t bytes, unsigned char value) {
    if (!isDeviceRange(to, bytes)) return gone("fill", to);
    memset((void*)to, value, bytes);
    return CUDA_SUCCESS;
}

CUresult outside(const char* call, CUdeviceptr address, size_t bytes) {
    return fail(CUDA_ERROR_INVALID_VALUE, std::string(call) + " of " + std::to_string(bytes) + " bytes leaves its buffer: " +
                                              describe(address));
}

}  // namespace

bool emulator::isDeviceRange(CUdeviceptr begin, size_t bytes) {
    auto after = buffers.upper_bound(begin);
    if (after == buffers.begin()) return false;
    auto& [address, buffer] = *std::prev(after);
    return begin + bytes <= address + buffer.bytes;
}

const Span* emulator::bufferAt(uintptr_t address) {
    static Span last;
    auto after = buffers.upper_bound(address);
    if (after == buffers.begin()) return nullptr;
    auto& [begin, buffer] = *std::prev(after);
    if (address >= begin + rounded(buffer.bytes, PAGE)) return nullptr;
    last = {begin, begin + rounded(buffer.bytes, PAGE), buffer.bytes};
    return &last;
}

bool emulator::isPinned(const void* host) {
    auto after = pinned.upper_bound(host);
    return after != pinned.begin() && (const char*)host < (const char*)std::prev(after)->first + std::prev(after)->second;
}

std::string emulator::describe(uintptr_t address) {
    char text[160];
    auto after = buffers.upper_bound(address);
    auto gone = freed.upper_bound(address);
    if (after != buffers.begin() && address - std::prev(after)->first < std::prev(after)->second.bytes + PAGE)
        snprintf(text, sizeof text, "byte %ld of a buffer of %zu bytes", (long)(address - std::prev(after)->first),
                 std::prev(after)->second.bytes);
    else if (gone != freed.begin() && address - std::prev(gone)->first < std::prev(gone)->second)
        snprintf(text, sizeof text, "byte %ld of a buffer of %zu bytes that was freed",
                 (long)(address - std::prev(gone)->first), std::prev(gone)->second);
    else
        snprintf(text, sizeof text, "address 0x%zx, which is in no buffer", (size_t)address);
    return text;
}

API CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
    DRIVER_CALL;
    NOT_IN_STRICT_CAPTURE("cuMemAlloc");
    if (sticky) return sticky;
    if (!bytes) return fail(CUDA_ERROR_INVALID_VALUE, "an allocation of 0 bytes");
    if (countsDown(FAIL_ALLOCATION)) return fail(CUDA_ERROR_OUT_OF_MEMORY, "an injected failure");
    if ((size_t)knob[LIVE_BYTES] + bytes > (size_t)knob[MEMORY_LIMIT])
        return fail(CUDA_ERROR_OUT_OF_MEMORY, "out of memory");
    Buffer buffer{bytes, nullptr, 0};
    *address = knob[GUARD] ? guarded(bytes, buffer) : (CUdeviceptr)aligned_alloc(256, rounded(bytes, 256));
    if (!*address) return fail(CUDA_ERROR_OUT_OF_MEMORY, "the host has no memory left");
    buffers[*address] = buffer;
    freed.erase(*address);
    knob[LIVE_BUFFERS]++;
    knob[LIVE_BYTES] += (long)bytes;
    knob[PEAK_BYTES] = std::max(knob[PEAK_BYTES], knob[LIVE_BYTES]);
    return CUDA_SUCCESS;
}

API CUresult cuMemFree_v2(CUdeviceptr address) {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuMemFree");
    CUresult pending = synchronise();  // as a real driver does
    auto found = buffers.find(address);
    if (found == buffers.end()) return fail(CUDA_ERROR_INVALID_VALUE, "freed what is no buffer: " + describe(address));
    CUresult result = release(found);
    return pending ? pending : result;
}

API CUresult cuMemGetInfo_v2(size_t* available, size_t* total) {
    DRIVER_CALL;
    *total = (size_t)knob[MEMORY_LIMIT];
    *available = *total - (size_t)knob[LIVE_BYTES];
    return CUDA_SUCCESS;
}

API CUresult cuMemAllocHost_v2(void** address, size_t bytes) {
    DRIVER_CALL;
    NOT_IN_STRICT_CAPTURE("cuMemAllocHost");
    *address = aligned_alloc(PAGE, rounded(bytes, PAGE));
    if (!*address) return fail(CUDA_ERROR_OUT_OF_MEMORY, "the host has no memory left");
    memset(*address, NAN_BYTE, rounded(bytes, PAGE));
    pinned[*address] = bytes;
    knob[PINNED_BUFFERS]++;
    return CUDA_SUCCESS;
}

API CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned) { return cuMemAllocHost_v2(address, bytes); }

API CUresult cuMemFreeHost(void* address) {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuMemFreeHost");
    CUresult pending = synchronise();
    if (!pinned.erase(address)) return fail(CUDA_ERROR_INVALID_VALUE, "freed what is no page-locked buffer");
    free(address);
    knob[PINNED_BUFFERS]--;
    return pending;
}

// ------------------------------------------------------------------------------------------------- copies

API CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
    DRIVER_CALL;
    if (countsDown(FAIL_COPY)) return fail(CUDA_ERROR_INVALID_VALUE, "an injected failure of a copy");
    if (!isDeviceRange(to, bytes)) return outside("cuMemcpyHtoDAsync", to, bytes);
    if (isPinned(from)) return submit(stream, [=] { return toDevice(to, from, bytes); });
    std::string staged((const char*)from, bytes);  // pageable memory may change as soon as the call returns
    return submit(stream, [=] { return toDevice(to, staged.data(), bytes); });
}

API CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
    DRIVER_CALL;
    if (countsDown(FAIL_COPY)) return fail(CUDA_ERROR_INVALID_VALUE, "an injected failure of a copy");
    if (countsDown(KILL_DOWNLOAD)) _exit(137);
    if (!isDeviceRange(from, bytes)) return outside("cuMemcpyDtoHAsync", from, bytes);
    return submit(stream, [=] { return fromDevice(to, from, bytes); });
}

API CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void* stream) {
    DRIVER_CALL;
    if (countsDown(FAIL_COPY)) return fail(CUDA_ERROR_INVALID_VALUE, "an injected failure of a copy");
    if (!isDeviceRange(to, bytes)) return outside("cuMemcpyDtoDAsync", to, bytes);
    if (!isDeviceRange(from, bytes)) return outside("cuMemcpyDtoDAsync", from, bytes);
    return submit(stream, [=] {
        return isDeviceRange(from, bytes) ? toDevice(to, (const void*)from, bytes) : gone("copy", from);
    });
}

API CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
    DRIVER_CALL;
    if (CUresult error = notInCapture("cuMemcpyHtoD", CUDA_ERROR_STREAM_CAPTURE_IMPLICIT)) return error;
    CUresult pending = synchronise();
    CUresult result = cuMemcpyHtoDAsync_v2(to, from, bytes, nullptr);
    return pending ? pending : result ? result : synchronise();
}

API CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
    DRIVER_CALL;
    if (CUresult error = notInCapture("cuMemcpyDtoH", CUDA_ERROR_STREAM_CAPTURE_IMPLICIT)) return error;
    CUresult pending = synchronise();
    CUresult result = cuMemcpyDtoHAsync_v2(to, from, bytes, nullptr);
    return pending ? pending : result ? result : synchronise();
}

API CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, void* stream) {
    DRIVER_CALL;
    if (!isDeviceRange(to, bytes)) return outside("cuMemsetD8Async", to, bytes);
    return submit(stream, [=] { return fill(to, bytes, value); });
}

API CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, void* stream) {
    DRIVER_CALL;
    if (!isDeviceRange(to, 4 * count)) return outside("cuMemsetD32Async", to, 4 * count);
    return submit(stream, [=]() -> CUresult {
        if (!isDeviceRange(to, 4 * count)) return gone("fill", to);
        for (size_t i = 0; i < count; i++) ((unsigned*)to)[i] = value;
        return CUDA_SUCCESS;
    });
}
