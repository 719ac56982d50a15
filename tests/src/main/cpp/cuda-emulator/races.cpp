// What compute-sanitizer's racecheck and memcheck do on a device. Kernels that are compiled for it (g++ -fsanitize=thread, of
// which this is the whole run-time library) call before every access. A byte of shared or device memory remembers who last
// wrote and read it, and when; two accesses by different threads, one of which writes, are a race unless a barrier of the
// block lies between them, or a __syncwarp if they are of one warp. Blocks of a launch have no barrier. Atomics are not
// looked at.
#include <sys/mman.h>
#include <unordered_map>
#include "emulator.h"

extern "C" {
extern Dim3 threadIdx;
extern char* emulator_dynamic_shared;
}

using namespace emulator;

bool emulator::checking;

namespace {

// Whoever read a byte at one moment: a thread, several of a warp, or several of the block.
const uint16_t OF_WARP = 0x4000, MANY = 0x8000;
const size_t STACK = 256 << 10;

struct Byte {
    uint32_t written, read, firstRead;  // moments; the first read is that of a launch
    uint16_t writer, reader;
    uint16_t writerTurn, readerTurn;    // of their warps
};

struct Shadow {
    Byte* bytes;
    size_t size;
};
std::unordered_map<uintptr_t, Shadow> shadows;

// The shadow of memory that begins here; what is left of an earlier launch is too old to matter.
Byte* shadowOf(uintptr_t begin, size_t size) {
    Shadow& shadow = shadows[begin];
    if (shadow.size < size) {
        if (shadow.bytes) munmap(shadow.bytes, shadow.size * sizeof(Byte));
        void* memory = mmap(nullptr, size * sizeof(Byte), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        shadow = {(Byte*)memory, size};
    }
    return shadow.bytes;
}

void race(const char* first, int other, const char* second, bool ofBlocks) {
    std::string by = ofBlocks ? "another block" : other < 0 ? "other threads" : "thread " + std::to_string(other);
    endThread(std::string("race: ") + second + " what was " + first + " by " + by + ", with no barrier between");
}

// Whether others that accessed a byte in the present moment are not ordered before this thread.
bool races(uint16_t who, uint16_t itsTurn, int self) {
    if (who == self) return false;
    if (who == MANY) return true;
    int warp = who & OF_WARP ? who & 31 : who / 32;
    return warp != self / 32 || itsTurn == clocks.warps[warp];
}

void read(Byte& b, int self, uint16_t turn) {
    if (b.read == clocks.now && b.reader != self) {
        int warp = b.reader & OF_WARP ? b.reader & 31 : b.reader / 32;
        // What its warp read before its last __syncwarp is ordered before all that follows.
        if (b.reader == MANY || warp != self / 32) b.reader = MANY;
        else b.reader = b.readerTurn == turn ? OF_WARP | warp : self;
    } else {
        b.reader = self;
    }
    if (b.firstRead < clocks.launch) b.firstRead = clocks.now;
    b.read = clocks.now;
    b.readerTurn = turn;
}

void touch(Byte& b, bool write, bool shared) {
    int self = thread();
    uint16_t turn = clocks.warps[self / 32];
    const char* now = write ? "writes" : "reads";
    bool inBlock = b.written >= clocks.block;
    if (!shared && !inBlock && b.written >= clocks.launch) race("written", -1, now, true);
    if (b.written == clocks.now && races(b.writer, b.writerTurn, self)) race("written", b.writer, now, false);
    if (!write) return read(b, self, turn);
    if (!shared && b.firstRead >= clocks.launch && b.firstRead < clocks.block) race("read", -1, now, true);
    if (b.read == clocks.now && races(b.reader, b.readerTurn, self))
        race("read", b.reader < OF_WARP ? b.reader : -1, now, false);
    b.written = clocks.now;
    b.writer = self;
    b.writerTurn = turn;
}

bool within(uintptr_t address, const char* begin, const char* end) {
    return address >= (uintptr_t)begin && address < (uintptr_t)end;
}

void access(uintptr_t address, size_t size, bool write) {
    if (!checking || address - (uintptr_t)__builtin_frame_address(0) + STACK < 2 * STACK) return;
    if (address - (uintptr_t)&threadIdx + 256 < 512) return;
    Byte* bytes;
    bool shared = true;
    char* dynamic = emulator_dynamic_shared;
    if (within(address, sharedBegin, sharedEnd)) {
        bytes = shadowOf((uintptr_t)sharedBegin, sharedEnd - sharedBegin) + (address - (uintptr_t)sharedBegin);
    } else if (within(address, dynamic, dynamic + dynamicBytes)) {
        bytes = shadowOf((uintptr_t)dynamic, dynamicBytes + 16) + (address - (uintptr_t)dynamic);
    } else {
        static Span span;
        static Byte* ofSpan;
        static uint32_t launch;
        if (launch != clocks.launch || address < span.begin || address >= span.end) {
            const Span* found = bufferAt(address);
            if (!found) return;  // parameters and constants
            span = *found;
            ofSpan = shadowOf(span.begin, span.bytes);
            launch = clocks.launch;
        }
        if (address + size > span.begin + span.bytes) endThread("illegal access, " + describe(address + size - 1));
        bytes = ofSpan + (address - span.begin);
        shared = false;
    }
    for (size_t i = 0; i < size; i++) touch(bytes[i], write, shared);
}

}  // namespace

API void emulator_access(const void* p, size_t bytes, bool write) { access((uintptr_t)p, bytes, write); }

#define HOOKS(N)                                                                          \
    API void __tsan_read##N(void* p) { access((uintptr_t)p, N, false); }                  \
    API void __tsan_write##N(void* p) { access((uintptr_t)p, N, true); }                  \
    API void __tsan_unaligned_read##N(void* p) { access((uintptr_t)p, N, false); }        \
    API void __tsan_unaligned_write##N(void* p) { access((uintptr_t)p, N, true); }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
API void __tsan_read_range(void* p, unsigned long bytes) { access((uintptr_t)p, bytes, false); }
API void __tsan_write_range(void* p, unsigned long bytes) { access((uintptr_t)p, bytes, true); }
API void __tsan_init() {}
API void __tsan_func_entry(void*) {}
API void __tsan_func_exit() {}
