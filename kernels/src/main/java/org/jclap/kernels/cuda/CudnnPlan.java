package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.checkCudnn;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * How cuDNN computes one convolution: its descriptors, an algorithm, and the workspace that this takes. Images are {@code (B,
 * H, W, C)}, weights {@code (C_out, KH, KW, C_in)}: NHWC for both.
 */
final class CudnnPlan implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CudnnPlan.class.getName());

    /** Statuses of version 9 from here to the next thousand say that there is no such algorithm, in many ways. */
    private static final int NOT_SUPPORTED = 3000;

    private static final int NHWC = cudnnTensorFormat.CUDNN_TENSOR_NHWC;

    private final Problem problem;
    private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    private final Deque<IntSupplier> destructors = new ArrayDeque<>();
    private int algorithm;
    private long workspace;

    /** Which of x, w and y are given, and which is computed. */
    enum Direction {
        /** y from x and w. */
        FORWARD("cudnnConvolutionForward"),
        /** x from w and y. */
        INPUT_GRADIENT("cudnnConvolutionBackwardData"),
        /** w from x and y. */
        WEIGHT_GRADIENT("cudnnConvolutionBackwardFilter");

        private final String call;

        Direction(String call) {
            this.call = call;
        }
    }

    /** Images x and y, or their gradients, and weights {@code (C_out, C_in, KH, KW)} in the order of the op. */
    record Problem(Direction direction, DType type, Shape x, Shape w, Shape y, int stride, int padding) {
        /** How an error names it. */
        String describe() {
            return "%s of %s x %s, w %s, y %s, stride %d, padding %d"
                    .formatted(direction.call, type, x, w, y, stride, padding);
        }
    }

    /** What decides among algorithms: the math for F32, whether results have to repeat, bytes of workspace. */
    record Choice(boolean tf32, boolean deterministic, long workspaceLimit) {}

    /** An algorithm that the library offers. */
    private record Offer(int algorithm, int status, int determinism, int math) {}

    private CudnnPlan(Problem problem) {
        this.problem = problem;
    }

    /** A plan that follows the library's heuristics within the choice; null when there is none. */
    static @Nullable CudnnPlan find(cudnnHandle handle, Problem problem, Choice choice) {
        CudnnPlan plan = new CudnnPlan(problem);
        boolean found = false;
        try {
            plan.describe(choice);
            found = plan.choose(handle, choice);
            return found ? plan : null;
        } finally {
            if (!found) {
                plan.close();
            }
        }
    }

    private void describe(Choice choice) {
        created(JCudnn.cudnnCreateTensorDescriptor(x), () -> JCudnn.cudnnDestroyTensorDescriptor(x));
        created(JCudnn.cudnnCreateFilterDescriptor(w), () -> JCudnn.cudnnDestroyFilterDescriptor(w));
        created(JCudnn.cudnnCreateTensorDescriptor(y), () -> JCudnn.cudnnDestroyTensorDescriptor(y));
        created(
                JCudnn.cudnnCreateConvolutionDescriptor(convolution),
                () -> JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
        int type = type(problem.type);
        describe(x, problem.x, type);
        describe(y, problem.y, type);
        Shape k = problem.w;
        check(
                JCudnn.cudnnSetFilter4dDescriptor(w, type, NHWC, k.dim(0), k.dim(1), k.dim(2), k.dim(3)),
                "cudnnSetFilter4dDescriptor");
        int padding = problem.padding;
        int stride = problem.stride;
        check(
                JCudnn.cudnnSetConvolution2dDescriptor(
                        convolution,
                        padding,
                        padding,
                        stride,
                        stride,
                        1,
                        1,
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                        cudnnDataType.CUDNN_DATA_FLOAT),
                "cudnnSetConvolution2dDescriptor");
        setMath(math(choice));
    }

    private void created(int status, IntSupplier destructor) {
        check(status, "creating a descriptor");
        destructors.push(destructor);
    }

    private void describe(cudnnTensorDescriptor descriptor, Shape shape, int type) {
        check(
                JCudnn.cudnnSetTensor4dDescriptor(
                        descriptor, NHWC, type, shape.dim(0), shape.dim(3), shape.dim(1), shape.dim(2)),
                "cudnnSetTensor4dDescriptor");
    }

    private static int type(DType type) {
        return switch (type) {
            case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
            case F16 -> cudnnDataType.CUDNN_DATA_HALF;
            case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
            case F64, I32, I64, BOOL -> throw new IllegalArgumentException(type + " has no convolution");
        };
    }

    /** By default the library rounds F32 to TF32 where that is faster. */
    private int math(Choice choice) {
        if (problem.type != DType.F32) {
            return cudnnMathType.CUDNN_TENSOR_OP_MATH;
        }
        return choice.tf32 ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
    }

    private void setMath(int math) {
        check(JCudnn.cudnnSetConvolutionMathType(convolution, math), "cudnnSetConvolutionMathType");
    }

    /** Takes the first algorithm, as the library ranks them, that is within the choice. */
    private boolean choose(cudnnHandle handle, Choice choice) {
        boolean full = problem.type == DType.F32 && !choice.tf32;
        for (Offer offer : offers(handle)) {
            boolean repeats = offer.determinism == cudnnDeterminism.CUDNN_DETERMINISTIC;
            if (offer.status != 0 || (choice.deterministic && !repeats)) {
                continue;
            }
            setMath(full ? cudnnMathType.CUDNN_FMA_MATH : offer.math);
            long[] bytes = {0};
            int status = workspaceSize(handle, offer.algorithm, bytes);
            if (!isUnsupported(status)) {
                check(status, "the workspace");
                if (bytes[0] <= choice.workspaceLimit) {
                    algorithm = offer.algorithm;
                    workspace = bytes[0];
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "{0}: {1}, workspace of {2} bytes",
                            problem.describe(),
                            algorithmName(),
                            workspace);
                    return true;
                }
            }
        }
        LOG.log(System.Logger.Level.DEBUG, "{0}: no algorithm", problem.describe());
        return false;
    }

    private static boolean isUnsupported(int status) {
        return status >= NOT_SUPPORTED && status < NOT_SUPPORTED + 1000;
    }

    private String algorithmName() {
        return switch (problem.direction) {
            case FORWARD -> cudnnConvolutionFwdAlgo.stringFor(algorithm);
            case INPUT_GRADIENT -> cudnnConvolutionBwdDataAlgo.stringFor(algorithm);
            case WEIGHT_GRADIENT -> cudnnConvolutionBwdFilterAlgo.stringFor(algorithm);
        };
    }

    /**
     * What the library's heuristics offer, best first. When they fail, JCuda may read results that are not there, and throws
     * for that before the status can be seen.
     */
    private List<Offer> offers(cudnnHandle handle) {
        try {
            return ask(handle);
        } catch (ArrayIndexOutOfBoundsException _) {
            LOG.log(System.Logger.Level.WARNING, "{0}: cuDNN''s heuristics have failed", problem.describe());
            return List.of();
        }
    }

    private List<Offer> ask(cudnnHandle handle) {
        return switch (problem.direction) {
            case FORWARD ->
                found(
                        new cudnnConvolutionFwdAlgoPerf[cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_COUNT],
                        (count, found) -> JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                                handle, x, w, convolution, y, found.length, count, found),
                        p -> new Offer(p.algo, p.status, p.determinism, p.mathType));
            case INPUT_GRADIENT ->
                found(
                        new cudnnConvolutionBwdDataAlgoPerf
                                [cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT],
                        (count, found) -> JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                                handle, w, y, convolution, x, found.length, count, found),
                        p -> new Offer(p.algo, p.status, p.determinism, p.mathType));
            case WEIGHT_GRADIENT ->
                found(
                        new cudnnConvolutionBwdFilterAlgoPerf
                                [cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT],
                        (count, found) -> JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                                handle, x, y, convolution, w, found.length, count, found),
                        p -> new Offer(p.algo, p.status, p.determinism, p.mathType));
        };
    }

    /** Fills the array with what one direction offers; the status. */
    @FunctionalInterface
    private interface Search<P> {
        int fill(int[] count, P[] found);
    }

    private <P> List<Offer> found(P[] found, Search<P> search, Function<P, Offer> offer) {
        int[] count = {0};
        int status = search.fill(count, found);
        if (isUnsupported(status)) {
            return List.of();
        }
        check(status, "the search for an algorithm");
        return Arrays.stream(found, 0, count[0]).map(offer).toList();
    }

    private int workspaceSize(cudnnHandle handle, int candidate, long[] bytes) {
        return switch (problem.direction) {
            case FORWARD ->
                JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, x, w, convolution, y, candidate, bytes);
            case INPUT_GRADIENT ->
                JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, w, y, convolution, x, candidate, bytes);
            case WEIGHT_GRADIENT ->
                JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, x, y, convolution, w, candidate, bytes);
        };
    }

    /** Bytes of workspace that {@link #run} needs. */
    long workspace() {
        return workspace;
    }

    /** Queues the convolution, of which one of the three is written, unless the library does not do what it has offered. */
    boolean run(cudnnHandle handle, Pointer one, Pointer zero, Pointer px, Pointer pw, Pointer py, Pointer scratch) {
        int status = switch (problem.direction) {
            case FORWARD ->
                JCudnn.cudnnConvolutionForward(
                        handle, one, x, px, w, pw, convolution, algorithm, scratch, workspace, zero, y, py);
            case INPUT_GRADIENT ->
                JCudnn.cudnnConvolutionBackwardData(
                        handle, one, w, pw, y, py, convolution, algorithm, scratch, workspace, zero, x, px);
            case WEIGHT_GRADIENT ->
                JCudnn.cudnnConvolutionBackwardFilter(
                        handle, one, x, px, y, py, convolution, algorithm, scratch, workspace, zero, w, pw);
        };
        if (isUnsupported(status)) {
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1} is refused", problem.describe(), algorithmName());
            return false;
        }
        if (status != 0) {
            check(status, "%s, workspace of %d bytes".formatted(algorithmName(), workspace));
        }
        return true;
    }

    private void check(int status, String what) {
        if (status != 0) {
            checkCudnn(status, "%s: %s".formatted(problem.describe(), what));
        }
    }

    /** Quietly: there is nothing to do about a descriptor that cannot be destroyed. */
    @Override
    public void close() {
        while (!destructors.isEmpty()) {
            int _ = destructors.pop().getAsInt();
        }
    }
}
