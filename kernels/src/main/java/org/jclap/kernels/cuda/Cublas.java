package org.jclap.kernels.cuda;

import static jcuda.cudaDataType.CUDA_R_16BF;
import static jcuda.cudaDataType.CUDA_R_16F;
import static jcuda.cudaDataType.CUDA_R_32F;
import static jcuda.libraryPropertyType.MAJOR_VERSION;
import static jcuda.libraryPropertyType.MINOR_VERSION;
import static org.jclap.kernels.cuda.CudaException.check;
import static org.jclap.kernels.cuda.CudaException.checkCublas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.jclap.kernels.cuda.MatrixOps.Product;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's matrix products: full F32 for F32 unless TF32 is allowed, sums in F32 for halves.
 *
 * <p>The workspace is ours. The library's own, shared among streams, is what may change results from run to run, and in a
 * captured graph becomes memory that each replay allocates.
 */
final class Cublas implements AutoCloseable {
    private static final int HOPPER = 90;

    /** What NVIDIA recommends, for Hopper and newer devices and for older ones. */
    private static final long LARGE_WORKSPACE = 32L << 20;

    private static final long SMALL_WORKSPACE = 4L << 20;

    private final cublasHandle handle = new cublasHandle();
    private final DevicePointer workspace = new DevicePointer();
    private final Pointer one = constant(1);
    private final Pointer zero = constant(0);
    private final int singleCompute;

    /** A handle for a device of this compute capability; its work goes into the stream. There must be no {@link #obstacle}. */
    Cublas(CudaStream stream, boolean tf32, int compute) {
        singleCompute = tf32 ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32 : cublasComputeType.CUBLAS_COMPUTE_32F;
        long bytes = compute >= HOPPER ? LARGE_WORKSPACE : SMALL_WORKSPACE;
        checkCublas(JCublas2.cublasCreate(handle), "cublasCreate");
        try {
            checkCublas(JCublas2.cublasSetStream(handle, new cudaStream_t(stream.handle())), "cublasSetStream");
            // Otherwise parts of long sums of halves meet in halves.
            checkCublas(
                    JCublas2.cublasSetMathMode(handle, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
                    "cublasSetMathMode");
            check(
                    JCudaDriver.cuMemAlloc(workspace, bytes),
                    "cuMemAlloc of cuBLAS's workspace, %d bytes".formatted(bytes));
            // After the stream, which would set it back.
            checkCublas(JCublas2.cublasSetWorkspace(handle, workspace, bytes), "cublasSetWorkspace");
        } catch (CudaException e) {
            JCublas2.cublasDestroy(handle);
            if (workspace.address() != 0) {
                JCudaDriver.cuMemFree(workspace);
            }
            throw e;
        }
    }

    /** Why the library cannot be used, or null. */
    static @Nullable String obstacle() {
        String missing = Natives.load(Natives.Library.CUBLAS);
        if (missing == null) {
            Natives.initialise(() -> JCublas2.setExceptionsEnabled(false));
        }
        return missing;
    }

    /** A number on the host, as the libraries want their factors. */
    static Pointer constant(float value) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        return Pointer.to(buffer.put(0, value));
    }

    /** The library's version, as 12.6. */
    static String version() {
        return "%d.%d".formatted(property(MAJOR_VERSION), property(MINOR_VERSION));
    }

    private static int property(int property) {
        int[] value = {0};
        checkCublas(JCublas2.cublasGetProperty(property, value), "cublasGetProperty");
        return value[0];
    }

    /**
     * C = op(A) op(B), row-major. The library counts by columns, where a row-major matrix appears transposed: it is asked
     * for {@code Cᵀ = op(B)ᵀ op(A)ᵀ}.
     */
    void multiply(Product size, boolean transposeA, boolean transposeB, Tensor a, Tensor b, Tensor c) {
        int type = type(c.dtype());
        int compute = c.dtype() == DType.F32 ? singleCompute : cublasComputeType.CUBLAS_COMPUTE_32F;
        int opA = operation(transposeA);
        int opB = operation(transposeB);
        int lda = Math.max(1, transposeA ? size.m() : size.k());
        int ldb = Math.max(1, transposeB ? size.k() : size.n());
        int ldc = size.n();
        Pointer pa = CudaStorage.pointer(a);
        Pointer pb = CudaStorage.pointer(b);
        Pointer pc = CudaStorage.pointer(c);
        int algorithm = cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
        int status = size.batch() == 1
                ? JCublas2.cublasGemmEx_new(
                        handle, opB, opA, size.n(), size.m(), size.k(), one, pb, type, ldb, pa, type, lda, zero, pc,
                        type, ldc, compute, algorithm)
                : JCublas2.cublasGemmStridedBatchedEx_new(
                        handle,
                        opB,
                        opA,
                        size.n(),
                        size.m(),
                        size.k(),
                        one,
                        pb,
                        type,
                        ldb,
                        size.strideB(),
                        pa,
                        type,
                        lda,
                        size.strideA(),
                        zero,
                        pc,
                        type,
                        ldc,
                        (long) size.m() * size.n(),
                        size.batch(),
                        compute,
                        algorithm);
        if (status != 0) {
            checkCublas(
                    status,
                    "%s of %s, m %d, n %d, k %d, batch %d, A%s, B%s"
                            .formatted(
                                    size.batch() == 1 ? "cublasGemmEx" : "cublasGemmStridedBatchedEx",
                                    c.dtype(),
                                    size.m(),
                                    size.n(),
                                    size.k(),
                                    size.batch(),
                                    transposeA ? " transposed" : "",
                                    transposeB ? " transposed" : ""));
        }
    }

    private static int operation(boolean transposed) {
        return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    private static int type(DType type) {
        return switch (type) {
            case F32 -> CUDA_R_32F;
            case F16 -> CUDA_R_16F;
            case BF16 -> CUDA_R_16BF;
            case F64, I32, I64, BOOL -> throw new IllegalArgumentException(type + " has no matrix product");
        };
    }

    @Override
    public void close() {
        try {
            checkCublas(JCublas2.cublasDestroy(handle), "cublasDestroy");
        } finally {
            check(JCudaDriver.cuMemFree(workspace), "cuMemFree");
        }
    }
}
