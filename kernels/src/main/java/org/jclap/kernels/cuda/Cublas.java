package org.jclap.kernels.cuda;

import static jcuda.cudaDataType.CUDA_R_16BF;
import static jcuda.cudaDataType.CUDA_R_16F;
import static jcuda.cudaDataType.CUDA_R_32F;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.jclap.kernels.cuda.MatrixOps.Product;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/** NVIDIA's matrix products, in F32 arithmetic: full F32 for F32, sums in F32 for halves. */
final class Cublas implements AutoCloseable {
    /** The library's file, of CUDA 12's toolkit. */
    static final String FILE = Natives.Library.CUBLAS.file();

    private final cublasHandle handle = new cublasHandle();
    private final Pointer one = constant(1);
    private final Pointer zero = constant(0);

    /** A handle whose work goes into this stream; there must be no {@link #obstacle}. */
    Cublas(CudaStream stream) {
        CudaException.checkCublas(JCublas2.cublasCreate(handle), "cublasCreate");
        CudaException.checkCublas(
                JCublas2.cublasSetStream(handle, new cudaStream_t(stream.handle())), "cublasSetStream");
    }

    /** Why the library cannot be used, or null. */
    static @Nullable String obstacle() {
        String missing = Natives.load(Natives.Library.CUBLAS);
        if (missing == null) {
            Natives.initialise(() -> JCublas2.setExceptionsEnabled(false));
        }
        return missing;
    }

    private static Pointer constant(float value) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        return Pointer.to(buffer.put(0, value));
    }

    /** The library's version, as 12.6. */
    String version() {
        int[] version = {0};
        CudaException.checkCublas(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion");
        return "%d.%d".formatted(version[0] / 10_000, version[0] % 10_000 / 100);
    }

    /**
     * C = op(A) op(B), row-major. The library counts by columns, where a row-major matrix appears transposed: it is asked
     * for {@code Cᵀ = op(B)ᵀ op(A)ᵀ}.
     */
    void multiply(Product size, boolean transposeA, boolean transposeB, Tensor a, Tensor b, Tensor c) {
        int type = type(c.dtype());
        int status = JCublas2.cublasGemmStridedBatchedEx_new(
                handle,
                operation(transposeB),
                operation(transposeA),
                size.n(),
                size.m(),
                size.k(),
                one,
                CudaStorage.pointer(b),
                type,
                Math.max(1, transposeB ? size.k() : size.n()),
                size.strideB(),
                CudaStorage.pointer(a),
                type,
                Math.max(1, transposeA ? size.m() : size.k()),
                size.strideA(),
                zero,
                CudaStorage.pointer(c),
                type,
                size.n(),
                (long) size.m() * size.n(),
                size.batch(),
                cublasComputeType.CUBLAS_COMPUTE_32F,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
        if (status != 0) {
            CudaException.checkCublas(
                    status,
                    "cublasGemmStridedBatchedEx, %d x %d x %d, batch %d"
                            .formatted(size.m(), size.n(), size.k(), size.batch()));
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
        CudaException.checkCublas(JCublas2.cublasDestroy(handle), "cublasDestroy");
    }
}
