package org.jclap.kernels.cuda;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;
import org.jclap.tensor.BackendException;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;

/** A call of the driver or a library that failed: which call, with which status, and during which op. */
public final class CudaException extends BackendException {
    private static final long serialVersionUID = 1L;

    /** After one of these, all calls of this process fail. */
    private static final Set<Integer> FATAL = Set.of(
            CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
            CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
            CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
            CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
            CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
            CUresult.CUDA_ERROR_ASSERT,
            CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
            CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
            CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
            CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
            CUresult.CUDA_ERROR_INVALID_PC,
            CUresult.CUDA_ERROR_LAUNCH_FAILED);

    /** CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED of version 9. */
    private static final int CUDNN_DEVICE_ALLOCATION_FAILED = 4004;

    private static final String LOST =
            "; the device's context is lost, with everything on it: end this process, and go on"
                    + " from the last saved state (train --resume)";

    /** What a failure leaves behind. */
    private enum Kind {
        /** Everything as it was. */
        REFUSED,
        /** The same, and it may go well with more memory. */
        OUT_OF_MEMORY,
        /** Nothing that can be used. */
        LOST
    }

    private final Kind kind;

    private CudaException(String message, Kind kind) {
        super(message);
        this.kind = kind;
    }

    /** Throws unless a driver call succeeded. */
    static void check(int status, String call) {
        if (status != CUresult.CUDA_SUCCESS) {
            Kind kind = FATAL.contains(status)
                    ? Kind.LOST
                    : status == CUresult.CUDA_ERROR_OUT_OF_MEMORY ? Kind.OUT_OF_MEMORY : Kind.REFUSED;
            throw new CudaException(
                    "%s failed: %s%s".formatted(call, explain(status), kind == Kind.LOST ? LOST : ""), kind);
        }
    }

    /** Throws unless a call of cuBLAS succeeded. */
    static void checkCublas(int status, String call) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new CudaException(
                    "%s failed: %s".formatted(call, cublasStatus.stringFor(status)),
                    status == cublasStatus.CUBLAS_STATUS_ALLOC_FAILED ? Kind.OUT_OF_MEMORY : Kind.REFUSED);
        }
    }

    /** A copy between host and device where only work of the device can be. */
    static CudaException inCapture(String copy) {
        return new CudaException(
                "%s while work is captured: what changes from call to call belongs into its inputs, and results are read after it"
                        .formatted(copy),
                Kind.REFUSED);
    }

    /** Throws unless a call of cuDNN succeeded; statuses of version 9 are not those that JCuda knows. */
    static void checkCudnn(int status, String call) {
        if (status != 0) {
            throw new CudaException(
                    "%s failed: %s (%d)".formatted(call, JCudnn.cudnnGetErrorString(status), status),
                    status == CUDNN_DEVICE_ALLOCATION_FAILED ? Kind.OUT_OF_MEMORY : Kind.REFUSED);
        }
    }

    /** How an error names an op and its operands. */
    static String describe(Op op, List<Tensor> inputs, List<Tensor> outputs) {
        String shapes = Stream.concat(inputs.stream(), outputs.stream())
                .map(tensor -> tensor.dtype() + " " + tensor.shape())
                .collect(Collectors.joining(", "));
        return "%s (%s) of %s".formatted(op.label(), op, shapes);
    }

    /** This failure with what was going on; work is queued, so something that was asked for earlier may be the cause. */
    CudaException within(String what, boolean synchronous) {
        String cause = synchronous ? "" : "; an earlier op may be the cause, which --cuda-sync names";
        CudaException failure = new CudaException("%s: %s%s".formatted(what, getMessage(), cause), kind);
        failure.initCause(this);
        return failure;
    }

    /** Whether nothing can be done on the device any more. */
    boolean losesContext() {
        return kind == Kind.LOST;
    }

    /** Whether the driver or a library had no memory for what it needs itself. */
    boolean isOutOfMemory() {
        return kind == Kind.OUT_OF_MEMORY;
    }

    /** What every call fails with after this fault. */
    static CudaException contextLost(CudaException fault) {
        CudaException failure =
                new CudaException("a fault before this has ended CUDA: " + fault.getMessage(), Kind.LOST);
        failure.initCause(fault);
        return failure;
    }

    static String explain(int status) {
        String[] name = {""};
        String[] text = {""};
        JCudaDriver.cuGetErrorName(status, name);
        JCudaDriver.cuGetErrorString(status, text);
        return "%s (%d), %s".formatted(name[0], status, text[0]);
    }
}
