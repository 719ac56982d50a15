package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.jclap.tensor.Backend;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The emulated cuBLAS and cuDNN refuse what the real ones refuse. */
final class EmulatedLibrariesTest {
    private static final int NHWC = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    private static final int FLOAT = cudnnDataType.CUDNN_DATA_FLOAT;
    private static final int BAD_PARAM = 2000;
    private static final int MISALIGNED = 2003;
    private static final int SHAPE_MISMATCH = 2008;
    private static final int NOT_SUPPORTED = 3000;
    private static final int IMPLICIT_PRECOMP_GEMM = 1;
    private static final int WINOGRAD = 6;

    /** y (1, 4, 4, 8) of x (1, 4, 4, 8) and w (8, 3, 3, 8). */
    private static final int IMAGE_BYTES = 4 * 4 * 8 * Float.BYTES;

    private static final int WEIGHT_BYTES = 8 * 3 * 3 * 8 * Float.BYTES;
    private static final int WORKSPACE_BYTES = 4 * 4 * Float.BYTES;

    private final cudnnHandle handle = new cudnnHandle();
    private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    private final cublasHandle products = new cublasHandle();
    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});
    private final List<CUdeviceptr> buffers = new ArrayList<>();
    private Backend context;

    @BeforeEach
    void open() {
        context = Emulator.open();
        ok(JCudnn.cudnnCreate(handle));
        ok(JCudnn.cudnnCreateTensorDescriptor(x));
        ok(JCudnn.cudnnCreateTensorDescriptor(y));
        ok(JCudnn.cudnnCreateFilterDescriptor(w));
        ok(JCudnn.cudnnCreateConvolutionDescriptor(convolution));
        ok(JCudnn.cudnnSetTensor4dDescriptor(x, NHWC, FLOAT, 1, 8, 4, 4));
        ok(JCudnn.cudnnSetTensor4dDescriptor(y, NHWC, FLOAT, 1, 8, 4, 4));
        ok(JCudnn.cudnnSetFilter4dDescriptor(w, FLOAT, NHWC, 8, 8, 3, 3));
        ok(convolve(1));
        ok(JCublas2.cublasCreate(products));
    }

    @AfterEach
    void close() {
        if (context == null) {
            return;
        }
        JCudnn.cudnnDestroyTensorDescriptor(x);
        JCudnn.cudnnDestroyTensorDescriptor(y);
        JCudnn.cudnnDestroyFilterDescriptor(w);
        JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
        JCudnn.cudnnDestroy(handle);
        JCublas2.cublasDestroy(products);
        buffers.forEach(JCudaDriver::cuMemFree);
        context.close();
        assertEquals(0, EmulatedDriver.get(Knob.LIBRARY_OBJECTS));
        assertEquals(0, EmulatedDriver.get(Knob.LIVE_BUFFERS));
    }

    private static void ok(int status) {
        assertEquals(0, status);
    }

    private int convolve(int padding) {
        int mode = cudnnConvolutionMode.CUDNN_CROSS_CORRELATION;
        return JCudnn.cudnnSetConvolution2dDescriptor(convolution, padding, padding, 1, 1, 1, 1, mode, FLOAT);
    }

    private CUdeviceptr buffer(int bytes) {
        CUdeviceptr buffer = new CUdeviceptr();
        ok(JCudaDriver.cuMemAlloc(buffer, bytes));
        buffers.add(buffer);
        return buffer;
    }

    private int run(Pointer image, Pointer result, int algorithm, int workspaceBytes) {
        Pointer weights = buffer(WEIGHT_BYTES);
        Pointer workspace = buffer(WORKSPACE_BYTES);
        return JCudnn.cudnnConvolutionForward(
                handle, one, x, image, w, weights, convolution, algorithm, workspace, workspaceBytes, zero, y, result);
    }

    @Test
    void computesWhatIsLegal() {
        ok(run(buffer(IMAGE_BYTES), buffer(IMAGE_BYTES), IMPLICIT_PRECOMP_GEMM, WORKSPACE_BYTES));
    }

    @Test
    void refusesExtentsThatDoNotFit() {
        ok(convolve(0));
        assertEquals(
                SHAPE_MISMATCH, run(buffer(IMAGE_BYTES), buffer(IMAGE_BYTES), IMPLICIT_PRECOMP_GEMM, WORKSPACE_BYTES));
    }

    @Test
    void refusesTooLittleWorkspace() {
        assertEquals(
                BAD_PARAM, run(buffer(IMAGE_BYTES), buffer(IMAGE_BYTES), IMPLICIT_PRECOMP_GEMM, WORKSPACE_BYTES - 1));
    }

    @Test
    void refusesAnAlgorithmThatNhwcDoesNotHave() {
        assertEquals(NOT_SUPPORTED, run(buffer(IMAGE_BYTES), buffer(IMAGE_BYTES), WINOGRAD, WORKSPACE_BYTES));
    }

    @Test
    void refusesPointersThatAreShortMisalignedOrShared() {
        Pointer image = buffer(IMAGE_BYTES);
        Pointer larger = buffer(IMAGE_BYTES + 16);
        assertEquals(BAD_PARAM, run(image, buffer(IMAGE_BYTES - 4), IMPLICIT_PRECOMP_GEMM, WORKSPACE_BYTES));
        assertEquals(
                MISALIGNED, run(larger.withByteOffset(4), buffer(IMAGE_BYTES), IMPLICIT_PRECOMP_GEMM, WORKSPACE_BYTES));
        assertEquals(NOT_SUPPORTED, run(larger, larger.withByteOffset(16), IMPLICIT_PRECOMP_GEMM, WORKSPACE_BYTES));
    }

    @Test
    void refusesDescriptorsThatAreEmptyOrOfAnotherLayout() {
        assertEquals(BAD_PARAM, JCudnn.cudnnSetTensor4dDescriptor(x, NHWC, FLOAT, 0, 8, 4, 4));
        int nchw = cudnnTensorFormat.CUDNN_TENSOR_NCHW;
        assertEquals(NOT_SUPPORTED, JCudnn.cudnnSetTensor4dDescriptor(x, nchw, FLOAT, 1, 8, 4, 4));
    }

    @Test
    void whatIsNotEmulatedSaysSo() {
        assertEquals(NOT_SUPPORTED, JCudnn.cudnnSetTensor(handle, x, buffer(IMAGE_BYTES), one));
        assertEquals(15, JCublas2.cublasSscal(products, 1, one, buffer(4), 1));
    }

    private int multiply(int leading, int compute, int bytes) {
        int type = cudaDataType.CUDA_R_32F;
        Pointer a = buffer(bytes);
        return JCublas2.cublasGemmEx_new(
                products,
                0,
                0,
                4,
                4,
                4,
                one,
                a,
                type,
                leading,
                buffer(64),
                type,
                4,
                zero,
                buffer(64),
                type,
                4,
                compute,
                -1);
    }

    @Test
    void cublasRefusesIllegalMatricesAndArithmetic() {
        ok(multiply(4, cublasComputeType.CUBLAS_COMPUTE_32F, 64));
        ok(multiply(5, cublasComputeType.CUBLAS_COMPUTE_32F, 76));
        assertEquals(7, multiply(3, cublasComputeType.CUBLAS_COMPUTE_32F, 64), "rows that overlap");
        assertEquals(7, multiply(5, cublasComputeType.CUBLAS_COMPUTE_32F, 72), "a matrix beyond its buffer");
        assertEquals(15, multiply(4, cublasComputeType.CUBLAS_COMPUTE_16F, 64), "sums of F32 in F16");
        assertEquals(7, JCublas2.cublasSetWorkspace(products, buffer(1 << 12), 1 << 13));
    }
}
