package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/**
 * Launches kernels. Parameters are written into one block of memory that is allocated once: first their addresses, as the
 * driver expects them, then the values.
 *
 * <pre>{@code
 * launcher.kernel(Family.ELEMENTWISE, "exp", DType.F32).tensor(x).tensor(y).i32(y.size()).forEachPack(y);
 * }</pre>
 */
final class Launcher {
    /** Threads of a block in kernels that go over elements one by one. */
    static final int THREADS = 256;

    /** Bytes that one thread moves at once: {@code Pack} of {@code common.cuh}. */
    private static final int PACK = 16;

    private static final int PARAMETERS = 64;
    private static final int VALUES = 4096;
    private static final int ALIGNMENT = 16;

    private final Kernels kernels;
    private final CudaStream stream;
    private final MemorySegment block;
    private final Pointer addresses;
    private Kernels.@Nullable Kernel kernel;
    private int count;
    private int end;
    private int shared;
    private long launches;

    Launcher(Kernels kernels, CudaStream stream) {
        this.kernels = kernels;
        this.stream = stream;
        ByteBuffer buffer = ByteBuffer.allocateDirect(PARAMETERS * Long.BYTES + VALUES + ALIGNMENT)
                .order(ByteOrder.nativeOrder());
        this.block = MemorySegment.ofBuffer(buffer);
        this.addresses = Pointer.to(buffer);
    }

    /** The stream that kernels are put into. */
    CudaStream stream() {
        return stream;
    }

    /** Begins a launch of the kernel of this function for an element type, as {@code exp_f32}; case does not matter. */
    Launcher kernel(Family family, String function, DType type) {
        return begin(kernels.get(family, function, type));
    }

    /** Begins a launch of the kernel of this name. */
    Launcher kernel(Family family, String name) {
        return begin(kernels.get(family, name));
    }

    private Launcher begin(Kernels.Kernel next) {
        kernel = next;
        count = 0;
        shared = 0;
        end = PARAMETERS * Long.BYTES;
        return this;
    }

    /** The next parameter: the address of a tensor's first element. */
    Launcher tensor(Tensor tensor) {
        return address(CudaStorage.address(tensor));
    }

    /** The next parameter: a device address. */
    Launcher address(long address) {
        return i64(address);
    }

    /** The next parameter, an int or unsigned. */
    Launcher i32(int value) {
        block.set(ValueLayout.JAVA_INT_UNALIGNED, place(Integer.BYTES), value);
        return this;
    }

    /** The next parameter, of 64 bits. */
    Launcher i64(long value) {
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, place(Long.BYTES), value);
        return this;
    }

    /** The next parameter, a float. */
    Launcher f32(float value) {
        block.set(ValueLayout.JAVA_FLOAT_UNALIGNED, place(Float.BYTES), value);
        return this;
    }

    /** The next parameter, a struct of ints. */
    Launcher struct(int... fields) {
        int at = place(fields.length * Integer.BYTES);
        MemorySegment.copy(fields, 0, block, ValueLayout.JAVA_INT_UNALIGNED, at, fields.length);
        return this;
    }

    /** Where the value of the next parameter goes. */
    private int place(int bytes) {
        int at = end;
        block.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, count++, block.address() + at);
        end += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return at;
    }

    /** Bytes of dynamic shared memory; more than every kernel may have is asked for. */
    Launcher shared(int bytes) {
        if (kernel != null) {
            kernel.grant(bytes);
        }
        shared = bytes;
        return this;
    }

    /** Launches enough threads for the elements of a tensor, one pack for each. */
    void forEachPack(Tensor y) {
        forEach(y.size(), PACK / y.dtype().bytes());
    }

    /** Elements of a pack that never straddles indices of the last axis: 1 where its extent is no multiple of a pack. */
    static int packWithin(Tensor x) {
        int pack = PACK / x.dtype().bytes();
        return x.shape().last() % pack == 0 ? pack : 1;
    }

    /** Launches enough blocks of {@link #THREADS} for {@code n} elements, some of them in each thread; none for 0. */
    void forEach(int n, int perThread) {
        if (n > 0) {
            grid((int) ceilDiv(n, (long) THREADS * perThread), 1, 1, THREADS, 1);
        }
    }

    /** Launches a grid of {@code (gx, gy, gz)} blocks of {@code (bx, by)} threads. */
    void grid(int gx, int gy, int gz, int bx, int by) {
        if (kernel == null) {
            throw new IllegalStateException("no kernel was named");
        }
        int status = JCudaDriver.cuLaunchKernel(
                kernel.function(), gx, gy, gz, bx, by, 1, shared, stream.handle(), addresses, null);
        if (status != 0) {
            check(
                    status,
                    "launch of %s, grid (%d, %d, %d), block (%d, %d), %d bytes shared"
                            .formatted(kernel.name(), gx, gy, gz, bx, by, shared));
        }
        launches++;
    }

    /** How often kernels were launched. */
    long launches() {
        return launches;
    }

    /** How many parts of that size cover {@code n}. */
    static long ceilDiv(long n, long part) {
        return (n + part - 1) / part;
    }
}
