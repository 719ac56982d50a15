package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.Backend;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The emulated driver finds the faults that it is there for. */
final class EmulatorTest {
    private static final String KERNELS = """
            extern "C" __global__ void write_behind(float* x, int n) { x[n + threadIdx.x] = 1; }
            extern "C" __global__ void divide(float* x, int n) { x[0] = 5 / (n - 64); }
            extern "C" __global__ void half_a_barrier(float* x, int n) { if (threadIdx.x < 8) __syncthreads(); else __syncwarp(); }
            extern "C" __global__ void lonely_lane(float* x, int n) { if (threadIdx.x == 3) __shfl_xor_sync(~0u, n, 1); __syncthreads(); }
            extern "C" __global__ void two_barriers(float* x, int n) {
                if (threadIdx.x < 32) __syncthreads();
                else
                    __syncthreads();
            }
            extern "C" __global__ void misaligned(float* x, int n) { *(float4*)(x + 1) = make_float4(1, 2, 3, 4); }
            extern "C" __global__ void misaligned_shared(float* x, int n) {
                __shared__ char before[4];
                __shared__ float y[64];
                before[threadIdx.x % 4] = 0;
                for (int i = 0; i < 4; i++) ((float4*)(y + i))->x = before[i];
                x[0] = y[0];
            }
            extern "C" __global__ void write_before(float* x, int n) { x[-1] = threadIdx.x; }
            extern "C" __global__ void read_behind(float* x, int n) { if (threadIdx.x == 63) x[0] = ((char*)x)[4 * n]; }
            extern "C" __global__ void write_at_once(float* x, int n) { x[0] = threadIdx.x; }
            extern "C" __global__ void add_atomically(float* x, int n) { atomicAdd(x, 1.0f); }
            extern "C" __global__ void swap_lanes(float* x, int n) {
                __shared__ float y[64];
                y[threadIdx.x] = threadIdx.x;
                __shfl_sync(~0u, 0, 0);
                x[threadIdx.x] = y[threadIdx.x ^ 1];
            }
            extern "C" __global__ void swap_lanes_in_order(float* x, int n) {
                __shared__ float y[64];
                y[threadIdx.x] = threadIdx.x;
                __syncwarp();
                x[threadIdx.x] = y[threadIdx.x ^ 1];
                __syncwarp();
                y[threadIdx.x ^ 1] = 0;
            }
            extern "C" __global__ void swap_warps(float* x, int n) {
                __shared__ float y[64];
                y[threadIdx.x] = threadIdx.x;
                __syncwarp();
                x[threadIdx.x] = y[threadIdx.x ^ 32];
            }
            extern "C" __global__ void write_what_is_read(float* x, int n) {
                __shared__ float y[64];
                y[threadIdx.x] = threadIdx.x;
                __syncthreads();
                float sum = y[0] + y[63];
                y[threadIdx.x] = sum;
            }
            extern "C" __global__ void half_written(float* x, int n) {
                __shared__ float y[64];
                if (threadIdx.x > 5) y[threadIdx.x] = 1;
                x[threadIdx.x] = y[threadIdx.x];
            }
            extern "C" __global__ void no_barrier(float* x, int n) {
                __shared__ float y[64];
                y[threadIdx.x] = threadIdx.x;
                x[threadIdx.x] = y[63 - threadIdx.x];
            }
            extern "C" __global__ void reverse(float* x, int n) {
                __shared__ float y[64];
                y[threadIdx.x] = threadIdx.x;
                __syncthreads();
                x[threadIdx.x] = y[63 - threadIdx.x];
            }
            extern "C" __global__ void warp_sum(float* x, int n) {
                float sum = threadIdx.x;
                for (int d = 16; d > 0; d >>= 1) sum += __shfl_down_sync(~0u, sum, d);
                x[threadIdx.x] = __shfl_sync(~0u, sum, 0);
            }
            """;

    private Backend context;
    private final CUmodule module = new CUmodule();
    private final CUdeviceptr memory = new CUdeviceptr();

    @BeforeEach
    void open() {
        context = Emulator.open();
        EmulatedDriver.addFamily("faults", KERNELS);
        assertEquals(0, JCudaDriver.cuModuleLoadData(module, image(KERNELS)));
        assertEquals(0, JCudaDriver.cuMemAlloc(memory, 64 * Float.BYTES));
    }

    /** What the emulator needs to see of PTX: entries with their parameters. */
    private static byte[] image(String source) {
        StringBuilder ptx = new StringBuilder("// family faults\n");
        source.lines()
                .filter(line -> line.contains("__global__"))
                .map(line -> line.replaceAll(".*void (\\w+)\\(.*", "$1"))
                .forEach(name ->
                        ptx.append(".visible .entry %s(\n\t.param .u64 x,\n\t.param .u32 n\n)\n{}\n".formatted(name)));
        byte[] bytes = ptx.toString().getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    @AfterEach
    void close() {
        EmulatedDriver.recover();
        EmulatedDriver.set(Knob.SEED, 1);
        JCudaDriver.cuMemFree(memory);
        JCudaDriver.cuModuleUnload(module);
        context.close();
    }

    private static int launch(CUmodule module, String kernel, CUdeviceptr memory) {
        return launch(module, kernel, memory, 1);
    }

    private static int launch(CUmodule module, String kernel, CUdeviceptr memory, int blocks) {
        CUfunction function = new CUfunction();
        assertEquals(0, JCudaDriver.cuModuleGetFunction(function, module, kernel));
        Pointer parameters = Pointer.to(Pointer.to(memory), Pointer.to(new int[] {64}));
        return JCudaDriver.cuLaunchKernel(function, blocks, 1, 1, 64, 1, 1, 0, null, parameters, null);
    }

    private float[] result(String kernel) {
        assertEquals(0, launch(module, kernel, memory), kernel);
        float[] values = new float[64];
        assertEquals(0, JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 64 * Float.BYTES));
        return values;
    }

    @ParameterizedTest
    @CsvSource({
        "write_behind, 700, of a buffer of 256 bytes",
        "divide, 719, integer division by zero",
        "half_a_barrier, 719, waits at __syncthreads",
        "lonely_lane, 719, deadlock",
        "two_barriers, 719, different __syncthreads",
        "misaligned, 716, misaligned address",
        "misaligned_shared, 716, misaligned address"
    })
    void endsAFaultyKernelAndNamesTheFault(String kernel, int status, String fault) {
        int actual = launch(module, kernel, memory);
        String[] text = {""};
        JCudaDriver.cuGetErrorString(actual, text);
        assertEquals(status, actual, kernel);
        assertTrue(text[0].contains("kernel " + kernel + ", block (0, 0, 0)") && text[0].contains(fault), text[0]);
        assertEquals(status, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 8), "the error stays");
    }

    /** Kernels whose result is right in some order of threads, or on this machine. */
    @ParameterizedTest
    @CsvSource({
        "no_barrier, 1, 719, race: ",
        "swap_lanes, 1, 719, race: reads what was written by thread",
        "swap_lanes_in_order, 1, 0, ''",
        "swap_warps, 1, 719, race: reads what was written by thread",
        "write_what_is_read, 1, 719, race: writes what was read by other threads",
        "write_at_once, 1, 719, race: writes what was written by thread",
        "reverse, 1, 0, ''",
        "reverse, 2, 719, race: writes what was written by another block",
        "add_atomically, 2, 0, ''",
        "read_behind, 1, 700, byte 256 of a buffer of 256 bytes"
    })
    void findsRacesInCheckedKernels(String kernel, int blocks, int status, String fault) {
        EmulatedDriver.set(Knob.CHECKED, 1);
        CUmodule checked = new CUmodule();
        assertEquals(0, JCudaDriver.cuModuleLoadData(checked, image(KERNELS)));
        EmulatedDriver.set(Knob.CHECKED, 0);
        int actual = launch(checked, kernel, memory, blocks);
        String[] text = {""};
        JCudaDriver.cuGetErrorString(actual, text);
        assertEquals(status, actual, kernel + ": " + text[0]);
        assertTrue(status == 0 || text[0].contains(fault), text[0]);
        EmulatedDriver.recover();
        assertEquals(0, JCudaDriver.cuModuleUnload(checked));
    }

    @Test
    void refusesMoreThreadsThanTheKernelIsMadeFor() {
        byte[] bounded = new String(image(KERNELS), StandardCharsets.UTF_8)
                .replace(")\n{}", ")\n.maxntid 32, 1, 1\n{}")
                .getBytes(StandardCharsets.UTF_8);
        CUmodule narrow = new CUmodule();
        assertEquals(0, JCudaDriver.cuModuleLoadData(narrow, bounded));
        assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, launch(narrow, "reverse", memory));
        assertEquals(0, JCudaDriver.cuModuleUnload(narrow));
    }

    @Test
    void whatIsWrittenInFrontOfABufferShowsWhenItIsFreed() {
        CUdeviceptr other = new CUdeviceptr();
        assertEquals(0, JCudaDriver.cuMemAlloc(other, 256));
        assertEquals(0, launch(module, "write_before", other, 1));
        assertEquals(700, JCudaDriver.cuMemFree(other));
    }

    @ParameterizedTest
    @CsvSource({"75, 64", "80, 163", "86, 99", "89, 99", "90, 227"})
    void grantsAsMuchSharedMemoryAsTheDeviceHas(int compute, int kilobytes) {
        CUfunction function = new CUfunction();
        assertEquals(0, JCudaDriver.cuModuleGetFunction(function, module, "reverse"));
        int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        EmulatedDriver.set(Knob.COMPUTE, compute);
        assertEquals(0, JCudaDriver.cuFuncSetAttribute(function, attribute, kilobytes << 10));
        assertEquals(
                CUresult.CUDA_ERROR_INVALID_VALUE,
                JCudaDriver.cuFuncSetAttribute(function, attribute, (kilobytes << 10) + 1));
        EmulatedDriver.set(Knob.COMPUTE, 90);
    }

    @Test
    void sharedMemoryStartsAsNaN() {
        assertTrue(Float.isNaN(result("half_written")[5]));
    }

    @Test
    void aMissingBarrierShows() {
        float[] values = result("no_barrier");
        boolean anyWrong = false;
        for (int i = 0; i < 64; i++) {
            anyWrong |= values[i] != 63 - i;
        }
        assertTrue(anyWrong, "every thread read what a later one writes");
    }

    @Test
    void barriersAndShufflesWorkInAnyOrder() {
        for (int seed = 0; seed < 20; seed++) {
            EmulatedDriver.set(Knob.SEED, seed);
            float[] reversed = result("reverse");
            float[] sums = result("warp_sum");
            for (int i = 0; i < 64; i++) {
                assertEquals(63 - i, reversed[i], "seed " + seed);
                assertEquals(i < 32 ? 496 : 1520, sums[i], "seed " + seed);
            }
        }
    }

    /** Two streams, the second of which copies what the first one writes. */
    private static int wrongCopies(boolean waits) {
        int wrong = 0;
        EmulatedDriver.set(Knob.DEFERRED, 1);
        CUdeviceptr from = new CUdeviceptr();
        CUdeviceptr to = new CUdeviceptr();
        CUevent written = new CUevent();
        CUstream[] streams = {new CUstream(), new CUstream()};
        JCudaDriver.cuMemAlloc(from, 64);
        JCudaDriver.cuMemAlloc(to, 64);
        JCudaDriver.cuEventCreate(written, 0);
        for (CUstream stream : streams) {
            JCudaDriver.cuStreamCreate(stream, 0);
        }
        for (int seed = 1; seed <= 20; seed++) {
            EmulatedDriver.set(Knob.SEED, seed);
            JCudaDriver.cuMemsetD8Async(from, (byte) seed, 64, streams[0]);
            if (waits) {
                JCudaDriver.cuEventRecord(written, streams[0]);
                JCudaDriver.cuStreamWaitEvent(streams[1], written, 0);
            }
            JCudaDriver.cuMemcpyDtoDAsync(to, from, 64, streams[1]);
            byte[] copied = new byte[64];
            assertEquals(0, JCudaDriver.cuMemcpyDtoH(Pointer.to(copied), to, 64));
            wrong += copied[0] == seed ? 0 : 1;
        }
        for (CUstream stream : streams) {
            JCudaDriver.cuStreamDestroy(stream);
        }
        JCudaDriver.cuEventDestroy(written);
        JCudaDriver.cuMemFree(from);
        JCudaDriver.cuMemFree(to);
        EmulatedDriver.set(Knob.DEFERRED, 0);
        return wrong;
    }

    @Test
    void aMissingEventBetweenStreamsShows() {
        assertEquals(0, wrongCopies(true));
        assertTrue(wrongCopies(false) > 2, "in some order");
    }

    @Test
    void aCallThatIsNotAllowedInvalidatesACapture() {
        CUstream stream = new CUstream();
        CUgraph graph = new CUgraph();
        JCudaDriver.cuStreamCreate(stream, 0);
        for (int call = 0; call < 4; call++) {
            assertEquals(0, JCudaDriver.cuStreamBeginCapture(stream, 1));
            assertEquals(0, JCudaDriver.cuMemsetD8Async(memory, (byte) 1, 64, stream));
            int expected = CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
            int status = switch (call) {
                case 0 -> JCudaDriver.cuMemAlloc(new CUdeviceptr(), 64);
                case 1 -> JCudaDriver.cuStreamSynchronize(stream);
                case 2 -> JCudaDriver.cuModuleLoadData(new CUmodule(), image(KERNELS));
                default -> {
                    expected = CUresult.CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
                    yield JCudaDriver.cuMemcpyDtoH(Pointer.to(new byte[1]), memory, 1);
                }
            };
            assertEquals(expected, status, "call " + call);
            int invalidated = CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
            assertEquals(invalidated, JCudaDriver.cuMemsetD8Async(memory, (byte) 1, 64, stream));
            assertEquals(invalidated, JCudaDriver.cuStreamEndCapture(stream, graph));
        }
        assertEquals(0, JCudaDriver.cuStreamSynchronize(stream), "the stream is as before");
        JCudaDriver.cuStreamDestroy(stream);
    }

    @Test
    void aCallThatIsNotEmulatedFailsAndNamesItself() {
        int status = JCudaDriver.cuCtxGetLimit(new long[1], 0);
        String[] text = {""};
        JCudaDriver.cuGetErrorString(status, text);
        assertEquals(CUresult.CUDA_ERROR_NOT_SUPPORTED, status);
        assertEquals("cuCtxGetLimit is not emulated", text[0]);
    }

    @Test
    void refusesPtxWithOtherParameters() {
        byte[] other = new String(image(KERNELS), StandardCharsets.UTF_8)
                .replace(".param .u32 n", ".param .u64 n")
                .getBytes(StandardCharsets.UTF_8);
        assertEquals(CUresult.CUDA_ERROR_INVALID_IMAGE, JCudaDriver.cuModuleLoadData(new CUmodule(), other));
    }
}
