package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import org.jclap.kernels.cuda.KernelSource;
import org.jclap.tensor.Backend;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The twins of {@code mma.cuh} lay fragments out as the tables of the PTX ISA (9.7.14, "Matrix Fragments") do. */
final class TensorCoreTest {
    private static final int LANES = 32;
    private static final int WORDS = 1024;

    private static final String KERNELS = """
            template <class T>
            void multiply(unsigned* x) {
                unsigned a[4], b[2];
                float c[4];
                for (int i = 0; i < 4; i++) a[i] = x[threadIdx.x * 4 + i], c[i] = ((float*)x)[256 + threadIdx.x * 4 + i];
                for (int i = 0; i < 2; i++) b[i] = x[128 + threadIdx.x * 2 + i];
                mma<T>(c, a, b);
                for (int i = 0; i < 4; i++) ((float*)x)[256 + threadIdx.x * 4 + i] = c[i];
            }
            extern "C" __global__ void mma_bf16(unsigned* x) { multiply<bf16>(x); }
            extern "C" __global__ void mma_f16(unsigned* x) { multiply<f16>(x); }
            extern "C" __global__ void mma_tf32(unsigned* x) { multiply<f32>(x); }
            template <bool TRANSPOSED>
            void matrices(unsigned* x) {
                unsigned r[4];
                ldmatrix<TRANSPOSED>(r, x + (31 - threadIdx.x) * 4);
                for (int i = 0; i < 4; i++) x[128 + threadIdx.x * 4 + i] = r[i];
            }
            extern "C" __global__ void load_lines(unsigned* x) { matrices<false>(x); }
            extern "C" __global__ void load_columns(unsigned* x) { matrices<true>(x); }
            extern "C" __global__ void copy_groups(unsigned* x) {
                AsyncCopies copies;
                unsigned* to = x + 256 + threadIdx.x * 8;
                copies.copy(to, x + threadIdx.x * 4, 16);
                copies.commit();
                copies.copy(to + 4, x + threadIdx.x * 4, 8);
                copies.commit();
                copies.wait<1>();
                x[512 + threadIdx.x * 2] = to[3] + to[4];
                copies.wait<0>();
                x[512 + threadIdx.x * 2 + 1] = to[5] + to[6];
            }
            extern "C" __global__ void peek(unsigned* x) {
                AsyncCopies copies;
                copies.copy(x + 256 + threadIdx.x * 4, x + threadIdx.x * 4, 16);
                copies.commit();
                x[512 + threadIdx.x] = x[256 + threadIdx.x * 4];
                copies.wait<0>();
            }
            extern "C" __global__ void round_words(unsigned* x) { x[threadIdx.x] = round_tf32(x[threadIdx.x]); }
            """;

    /** The types of factors, and how many of them are in a register. */
    enum Factors {
        BF16(2),
        F16(2),
        TF32(1);

        private final int each;

        Factors(int each) {
            this.each = each;
        }

        /** Columns of A. */
        int depth() {
            return 8 * each;
        }

        /** The bits of a small number; those that tensor cores do not see are set. */
        int encode(int value) {
            return switch (this) {
                case BF16 -> Float.floatToRawIntBits(value) >>> 16;
                case F16 -> Short.toUnsignedInt(Float.floatToFloat16(value));
                case TF32 -> Float.floatToRawIntBits(value) | 0x1FFF;
            };
        }
    }

    private static Backend context;
    private final CUmodule module = new CUmodule();
    private final CUdeviceptr memory = new CUdeviceptr();

    @BeforeAll
    static void start() throws IOException {
        context = Emulator.open();
        EmulatedDriver.addFamily("tensor_cores", resource("common.cuh") + resource("mma.cuh") + KERNELS);
    }

    @BeforeEach
    void load() {
        StringBuilder ptx = new StringBuilder("// family tensor_cores\n");
        KERNELS.lines()
                .filter(line -> line.contains("__global__"))
                .map(line -> line.replaceAll(".*void (\\w+)\\(.*", "$1"))
                .forEach(name -> ptx.append(".visible .entry %s(\n\t.param .u64 x\n)\n{}\n".formatted(name)));
        byte[] image = ptx.toString().getBytes(StandardCharsets.UTF_8);
        assertEquals(0, JCudaDriver.cuModuleLoadData(module, Arrays.copyOf(image, image.length + 1)));
        assertEquals(0, JCudaDriver.cuMemAlloc(memory, WORDS * Integer.BYTES));
    }

    private static String resource(String file) throws IOException {
        try (InputStream in = KernelSource.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @AfterEach
    void free() {
        JCudaDriver.cuMemFree(memory);
        JCudaDriver.cuModuleUnload(module);
    }

    @AfterAll
    static void close() {
        if (context != null) {
            context.close();
        }
    }

    /** What one warp makes of these words. */
    private int[] run(String kernel, int[] words) {
        CUfunction function = new CUfunction();
        assertEquals(0, JCudaDriver.cuModuleGetFunction(function, module, kernel));
        assertEquals(0, JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(words), WORDS * Integer.BYTES));
        Pointer parameters = Pointer.to(Pointer.to(memory));
        int status = JCudaDriver.cuLaunchKernel(function, 1, 1, 1, LANES, 1, 1, 0, null, parameters, null);
        assertEquals(0, status, kernel);
        int[] results = new int[WORDS];
        assertEquals(0, JCudaDriver.cuMemcpyDtoH(Pointer.to(results), memory, WORDS * Integer.BYTES));
        return results;
    }

    /** Row of element i of lane l of A; columns are below. */
    private static int rowOfA(Factors type, int lane, int i) {
        int group = lane >> 2;
        if (type == Factors.TF32) {
            return i == 0 || i == 2 ? group : group + 8;
        }
        return i < 2 || (i >= 4 && i < 6) ? group : group + 8;
    }

    private static int columnOfA(Factors type, int lane, int i) {
        int member = lane % 4;
        if (type == Factors.TF32) {
            return i < 2 ? member : member + 4;
        }
        return i < 4 ? member * 2 + (i & 1) : member * 2 + (i & 1) + 8;
    }

    private static int rowOfB(Factors type, int lane, int i) {
        int member = lane % 4;
        if (type == Factors.TF32) {
            return i == 0 ? member : member + 4;
        }
        return i < 2 ? member * 2 + (i & 1) : member * 2 + (i & 1) + 8;
    }

    /** Into words from {@code start} on: element i of a lane, of which it has so many. */
    private static void put(int[] words, int start, int count, Factors type, int lane, int i, int value) {
        words[start + (lane * count + i) / type.each] |= type.encode(value) << (16 * (i % type.each));
    }

    @ParameterizedTest
    @EnumSource
    void multipliesFragments(Factors type) {
        Random random = new Random(5);
        int depth = type.depth();
        int[][] a = new int[16][depth];
        int[][] b = new int[depth][8];
        Arrays.stream(a).forEach(row -> Arrays.setAll(row, _ -> random.nextInt(-8, 9)));
        Arrays.stream(b).forEach(row -> Arrays.setAll(row, _ -> random.nextInt(-8, 9)));
        int[] words = new int[WORDS];
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 4 * type.each; i++) {
                int value = a[rowOfA(type, lane, i)][columnOfA(type, lane, i)];
                put(words, 0, 4 * type.each, type, lane, i, value);
            }
            for (int i = 0; i < 2 * type.each; i++) {
                put(words, 128, 2 * type.each, type, lane, i, b[rowOfB(type, lane, i)][lane >> 2]);
            }
            for (int i = 0; i < 4; i++) {
                words[256 + lane * 4 + i] = Float.floatToRawIntBits(lane);
            }
        }
        int[] results = run("mma_" + type.name().toLowerCase(Locale.ROOT), words);
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 4; i++) {
                int row = i < 2 ? lane >> 2 : (lane >> 2) + 8;
                int column = lane % 4 * 2 + (i & 1);
                int sum = lane;
                for (int k = 0; k < depth; k++) {
                    sum += a[row][k] * b[k][column];
                }
                assertEquals(sum, Float.intBitsToFloat(results[256 + lane * 4 + i]), "c" + i + " of lane " + lane);
            }
        }
    }

    /** Lane l names line 31 - l, whose halves are 8 (31 - l) and so on. */
    @ParameterizedTest
    @ValueSource(strings = {"load_lines", "load_columns"})
    void loadsMatrices(String kernel) {
        int[] words = new int[WORDS];
        for (int word = 0; word < 128; word++) {
            words[word] = 2 * word + ((2 * word + 1) << 16);
        }
        int[] results = run(kernel, words);
        for (int lane = 0; lane < LANES; lane++) {
            for (int matrix = 0; matrix < 4; matrix++) {
                for (int half = 0; half < 2; half++) {
                    int row = kernel.equals("load_lines") ? lane / 4 : lane % 4 * 2 + half;
                    int column = kernel.equals("load_lines") ? lane % 4 * 2 + half : lane / 4;
                    int expected = 8 * (31 - (8 * matrix + row)) + column;
                    int actual = results[128 + lane * 4 + matrix] >>> (16 * half) & 0xFFFF;
                    assertEquals(expected, actual, "half %d of matrix %d of lane %d".formatted(half, matrix, lane));
                }
            }
        }
    }

    @Test
    void copiesAreThereWhenTheirGroupIsAwaited() {
        int[] words = new int[WORDS];
        for (int word = 0; word < 128; word++) {
            words[word] = word + 1;
        }
        Arrays.fill(words, 256, 512, 1_000_000);
        EmulatedDriver.set(Knob.SEED, 0); // copies are made at the last moment
        int[] results = run("copy_groups", words);
        EmulatedDriver.set(Knob.SEED, 1);
        for (int lane = 0; lane < LANES; lane++) {
            assertEquals(lane * 4 + 4 + 1_000_000, results[512 + lane * 2], "the first group and not the second");
            assertEquals(lane * 4 + 2, results[512 + lane * 2 + 1], "two words, and zeros behind them");
        }
    }

    /** Before a copy is awaited it may have been made or not. */
    @Test
    void copiesComeEarlyOrLate() {
        int[] words = new int[WORDS];
        Arrays.fill(words, 0, 128, 1);
        int early = 0;
        int[] results = run("peek", words);
        for (int lane = 0; lane < LANES; lane++) {
            early += results[512 + lane];
        }
        assertTrue(early > 4 && early < 28, early + " of 32 were early");
    }

    @Test
    void roundsToTheNearestOfTf32() {
        float[] values = {1, 1 + 0x1p-11f, 1 + 0x1.8p-11f, -1 - 0x1p-11f, 1 + 0x1.fep-12f, 0, 3e38f, 65537};
        float[] expected = {1, 1 + 0x1p-10f, 1 + 0x1p-10f, -1 - 0x1p-10f, 1, 0, 0x1.c38p127f, 65536};
        int[] words = new int[WORDS];
        for (int i = 0; i < values.length; i++) {
            words[i] = Float.floatToRawIntBits(values[i]);
        }
        int[] results = run("round_words", words);
        for (int i = 0; i < values.length; i++) {
            assertEquals(expected[i], Float.intBitsToFloat(results[i]), "of " + values[i]);
        }
    }
}
