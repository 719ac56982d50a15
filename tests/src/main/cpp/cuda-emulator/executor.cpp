// Runs a grid block by block. The threads of a block share one fiber as long as none of them waits: a kernel without
// barriers costs a function call per thread. A thread that waits keeps its fiber, and the rest go on with another.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "emulator.h"

extern "C" {
__attribute__((visibility("default"))) Dim3 threadIdx, blockIdx, blockDim, gridDim;
__attribute__((visibility("default"))) char* emulator_dynamic_shared;
void emulator_switch(void** from, void* to);
}
// Saves the callee-saved registers and the stack pointer, and goes on where `to` was saved.
asm(R"(.text
.globl emulator_switch
.hidden emulator_switch
.type emulator_switch,@function
emulator_switch:
 push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15
 mov %rsp,(%rdi)
 mov %rsi,%rsp
 pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp
 ret
.size emulator_switch,.-emulator_switch
)");

namespace {

enum State { READY, AT_BARRIER, IN_WARP, DONE };
enum { SYNC, SHFL, UP, DOWN, XOR, BALLOT, LOCKSTEP };  // as in device_language.h
const int NO_STACK = -1;
const size_t STACK = 256 << 10, PAGE = 4096, MAX_DYNAMIC = 256 << 10;

struct Thread {
    void* stackPointer;
    State state;
    int stack;
    Dim3 index;
    int line;  // of the barrier where it waits
    int operation, bytes, argument, width;
    unsigned mask;
    unsigned char value[16];
};

std::vector<Thread> threads;
std::vector<char*> stacks;
std::vector<int> freeStacks;
std::vector<int> order;  // of the threads of a block: order[i] is the i-th to run
void* scheduler;
int current, started, finished;
const emulator::Grid* grid;
void** parameters;
bool failed;
std::string message;

void toScheduler() { emulator_switch(&threads[current].stackPointer, scheduler); }

void failHere(const std::string& reason) {
    if (!failed) {
        char where[160];
        snprintf(where, sizeof where, "kernel %s, block (%u, %u, %u), thread (%u, %u, %u): ", grid->kernel->name,
                 blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z);
        message = where + reason;
    }
    failed = true;
}

void select(int thread) {
    current = thread;
    threadIdx = threads[thread].index;
}

// The life of a fiber: one thread after another, until one of them waits; who resumes it there resumes this loop.
void fiber() {
    for (;;) {
        grid->kernel->call(parameters);
        Thread& thread = threads[current];
        thread.state = DONE;
        finished++;
        int stack = thread.stack;
        thread.stack = NO_STACK;
        if (failed || started == (int)threads.size()) {
            freeStacks.push_back(stack);
            void* never;
            emulator_switch(&never, scheduler);
        }
        int next = order[started++];
        threads[next].stack = stack;
        select(next);
    }
}

void newFiber(int thread) {
    if (freeStacks.empty()) {
        char* memory = (char*)mmap(nullptr, PAGE + STACK, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        mprotect(memory, PAGE, PROT_NONE);
        stacks.push_back(memory);
        freeStacks.push_back((int)stacks.size() - 1);
    }
    int stack = freeStacks.back();
    freeStacks.pop_back();
    threads[thread].stack = stack;
    void** top = (void**)(stacks[stack] + PAGE + STACK);
    *--top = nullptr;  // keeps the alignment that a call would leave
    *--top = (void*)fiber;
    for (int saved = 0; saved < 6; saved++) *--top = nullptr;
    threads[thread].stackPointer = top;
}

// ------------------------------------------------------------------------------------------------- warps

bool hasArrived(const Thread& thread, unsigned mask) { return thread.state == IN_WARP && thread.mask == mask; }

int source(const Thread& thread, int lane) {
    int first = lane & ~(thread.width - 1), end = first + thread.width, from = lane;
    switch (thread.operation) {
        case SHFL: from = first + (thread.argument & (thread.width - 1)); break;
        case UP: from = lane - thread.argument; break;
        case DOWN: from = lane + thread.argument; break;
        case XOR: from = lane ^ thread.argument; break;
    }
    return from < first || from >= end ? lane : from;
}

// Exchanges the values of the lanes of `mask`, all of which have arrived or are done.
void exchange(Thread* warp, int lanes, unsigned mask) {
    unsigned char values[32][16];
    unsigned ballot = 0;
    for (int lane = 0; lane < lanes; lane++) {
        memcpy(values[lane], warp[lane].value, 16);
        unsigned word;
        memcpy(&word, values[lane], 4);
        if (mask >> lane & 1 && warp[lane].state == IN_WARP && word) ballot |= 1u << lane;
    }
    for (int lane = 0; lane < lanes; lane++) {
        Thread& thread = warp[lane];
        if (!(mask >> lane & 1) || thread.state != IN_WARP) continue;
        if (thread.operation == BALLOT) memcpy(thread.value, &ballot, 4);
        if (thread.operation >= SHFL && thread.operation <= XOR) {
            int from = source(thread, lane);
            bool takesPart = from < lanes && mask >> from & 1 && warp[from].state == IN_WARP;
            // What a lane that takes no part would give is undefined: NaN shows it.
            if (takesPart) memcpy(thread.value, values[from], thread.bytes);
            else memset(thread.value, 0xFF, thread.bytes);
        }
    }
    for (int lane = 0; lane < lanes; lane++)
        if (mask >> lane & 1 && warp[lane].state == IN_WARP) warp[lane].state = READY;
}

// Completes one collective of a warp if all its lanes are there; whether it did.
bool completeWarp(int first) {
    Thread* warp = &threads[first];
    int lanes = std::min<int>(32, (int)threads.size() - first);
    for (int lane = 0; lane < lanes; lane++) {
        if (warp[lane].state != IN_WARP) continue;
        unsigned mask = warp[lane].mask;
        bool complete = true;
        for (int other = 0; other < lanes && complete; other++)
            if (mask >> other & 1 && warp[other].state != DONE) {
                complete = hasArrived(warp[other], mask);
                if (complete && (warp[other].operation != warp[lane].operation || warp[other].bytes != warp[lane].bytes)) {
                    select(first + other);
                    failHere("lanes of one mask are in different warp collectives");
                    return true;
                }
            }
        if (complete) {
            if (warp[lane].operation == SYNC) emulator::clocks.warps[first / 32]++;
            exchange(warp, lanes, mask);
            return true;
        }
    }
    return false;
}

// ------------------------------------------------------------------------------------------------- blocks

// A permutation of [0, n) that costs next to nothing: i -> a i + b mod n, with a prime to n.
struct Permutation {
    unsigned long n, a, b;
    Permutation(unsigned long size, uint64_t random) : n(size), a(1), b(0) {
        if (emulator::knob[emulator::SEED] == 0) return;
        b = random % n;
        a = (random >> 32) % n | 1;
        while (std::gcd(a, n) != 1) a += 2;
        a %= n;
        if (a == 0) a = 1;
    }
    unsigned long operator()(unsigned long i) const { return (a * i + b) % n; }
};

uint64_t mix(uint64_t x) {  // SplitMix64
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

// Lets all go on from a barrier if all that are left are there; whether it did.
bool releaseBarrier() {
    int waiting = 0, line = 0;
    for (const Thread& thread : threads)
        if (thread.state == AT_BARRIER) waiting++, line = thread.line;
    if (!waiting || waiting + finished != (int)threads.size()) return false;
    for (int t = 0; t < (int)threads.size(); t++) {
        if (threads[t].state != AT_BARRIER) continue;
        if (threads[t].line != line) {
            select(t);
            failHere("divergence: threads of the block wait at different __syncthreads");
        }
        threads[t].state = READY;
    }
    emulator::clocks.now++;
    return true;
}

void runWaiting() {
    int n = (int)threads.size();
    while (finished < n && !failed) {
        bool progress = false;
        for (int i = 0; i < n && !failed; i++) {
            int t = order[i];
            if (threads[t].state != READY) continue;
            progress = true;
            select(t);
            emulator_switch(&scheduler, threads[t].stackPointer);
        }
        for (int first = 0; first < n && !failed; first += 32) progress |= completeWarp(first);
        progress |= releaseBarrier();
        if (progress || failed) continue;
        for (int t = 0; t < n; t++)
            if (threads[t].state != DONE) {
                select(t);
                failHere(threads[t].state == AT_BARRIER ? "deadlock: waits at __syncthreads, others never come there"
                                                        : "deadlock: waits in a warp collective for lanes of its mask");
                break;
            }
    }
}

void runBlock() {
    int n = (int)threads.size();
    if (emulator::knob[emulator::GUARD]) {
        memset(grid->sharedBegin, 0xFF, grid->sharedEnd - grid->sharedBegin);
        memset(emulator_dynamic_shared, 0xFF, grid->sharedBytes);
    }
    for (Thread& thread : threads) thread.state = READY, thread.stack = NO_STACK;
    started = finished = 0;
    emulator::clocks.block = ++emulator::clocks.now;
    while (started < n && !failed) {
        int t = order[started++];
        newFiber(t);
        select(t);
        emulator_switch(&scheduler, threads[t].stackPointer);
    }
    runWaiting();
    if (failed) {  // fibers that will never end
        freeStacks.resize(stacks.size());
        std::iota(freeStacks.begin(), freeStacks.end(), 0);
    }
}

// ------------------------------------------------------------------------------------------------- faults

const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction previous[4];
pid_t launching;

// A fault of the launching thread ends the launch; one of another thread (the JVM uses them) goes on to whom it belongs.
void onFault(int signal, siginfo_t* info, void* context) {
    if (launching == (pid_t)syscall(SYS_gettid)) {
        // The code that g++ makes traps at what it finds misaligned, as our own twins of instructions do.
        failHere(signal == SIGFPE   ? "integer division by zero"
                 : signal == SIGILL ? "misaligned address"
                                    : "illegal access, " + emulator::describe((uintptr_t)info->si_addr));
        void* never;
        emulator_switch(&never, scheduler);
    }
    for (int i = 0; i < 4; i++)
        if (SIGNALS[i] == signal) {
            if (previous[i].sa_flags & SA_SIGINFO) previous[i].sa_sigaction(signal, info, context);
            else if (previous[i].sa_handler == SIG_DFL) sigaction(signal, &previous[i], nullptr);
            else if (previous[i].sa_handler != SIG_IGN) previous[i].sa_handler(signal);
        }
}

struct FaultHandlers {
    FaultHandlers() {
        struct sigaction action {};
        action.sa_sigaction = onFault;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        launching = (pid_t)syscall(SYS_gettid);
        for (int i = 0; i < 4; i++) sigaction(SIGNALS[i], &action, &previous[i]);
    }
    ~FaultHandlers() {
        for (int i = 0; i < 4; i++) sigaction(SIGNALS[i], &previous[i], nullptr);
        launching = 0;
    }
};

// Dynamic shared memory ends at a page that nobody may touch.
char* dynamicShared(size_t bytes) {
    static char* memory = nullptr;
    if (!memory) {
        memory = (char*)mmap(nullptr, MAX_DYNAMIC + PAGE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        mprotect(memory + MAX_DYNAMIC, PAGE, PROT_NONE);
    }
    return memory + MAX_DYNAMIC - ((bytes + 15) & ~(size_t)15);
}

void prepareThreads(Dim3 size) {
    size_t n = (size_t)size.x * size.y * size.z;
    threads.resize(n);
    order.resize(n);
    for (size_t t = 0; t < n; t++)
        threads[t].index = {(unsigned)(t % size.x), (unsigned)(t / size.x % size.y), (unsigned)(t / size.x / size.y)};
}

}  // namespace

emulator::Clocks emulator::clocks;
char *emulator::sharedBegin, *emulator::sharedEnd;
size_t emulator::dynamicBytes;

int emulator::thread() { return current; }

void emulator::endThread(const std::string& reason) {
    failHere(reason);
    toScheduler();
}

// Which of two moments an asynchronous copy is made at.
API bool emulator_coin() {
    static uint64_t tosses;
    return emulator::knob[emulator::SEED] != 0 && mix((uint64_t)emulator::knob[emulator::SEED] << 40 | ++tosses) & 1;
}

// For the twins of warp-wide instructions: 8 KB for each warp, which are no memory of the device.
API char* emulator_scratch() {
    static char scratch[32][8192] __attribute__((aligned(16)));
    return scratch[current / 32];
}

API void emulator_barrier(int line) {
    threads[current].line = line;
    threads[current].state = AT_BARRIER;
    toScheduler();
}

API void emulator_warp(int operation, unsigned mask, void* value, int bytes, int argument, int width) {
    Thread& thread = threads[current];
    if (!(mask >> (current & 31) & 1)) failHere("a lane is not in the mask of its own warp collective");
    if (bytes > 16) failHere("a shuffle of more than 16 bytes");
    if (failed) toScheduler();
    thread.operation = operation;
    thread.mask = mask;
    thread.bytes = bytes;
    thread.argument = argument;
    thread.width = width;
    memcpy(thread.value, value, bytes);
    thread.state = IN_WARP;
    toScheduler();
    memcpy(value, threads[current].value, bytes);
}

std::string emulator::execute(const Grid& launched) {
    grid = &launched;
    std::vector<void*> addresses;
    size_t offset = 0;
    for (int i = 0; i < grid->kernel->parameterCount; i++) {
        addresses.push_back((char*)launched.parameters.data() + offset);
        offset += (grid->kernel->parameterSizes[i] + 15) / 16 * 16;
    }
    parameters = addresses.data();
    gridDim = grid->blocks;
    blockDim = grid->threads;
    emulator_dynamic_shared = dynamicShared(grid->sharedBytes);
    prepareThreads(blockDim);
    clocks.launch = ++clocks.now;
    checking = grid->checked;
    sharedBegin = grid->sharedBegin;
    sharedEnd = grid->sharedEnd;
    dynamicBytes = grid->sharedBytes;
    failed = false;
    message.clear();
    uint64_t random = mix((uint64_t)knob[SEED] * 0x100000001B3u + (uint64_t)knob[LAUNCHES]);
    unsigned long count = (unsigned long)gridDim.x * gridDim.y * gridDim.z;
    Permutation blocks(count, random);
    Permutation within(threads.size(), mix(random));
    for (size_t i = 0; i < order.size(); i++) order[i] = (int)within(i);
    FaultHandlers handlers;
    for (unsigned long i = 0; i < count && !failed; i++) {
        unsigned long b = blocks(i);
        blockIdx = {(unsigned)(b % gridDim.x), (unsigned)(b / gridDim.x % gridDim.y),
                    (unsigned)(b / gridDim.x / gridDim.y)};
        runBlock();
    }
    return message;
}
