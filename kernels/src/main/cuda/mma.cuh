// Tensor cores: the instructions of compute capability 8.0 and newer that multiply fragments, load them from shared memory,
// and fill shared memory behind the program's back. Under CUDA_EMULATOR each is what the PTX ISA (sections mma, ldmatrix,
// cp.async) says that it does, lane by lane, so that a wrong index or a missing wait shows on the emulated device.
//
// A fragment is a matrix spread over the registers of a warp. Lane l is member t = l % 4 of group g = l / 4; a register has
// two halves or one float, and K = 16 halves or 8 floats fall into two parts of 4 registers' width.
//
//   mma       C (16, 8) += A (16, K) B (K, 8), in F32
//             A  4 registers: rows g, g + 8, g, g + 8; register t of the first part of K, the first, the second, the second
//             B  2 registers: column g; register t of the first part of K, of the second
//             C  4 floats: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
//   ldmatrix  four matrices of 8 lines of 16 bytes; lane l names line l % 8 of matrix l / 8. Register i is register t of line
//             g of matrix i, so four parts of A in their order are A. Transposed: halves 2t and 2t + 1 of column g.
//   cp.async  16 bytes from memory to shared memory, the last of them zeros; they are there for the thread that asked once
//             it has waited for the group that it committed them with, for others after a barrier that follows.
#pragma once

#ifdef CUDA_EMULATOR
#define DYNAMIC_SHARED char* shared = emulator_dynamic_shared
#else
#define DYNAMIC_SHARED extern __shared__ __align__(128) char shared[]
#endif

// ------------------------------------------------------------------------------------------------ multiplication

#ifdef CUDA_EMULATOR

// What part e of a register multiplies with: of a float, tensor cores see the upper 19 bits.
template <class T>
float multiplicand(unsigned bits, int e) {
    if constexpr (sizeof(T) == 2) return to_float(T{(unsigned short)(bits >> 16 * e)});
    else return __uint_as_float(bits & 0xFFFFE000);
}

template <class T>
EMULATOR_UNCHECKED void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    enum { EACH = 4 / sizeof(T), PART = 4 * EACH };
    struct Warp {
        float a[16][2 * PART], b[2 * PART][8];
    };
    Warp& warp = *(Warp*)emulator_scratch();
    int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
    for (int e = 0; e < EACH; e++) {
        for (int i = 0; i < 4; i++) warp.a[g + i % 2 * 8][i / 2 * PART + t * EACH + e] = multiplicand<T>(a[i], e);
        for (int i = 0; i < 2; i++) warp.b[i * PART + t * EACH + e][g] = multiplicand<T>(b[i], e);
    }
    emulator_lockstep();
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 2 * PART; k++) c[i] += warp.a[g + i / 2 * 8][k] * warp.b[k][2 * t + i % 2];
    emulator_lockstep();
}

#else

#define MMA(T, SHAPE, TYPE)                                                                                          \
    template <>                                                                                                      \
    __device__ __forceinline__ void mma<T>(float(&c)[4], const unsigned(&a)[4], const unsigned(&b)[2]) {             \
        asm volatile("mma.sync.aligned." SHAPE ".row.col.f32." TYPE "." TYPE ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "      \
            "{%8, %9}, {%0, %1, %2, %3};"                                                                            \
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                                                         \
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                                     \
    }
template <class T>
__device__ void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]);
MMA(bf16, "m16n8k16", "bf16")
MMA(f16, "m16n8k16", "f16")
MMA(f32, "m16n8k8", "tf32")

__device__ __forceinline__ unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }

#endif

// The nearest of the floats that tensor cores see; away from zero where two are as near.
__device__ __forceinline__ unsigned round_tf32(unsigned bits) {
#ifdef CUDA_EMULATOR
    return (bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FFFFFFF : (bits + 0x1000) & 0xFFFFE000;
#else
    unsigned y;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(__uint_as_float(bits)));
    return y;
#endif
}

// ------------------------------------------------------------------------------------------------ loads

#ifdef CUDA_EMULATOR

template <bool TRANSPOSED>
EMULATOR_UNCHECKED void ldmatrix(unsigned (&r)[4], const void* line) {
    const unsigned short** lines = (const unsigned short**)emulator_scratch();
    int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
    if ((size_t)line % 16) __builtin_trap();
    emulator_access(line, 16, false);
    lines[threadIdx.x % 32] = (const unsigned short*)line;
    emulator_lockstep();
    for (int i = 0; i < 4; i++) {
        const unsigned short** matrix = lines + 8 * i;
        unsigned low = TRANSPOSED ? matrix[2 * t][g] : matrix[g][2 * t];
        unsigned high = TRANSPOSED ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1];
        r[i] = low | high << 16;
    }
    emulator_lockstep();
}

#else

template <bool TRANSPOSED>
__device__ __forceinline__ void ldmatrix(unsigned (&r)[4], const void* line) {
    if (TRANSPOSED)
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                     : "r"(shared_address(line))
                     : "memory");
    else
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                     : "r"(shared_address(line))
                     : "memory");
}

#endif

// ------------------------------------------------------------------------------------------------ copies

// The copies of one thread that are under way. On the emulated device each is made at once or at the last moment, as the seed
// decides.
class AsyncCopies {
#ifdef CUDA_EMULATOR
    struct Copy {
        char* to;
        const void* from;
        int bytes, group;
    };
    enum { MOST = 128 };
    Copy copies[MOST];
    int count = 0, groups = 0;

    static EMULATOR_UNCHECKED void make(const Copy& copy) {
        memcpy(copy.to, copy.from, copy.bytes);
        memset(copy.to + copy.bytes, 0, 16 - copy.bytes);
    }

public:
    // The first `bytes` of 16, and zeros.
    void copy(void* to, const void* from, int bytes) {
        if (((size_t)to | (size_t)from) % 16 || count == MOST) __builtin_trap();
        emulator_access(to, 16, true);
        emulator_access(from, bytes, false);
        Copy next = {(char*)to, from, bytes, groups};
        if (emulator_coin()) make(next);
        else copies[count++] = next;
    }
    // All copies since the last call are a group.
    void commit() { groups++; }
    // Until all but the last PENDING groups are there.
    template <int PENDING>
    void wait() {
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (copies[i].group >= groups - PENDING) {
                copies[left++] = copies[i];
                continue;
            }
            emulator_access(copies[i].to, 16, true);
            make(copies[i]);
        }
        count = left;
    }
#else
public:
    __device__ __forceinline__ void copy(void* to, const void* from, int bytes) {
        asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;"
                     ::"r"(shared_address(to)), "l"(from), "r"(bytes)
                     : "memory");
    }
    __device__ __forceinline__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
    template <int PENDING>
    __device__ __forceinline__ void wait() {
        asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
    }
#endif
};
