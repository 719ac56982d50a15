// Log-mel spectrograms in decibels: waves (B, N) to (B, 1, T, F), see org.jclap.tensor.op.LogMel.
//
// A frame of W windowed samples is taken as W / 2 complex numbers, transformed in shared memory by radix-2 passes in place,
// split into the spectrum of the real signal, squared, and weighted by the bands, eight lanes to each of them.
//
// Geometry: W / 8 threads a block, 32 to 256, each block one frame after the other, grid min(B T, 2048). The roots of unity
// are computed once by each block and kept in shared memory pass by pass, so that neighbouring threads read neighbours;
// one float in 33 is left free, so that writing in bit-reversed order has no bank conflicts. 10 W + W / 4 bytes shared.
//
// Cost per frame: W w bytes read, of which hop / W from memory and the rest from the cache, F w written; 2.5 W log2 W
// operations, 4 W log2 W bytes through shared memory, which is the limit: of its 128 bytes a cycle and multiprocessor 0.4 is
// expected, as each of log2 W passes ends at a barrier. For B = 128 clips of 5 s at 32 kHz that is some 0.3 ms of an A100.
#include "common.cuh"
#include "fault.cuh"

#define LANES 8  // to a band

struct Geometry {
    int frames_of_all, frames, samples, window, hop, bands, width;
};

// Shared memory: the complex numbers, in place of whose real parts the powers lie in the end, and the roots.
struct Transform {
    int size;  // W / 2
    float *re, *im, *cosine, *sine;

    __device__ __forceinline__ static int at(int i) { return i + i / 32; }

    __device__ __forceinline__ Transform(float* shared, int size) : size(size) {
        re = shared;
        im = re + at(size) + 1;
        cosine = im + at(size) + 1;
        sine = cosine + size + size / 2 + 1;
    }

    // Roots exp(-pi i j / span) at span + j, for spans of 1 to W / 2; of the last, the first half.
    __device__ __forceinline__ void prepare() const {
        for (int i = threadIdx.x + 1; i < size + size / 2 + 1; i += blockDim.x) {
            int span = 1 << (31 - __clz(i));
            sincospif(-(float)(i - span) / span, &sine[i], &cosine[i]);
        }
    }

    // Puts number n where the passes expect it.
    __device__ __forceinline__ void put(int n, float real, float imaginary) const {
        int place = at(__brev(n) >> 1 >> __clz(size));
        re[place] = real;
        im[place] = imaginary;
    }

    __device__ __forceinline__ void run() const {
        for (int span = 1; span < size; span *= 2) {
            __syncthreads();
            for (int t = threadIdx.x; t < size / 2; t += blockDim.x) {
                int j = t & (span - 1), a = at(2 * t - j), b = at(2 * t - j + span);
                float c = cosine[span + j], s = sine[span + j];
                float real = re[b] * c - im[b] * s, imaginary = re[b] * s + im[b] * c;
                re[b] = re[a] - real;
                im[b] = im[a] - imaginary;
                re[a] += real;
                im[a] += imaginary;
            }
        }
        __syncthreads();
    }

    // The squared magnitudes of bins 0 to W / 2, over the real parts. With Z what the passes have made, E = (Z[k] + conj
    // Z[-k]) / 2 of the even and O = (Z[k] - conj Z[-k]) / 2i of the odd samples: X[k] = E + wO, conj X[W / 2 - k] = E - wO.
    __device__ __forceinline__ void power() const {
        for (int k = threadIdx.x; k <= size / 2; k += blockDim.x) {
            int a = at(k), b = at((size - k) & (size - 1));
            float even_re = 0.5f * (re[a] + re[b]), even_im = 0.5f * (im[a] - im[b]);
            float odd_re = 0.5f * (im[a] + im[b]), odd_im = 0.5f * (re[b] - re[a]);
            float c = cosine[size + k], s = sine[size + k];
            float real = c * odd_re - s * odd_im, imaginary = c * odd_im + s * odd_re;
            re[a] = (even_re + real) * (even_re + real) + (even_im + imaginary) * (even_im + imaginary);
            re[at(size - k)] = (even_re - real) * (even_re - real) + (even_im - imaginary) * (even_im - imaginary);
        }
        __syncthreads();
    }
};

// Sample i of a wave that is mirrored at both ends.
template <class T>
__device__ __forceinline__ float mirrored(const T* wave, int samples, int i) {
    int inside = i < 0 ? -i : i;
    return to_float(wave[inside < samples ? inside : 2 * (samples - 1) - inside]);
}

// Energies at the floor become exactly -100 dB, whatever the logarithm's last bit.
__device__ __forceinline__ float decibels(float energy) { return energy <= 1e-10f ? -100.0f : 10.0f * log10f(energy); }

template <class T>
__device__ __forceinline__ void weigh(const float* power, const T* weights, const int* bands, T* y, const Geometry& size,
                                      Fault* fault) {
    int lane = threadIdx.x % LANES, bins = size.window / 2 + 1;
    for (int first_band = 0; first_band < size.bands; first_band += blockDim.x / LANES) {
        int band = first_band + threadIdx.x / LANES;
        float energy = 0.0f;
        if (band < size.bands) {
            int first = bands[2 * band], count = bands[2 * band + 1];
            if (first < 0 || count < 0 || count > size.width || first > bins - count) {
                if (lane == 0) report(fault, band, first);
                count = 0;
            }
            for (int i = lane; i < count; i += LANES)
                energy += to_float(weights[(size_t)band * size.width + i]) * power[Transform::at(first + i)];
        }
        for (int distance = LANES / 2; distance > 0; distance /= 2)
            energy += __shfl_xor_sync(0xFFFFFFFFu, energy, distance);
        if (lane == 0 && band < size.bands) y[band] = from_float<T>(decibels(energy));
    }
}

template <class T>
__device__ __forceinline__ void log_mel(float* shared, const T* waves, const T* window, const T* weights, const int* bands,
                                        T* y, const Geometry& size, Fault* fault) {
    Transform transform(shared, size.window / 2);
    transform.prepare();
    for (int frame = blockIdx.x; frame < size.frames_of_all; frame += gridDim.x) {
        const T* wave = waves + (size_t)(frame / size.frames) * size.samples;
        int start = frame % size.frames * size.hop - size.window / 2;
        for (int n = threadIdx.x; n < transform.size; n += blockDim.x)
            transform.put(n, mirrored(wave, size.samples, start + 2 * n) * to_float(window[2 * n]),
                          mirrored(wave, size.samples, start + 2 * n + 1) * to_float(window[2 * n + 1]));
        transform.run();
        transform.power();
        weigh(transform.re, weights, bands, y + (size_t)frame * size.bands, size, fault);
        __syncthreads();
    }
}

#ifdef CUDA_EMULATOR
#define SHARED float* shared = (float*)emulator_dynamic_shared
#else
#define SHARED extern __shared__ float shared[]
#endif

#define LOG_MEL(T)                                                                                                     \
    extern "C" __global__ void log_mel_##T(const T* waves, const T* window, const T* weights, const int* bands, T* y,  \
                                           Geometry size, Fault* fault) {                                              \
        SHARED;                                                                                                        \
        log_mel(shared, waves, window, weights, bands, y, size, fault);                                                \
    }
FOR_FLOATING(LOG_MEL)
