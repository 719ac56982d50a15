// Optimizer steps over many parameters at once: Update.Adam (Adam and AdamW) and Update.Sgd, in place, with PyTorch's formulas.
//
// Learning rate, step number and the factor on gradients are read from the device, so that a captured graph of launches stays
// right from step to step; StepControl writes them, and a factor that is not finite skips the step. Arithmetic is F32 for every
// element type.
//
// Geometry: a launch covers up to 80 parameters by the pieces of groups.cuh; grid (sum of ceil(n / 4096)), 256 threads, which go
// over their piece pack by pack, neighbours side by side.
//
// Cost per element: Adam reads 4 w and writes 3 w bytes for 15 operations, gradient descent reads 3 w and writes 2 w for 5:
// bound by memory, of whose bandwidth 0.9 is expected.
#include "common.cuh"
#include "groups.cuh"

// Parameter, gradient and one or two moments of each group.
typedef Groups<4, 80> Parameters;

struct StepState {
    float rate, step, factor;
};

// The mirror of StepControl.Field.
struct StepRecord {
    float scale, streak, skipped, in_a_row, longest, norm, loss, loss_sum, factor;
};

__device__ __forceinline__ bool is_finite(double x) { return x - x == 0; }

// ------------------------------------------------------------------------------------------------ one element

struct Adam {
    enum { MOMENTS = 2 };
    float log_beta1, rate1;  // ln beta, 1 - beta
    float log_beta2, beta2, rate2;
    float eps, gradient_decay, parameter_decay;

    // What all elements share in a step.
    struct Step {
        float factor, keep, step_size, inverse_root;
    };
    __device__ __forceinline__ Step begin(const StepState& state) const {
        // 1 - beta^step, without cancellation.
        float correction1 = -expm1f(state.step * log_beta1), correction2 = -expm1f(state.step * log_beta2);
        return {state.factor, 1.0f - state.rate * parameter_decay, state.rate / correction1, 1.0f / sqrtf(correction2)};
    }
    __device__ __forceinline__ void update(const Step& step, float& p, float g, float* moments) const {
        g = g * step.factor + gradient_decay * p;
        moments[0] += rate1 * (g - moments[0]);
        moments[1] = beta2 * moments[1] + rate2 * (g * g);
        float root = sqrtf(moments[1]) * step.inverse_root + eps;
        p = p * step.keep - step.step_size * (moments[0] / root);
    }
};

struct Sgd {
    enum { MOMENTS = 1 };
    float momentum, decay;

    struct Step {
        float factor, rate;
    };
    __device__ __forceinline__ Step begin(const StepState& state) const { return {state.factor, state.rate}; }
    __device__ __forceinline__ void update(const Step& step, float& p, float g, float* moments) const {
        moments[0] = momentum * moments[0] + (g * step.factor + decay * p);
        p -= step.rate * moments[0];
    }
};

// ------------------------------------------------------------------------------------------------ the decision

// StepControl: one thread, in F64 as on the host, so that the factors are the same.
extern "C" __global__ void decide(StepRecord* record, const float* squares, const float* loss, double max_norm, int interval) {
    StepRecord r = *record;
    double scale = r.scale, norm = sqrt((double)*squares) / scale;
    bool finite = is_finite(norm) && is_finite(*loss);
    r.norm = (float)norm;
    r.loss = *loss;
    if (finite) {
        r.factor = (float)(fmin(1.0, max_norm / (norm + 1e-6)) / scale);
        r.in_a_row = 0;
        r.loss_sum += *loss;
        r.streak += 1;
        if (r.streak >= (float)interval) {
            r.streak = 0;
            r.scale = fminf(2 * r.scale, 16777216.0f);
        }
    } else {
        r.factor = __int_as_float(0x7FC00000);
        r.skipped += 1;
        r.in_a_row += 1;
        r.longest = fmaxf(r.longest, r.in_a_row);
        r.streak = 0;
        r.scale = fmaxf(r.scale / 2, 1.0f);
    }
    *record = r;
}

// The state of the parameters of one step count; it follows the decision, and counts a step that is taken.
extern "C" __global__ void follow(const StepRecord* record, const float* rate, StepState* state) {
    float factor = record->factor;
    state->rate = *rate;
    state->step += is_finite(factor) ? 1.0f : 0.0f;
    state->factor = factor;
}

// ------------------------------------------------------------------------------------------------ all of them

template <class T, class Rule>
__device__ __forceinline__ void update(const StepState* state, const Parameters& groups, const Rule& rule) {
    int group = groups.of(blockIdx.x);
    T* p = (T*)groups.address[group][0];
    const T* g = (const T*)groups.address[group][1];
    T* moments[2] = {(T*)groups.address[group][2], (T*)groups.address[group][3]};
    size_t n = groups.elements[group];
    size_t begin = (size_t)(blockIdx.x - groups.first_block[group]) * PIECE;
    size_t end = begin + PIECE < n ? begin + PIECE : n;
    if (!is_finite(state->factor)) return;
    typename Rule::Step step = rule.begin(*state);
    for (size_t i = begin + threadIdx.x * Pack<T>::size; i < end; i += 256 * Pack<T>::size) {
        Pack<T> parameter = load<Pack<T>>(p, i, n), gradient = load<Pack<T>>(g, i, n), moment[Rule::MOMENTS];
#pragma unroll
        for (int m = 0; m < Rule::MOMENTS; m++) moment[m] = load<Pack<T>>(moments[m], i, n);
#pragma unroll
        for (int k = 0; k < Pack<T>::size; k++) {
            float value = to_float(parameter.at[k]), state_of[Rule::MOMENTS];
            for (int m = 0; m < Rule::MOMENTS; m++) state_of[m] = to_float(moment[m].at[k]);
            rule.update(step, value, to_float(gradient.at[k]), state_of);
            for (int m = 0; m < Rule::MOMENTS; m++) moment[m].at[k] = from_float<T>(state_of[m]);
            parameter.at[k] = from_float<T>(value);
        }
#pragma unroll
        for (int m = 0; m < Rule::MOMENTS; m++) store(moments[m], i, n, moment[m]);
        store(p, i, n, parameter);
    }
}

#define UPDATE(T)                                                                                                    \
    extern "C" __global__ void __launch_bounds__(256)                                                                \
        adam_##T(const StepState* state, const __grid_constant__ Parameters groups, const __grid_constant__ Adam rule) { \
        update<T>(state, groups, rule);                                                                              \
    }                                                                                                                \
    extern "C" __global__ void __launch_bounds__(256)                                                                \
        sgd_##T(const StepState* state, const __grid_constant__ Parameters groups, const __grid_constant__ Sgd rule) {   \
        update<T>(state, groups, rule);                                                                              \
    }
FOR_FLOATING(UPDATE)
