package org.jclap.kernels.cuda;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;

/** A call of the driver or a library that failed: which call, with which status, and during which op. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private CudaException(String message) {
        super(message);
    }

    /** Throws unless a driver call succeeded. */
    static void check(int status, String call) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw new CudaException("%s failed: %s".formatted(call, explain(status)));
        }
    }

    /** Throws unless a call of cuBLAS succeeded. */
    static void checkCublas(int status, String call) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new CudaException("%s failed: %s".formatted(call, cublasStatus.stringFor(status)));
        }
    }

    /** This failure with the op and the shapes during which it came to light. */
    CudaException during(Op op, List<Tensor> inputs, List<Tensor> outputs, boolean synchronous) {
        String shapes = Stream.concat(inputs.stream(), outputs.stream())
                .map(tensor -> tensor.dtype() + " " + tensor.shape())
                .collect(Collectors.joining(", "));
        return within("%s (%s) of %s".formatted(op.label(), op, shapes), synchronous);
    }

    /** This failure with what was going on; work is queued, so something that was asked for earlier may be the cause. */
    CudaException within(String what, boolean synchronous) {
        String cause = synchronous ? "" : "; an earlier op may be the cause, which --cuda-sync names";
        CudaException failure = new CudaException("%s: %s%s".formatted(what, getMessage(), cause));
        failure.initCause(this);
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
