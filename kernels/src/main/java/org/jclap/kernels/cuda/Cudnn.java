package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.checkCudnn;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.jclap.kernels.cuda.CudnnPlan.Choice;
import org.jclap.kernels.cuda.CudnnPlan.Direction;
import org.jclap.kernels.cuda.CudnnPlan.Problem;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's convolutions: full F32 for F32 unless TF32 is allowed, sums in F32 for halves.
 *
 * <p>Which algorithm computes a shape is asked of the library's heuristics once and kept. They are asked, where the library
 * could also time each algorithm, because that would launch kernels amid a capture, and choose anew in each run.
 *
 * <p>The library computes where every pixel fills whole packs of 16 bytes with channels, on either side: its tensor-core
 * kernels read packs, and would copy anything else into padded images first. So the first layer, of one channel, which is
 * bound by memory, is left to {@code convolution.cu}, as is what no algorithm can compute in the workspace allowed, and
 * what the library refuses although it has offered it.
 */
final class Cudnn implements AutoCloseable {
    private static final int PACK = 16;
    private static final long WORKSPACE_LIMIT = 1L << 30;

    /** A small device keeps most of its memory for tensors. */
    private static final int WORKSPACE_SHARE = 16;

    /** Shapes for which plans are kept; a training run has some dozens. */
    private static final int MAX_PLANS = 512;

    private final cudnnHandle handle = new cudnnHandle();
    private final Pointer one = Cublas.constant(1);
    private final Pointer zero = Cublas.constant(0);
    private final DeviceMemory memory;
    private final LayoutOps layouts;
    private final Choice choice;
    private final Map<Problem, Optional<CudnnPlan>> plans = new HashMap<>();

    /** A handle for a device with so much memory; its work goes into the stream. There must be no {@link #obstacle}. */
    Cudnn(CudaStream stream, DeviceMemory memory, LayoutOps layouts, CudaOptions options, long deviceBytes) {
        this.memory = memory;
        this.layouts = layouts;
        long workspace = Math.min(WORKSPACE_LIMIT, deviceBytes / WORKSPACE_SHARE);
        choice = new Choice(options.tf32(), options.deterministic(), workspace);
        checkCudnn(JCudnn.cudnnCreate(handle), "cudnnCreate");
        int status = JCudnn.cudnnSetStream(handle, new cudaStream_t(stream.handle()));
        if (status != 0) {
            JCudnn.cudnnDestroy(handle);
            checkCudnn(status, "cudnnSetStream");
        }
    }

    /** Why the library cannot be used, or null. */
    static @Nullable String obstacle() {
        String missing = Natives.load(Natives.Library.CUDNN);
        if (missing == null) {
            Natives.initialise(() -> JCudnn.setExceptionsEnabled(false));
        }
        return missing;
    }

    /** The library's version, as 9.5. */
    static String version() {
        long version = JCudnn.cudnnGetVersion();
        return "%d.%d".formatted(version / 10_000, version % 10_000 / 100);
    }

    /** Queues a convolution that is not empty, if the library is to compute it; {@code w} in the order of the op. */
    boolean compute(Direction direction, Tensor x, Tensor w, Tensor y, int stride, int padding) {
        if (!fillsPacks(x) || !fillsPacks(y) || CudaStorage.address(w) % PACK != 0) {
            return false;
        }
        Problem problem = new Problem(direction, x.dtype(), x.shape(), w.shape(), y.shape(), stride, padding);
        CudnnPlan plan = plan(problem);
        if (plan == null) {
            return false;
        }
        boolean computed = run(plan, direction, x, w, y);
        if (!computed) {
            plan.close();
            plans.put(problem, Optional.empty());
        }
        return computed;
    }

    /** Weights pass through an arranged copy, unless there is but one tap, for which both orders are the same. */
    private boolean run(CudnnPlan plan, Direction direction, Tensor x, Tensor w, Tensor y) {
        Pointer px = CudaStorage.pointer(x);
        Pointer py = CudaStorage.pointer(y);
        int taps = w.shape().dim(2) * w.shape().dim(3);
        try (Workspace scratch = memory.workspace(plan.workspace())) {
            Pointer free = scratch.block().pointer();
            if (taps == 1) {
                return plan.run(handle, one, zero, px, CudaStorage.pointer(w), py, free);
            }
            int outputs = w.shape().dim(0);
            int inputs = w.shape().dim(1);
            try (Workspace arranged =
                    memory.workspace((long) w.size() * w.dtype().bytes())) {
                long there = arranged.address();
                boolean gradient = direction == Direction.WEIGHT_GRADIENT;
                if (!gradient) {
                    layouts.transpose(w.dtype(), CudaStorage.address(w), there, outputs, inputs, taps);
                }
                boolean computed =
                        plan.run(handle, one, zero, px, arranged.block().pointer(), py, free);
                if (computed && gradient) {
                    layouts.transpose(w.dtype(), there, CudaStorage.address(w), outputs, taps, inputs);
                }
                return computed;
            }
        }
    }

    private static boolean fillsPacks(Tensor image) {
        return image.shape().last() * image.dtype().bytes() % PACK == 0 && CudaStorage.address(image) % PACK == 0;
    }

    private @Nullable CudnnPlan plan(Problem problem) {
        if (plans.size() == MAX_PLANS && !plans.containsKey(problem)) {
            forget();
        }
        return plans.computeIfAbsent(problem, unknown -> Optional.ofNullable(CudnnPlan.find(handle, unknown, choice)))
                .orElse(null);
    }

    private void forget() {
        plans.values().forEach(plan -> plan.ifPresent(CudnnPlan::close));
        plans.clear();
    }

    @Override
    public void close() {
        forget();
        checkCudnn(JCudnn.cudnnDestroy(handle), "cudnnDestroy");
    }
}
